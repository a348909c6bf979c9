package web

import (
	"errors"
	"fmt"
	"html/template"
	"maps"
	"reflect"
	"slices"
	"text/template/parse"
)

// commands are those of each template of a set, by the template's name.
type commands map[string][]*parse.CommandNode

func commandsOf(set *template.Template) commands {
	all := commands{}
	for _, tmpl := range set.Templates() {
		all.add(tmpl)
	}
	return all
}

func (c commands) add(tmpl *template.Template) {
	if tmpl.Tree == nil || tmpl.Tree.Root == nil {
		return
	}
	walkCommands(reflect.ValueOf(tmpl.Tree.Root), func(command *parse.CommandNode) {
		c[tmpl.Name()] = append(c[tmpl.Name()], command)
	})
}

// checkKeys finds every text that the templates of a page ask for by a literal key, and refuses keys and argument
// names that the French texts do not know. A key that is computed can only be checked when it is used. What the kit's own
// templates ask for is known, since they are the same on every page.
func (k *Kit) checkKeys(p *page, base frame) error {
	var errs []error
	for _, all := range []commands{base.commands, commandsOf(p.own)} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			for _, command := range all[name] {
				if err := k.checkCommand(p.contribution, command); err != nil {
					errs = append(errs, fmt.Errorf("template %s: %w", name, err))
				}
			}
		}
	}
	return errors.Join(errs...)
}

func (k *Kit) checkCommand(contribution string, command *parse.CommandNode) error {
	function, ok := command.Args[0].(*parse.IdentifierNode)
	if !ok || (function.Ident != "t" && function.Ident != "tn") || len(command.Args) < 2 {
		return nil
	}
	key, ok := command.Args[1].(*parse.StringNode)
	if !ok {
		return nil
	}
	found, ok := k.texts.find(French, contribution, key.Text)
	if !ok {
		return fmt.Errorf("text %s/%s: %w", contribution, key.Text, errNoText)
	}
	given, counted := command.Args[2:], function.Ident == "tn"
	if counted {
		given = given[min(1, len(given)):]
	}
	return checkArguments(contribution+"/"+key.Text, found.names(), given, counted)
}

// checkArguments compares the literal argument names of one call with those of the text.
func checkArguments(key string, wanted []string, given []parse.Node, counted bool) error {
	if len(given)%2 != 0 {
		return fmt.Errorf("text %s: names and values are not in pairs: %w", key, errArguments)
	}
	var names []string
	for i := 0; i < len(given); i += 2 {
		name, ok := given[i].(*parse.StringNode)
		if !ok {
			return nil
		}
		if !slices.Contains(wanted, name.Text) {
			return fmt.Errorf("text %s: no {%s} in it: %w", key, name.Text, errArguments)
		}
		names = append(names, name.Text)
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) && !(counted && name == "n") {
			return fmt.Errorf("text %s: {%s} is not given: %w", key, name, errArguments)
		}
	}
	return nil
}

// walkCommands visits every command of a template. The nodes are many kinds with the same few exported fields, so
// that reflection is shorter and safer here than a list of kinds that the library may extend.
func walkCommands(v reflect.Value, visit func(*parse.CommandNode)) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if command, ok := v.Interface().(*parse.CommandNode); ok {
			visit(command)
		}
		walkCommands(v.Elem(), visit)
	case reflect.Slice:
		for i := range v.Len() {
			walkCommands(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanInterface() { // it is exported
				walkCommands(field, visit)
			}
		}
	}
}
