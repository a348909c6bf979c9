package app

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/strictyaml"
)

// examine reads files and tells every mistake of every object, whoever knows about it: the noun itself, the dictionary,
// the protocol of a binding. before is what is registered already: what the files refer to may stand there.
func (b *base) examine(files fs.FS, protocols map[string]idp.Protocol, before registry.Contents) (manifest.Loaded, strictyaml.Problems) {
	l, problems := manifest.Load(files)
	rules := b.snapshot(before).Rules(b.now())
	tenants := registry.TestTenants(slices.Concat(before.Establishments, l.Establishments)...)
	add := func(kind, id string, findings []registry.Finding) {
		for _, f := range findings {
			if f.Severity == registry.Blocking && !l.Told(kind, id, f.Where) {
				problems = append(problems, l.At(kind, id, f))
			}
		}
	}
	for _, o := range l.Services {
		add("Service", o.ID, o.Check())
		add("Service", o.ID, checkBindings(o, protocols, b.words))
	}
	for _, o := range l.Declarations {
		name := fmt.Sprintf("%s v%d", o.ID, o.Version)
		add("Declaration", name, o.Check(tenants...))
		add("Declaration", name, b.words.Check(o.Items, rules))
		if !knowsService(l.Services, o.ServiceID) && !knowsService(before.Services, o.ServiceID) && !knowsService(b.shipped.Services, o.ServiceID) {
			add("Declaration", name, []registry.Finding{{Where: "service", What: fmt.Sprintf("the service %q is not registered", o.ServiceID)}})
		}
	}
	for _, o := range l.Establishments {
		add("Establishment", string(o.UAI), o.Check())
	}
	for _, o := range l.Sources {
		add("Source", o.ID, o.Check(tenants...))
		if o.Mapping != nil {
			add("Source", o.ID, b.words.CheckMapping(*o.Mapping))
		}
	}
	for _, o := range l.Delegations {
		add("Delegation", o.ID, o.Check(tenants...))
	}
	for _, o := range l.Enablings {
		add("Enabling", manifest.EnablingName(o), o.Check(tenants...))
		add("Enabling", manifest.EnablingName(o), b.known(o, l, before))
	}
	for _, o := range l.Charters {
		add("Charter", o.Name(), o.Check(tenants...))
		add("Charter", o.Name(), placed(o, slices.Concat(before.Establishments, l.Establishments)))
	}
	for _, o := range l.Models {
		add("Model", o.ID, o.Check())
		add("Model", o.ID, inDraft(b.words.Check(o.Draft.Items, rules)))
		add("Model", o.ID, checkRecipes(o, b.words))
	}
	for _, o := range l.Assessments {
		add("Tool", o.ID, o.Check())
		add("Tool", o.ID, manifest.Offered(o, l.Models, before.Models, b.shipped.Models))
	}
	return l, append(problems, handles(l, before)...)
}

// known wants registered, or in the files, what an enabling names.
func (b *base) known(e registry.Enabling, l manifest.Loaded, before registry.Contents) []registry.Finding {
	var out []registry.Finding
	if !knowsService(l.Services, e.Service) && !knowsService(before.Services, e.Service) && !knowsService(b.shipped.Services, e.Service) {
		out = append(out, registry.Finding{Where: "service", What: fmt.Sprintf("the service %q is not registered", e.Service)})
	}
	school := func(o registry.Establishment) bool { return o.UAI == e.UAI }
	if !slices.ContainsFunc(l.Establishments, school) && !slices.ContainsFunc(before.Establishments, school) {
		out = append(out, registry.Finding{Where: "uai", What: fmt.Sprintf("the establishment %q is not registered", e.UAI)})
	}
	version := func(o registry.Declaration) bool {
		return o.ID == e.Declaration && o.Version == e.Version && o.ServiceID == e.Service
	}
	if e.Declaration != "" && !slices.ContainsFunc(l.Declarations, version) && !slices.ContainsFunc(before.Declarations, version) {
		what := fmt.Sprintf("version %d of declaration %q of this service is not registered", e.Version, e.Declaration)
		out = append(out, registry.Finding{Where: "declaration", What: what})
	}
	return out
}

// placed wants an establishment that is registered, or in the files, where a charter would hold.
func placed(c registry.Charter, schools []registry.Establishment) []registry.Finding {
	if slices.ContainsFunc(schools, c.Reaches) {
		return nil
	}
	where := map[registry.Level]string{registry.ByAcademy: "academy", registry.ByDepartment: "department", registry.ByEstablishment: "uai"}[c.Level()]
	return []registry.Finding{{Where: where, What: fmt.Sprintf("no establishment of %q is registered: nobody would read it", c.Of())}}
}

// inDraft gives findings about a model's draft their place in the model.
func inDraft(findings []registry.Finding) []registry.Finding { return below("declaration.", findings) }

func knowsService(list []registry.Service, id string) bool {
	return slices.ContainsFunc(list, func(s registry.Service) bool { return s.ID == id })
}

func checkBindings(s registry.Service, protocols map[string]idp.Protocol, words *dictionary.Dictionary) []registry.Finding {
	var out []registry.Finding
	for i, binding := range s.Bindings {
		where := fmt.Sprintf("bindings[%d].", i)
		out = append(out, below(where, attrs.CheckOutputs(words, binding))...)
		protocol, known := protocols[binding.Protocol]
		if !known {
			out = append(out, registry.Finding{Where: where + "protocol", What: fmt.Sprintf("%q is not spoken", binding.Protocol), Mend: "saml, oidc or cas"})
			continue
		}
		out = append(out, below(where, protocol.CheckSettings(binding))...) // a protocol says settings.… itself, and handle
	}
	return out
}

// checkRecipes says what the dictionary knows against the recipes of a model: a binding made from one begins with it.
func checkRecipes(m registry.Model, words *dictionary.Dictionary) []registry.Finding {
	var out []registry.Finding
	for i, recipe := range m.Recipes {
		out = append(out, below(fmt.Sprintf("recipes[%d].", i), attrs.CheckOutputs(words, recipe.Binding()))...)
	}
	return out
}

// below gives findings about a part their place in the whole.
func below(where string, findings []registry.Finding) []registry.Finding {
	for i := range findings {
		findings[i].Where = where + findings[i].Where
	}
	return findings
}

// handles refuses two services under one name of a protocol: one would receive what the other was declared for.
func handles(l manifest.Loaded, before registry.Contents) strictyaml.Problems {
	var problems strictyaml.Problems
	owner := map[[2]string]string{}
	for _, s := range before.Services {
		if !knowsService(l.Services, s.ID) {
			for _, b := range s.Bindings {
				owner[[2]string{b.Protocol, b.Handle}] = s.ID
			}
		}
	}
	for _, s := range l.Services {
		for i, b := range s.Bindings {
			key := [2]string{b.Protocol, b.Handle}
			if other, taken := owner[key]; taken {
				problems = append(problems, l.At("Service", s.ID, registry.Finding{
					Where: fmt.Sprintf("bindings[%d].handle", i), What: fmt.Sprintf("%q belongs to the service %q", b.Handle, other),
				}))
			}
			owner[key] = s.ID
		}
	}
	return problems
}

// approveDemo approves what the demo may: everything that nothing blocks. It marks each decision as the demo's own, so
// that no other command takes it for a person's.
func (b *base) approveDemo(change registry.Change, before registry.Contents, protocols map[string]idp.Protocol, now time.Time) (registry.Change, []string) {
	var report []string
	view := b.with(before, change)
	for i, d := range change.Declarations {
		findings := b.found(d, view, protocols)
		open := conformity.Unanswered(findings, d)
		for _, f := range findings {
			if f.Severity == registry.Blocking || slices.Contains(open, f) {
				report = append(report, fmt.Sprintf("declaration %s v%d, %s: %s", d.ID, d.Version, f.Severity, f))
			}
		}
		if registry.Blocks(findings) {
			report = append(report, fmt.Sprintf("declaration %s v%d stays submitted", d.ID, d.Version))
			continue
		}
		d.Judged = &registry.Examination{At: now, Rules: view.Rules(now).Version, Findings: findings}
		approved, err := d.Move(registry.Decision{At: now, State: registry.Approved, Office: byDemo, Demo: true})
		if err != nil {
			report = append(report, err.Error())
			continue
		}
		change.Declarations[i] = approved
	}
	for i := range change.Sources {
		if d := change.Sources[i].Declaration; d != nil {
			d.State, d.Demo = registry.Approved, true
		}
	}
	return change, report
}

// enableDemo says in each establishment what its controller would have to say: yes to every declaration of the change
// that waits for it there. What a controller said before stays, unless it was yes to an older version.
func enableDemo(change registry.Change, before registry.Contents, now time.Time) registry.Change {
	schools := append(slices.Clone(before.Establishments), change.Establishments...)
	said := map[registry.EnablingKey]registry.EnablingState{}
	for _, e := range append(slices.Clone(before.Enablings), change.Enablings...) {
		said[registry.EnablingKey{Service: e.Service, UAI: e.UAI}] = e.State
	}
	for _, d := range change.Declarations {
		if d.State != registry.Approved || d.Scope.Alone() {
			continue
		}
		for _, school := range schools {
			key := registry.EnablingKey{Service: d.ServiceID, UAI: school.UAI}
			if state, known := said[key]; !d.Scope.Covers(school) || known && state != registry.Enabled && state != registry.ClaimedOnPaper {
				continue
			}
			said[key] = registry.Enabled
			change.Enablings = slices.DeleteFunc(change.Enablings, func(e registry.Enabling) bool { return e.Service == d.ServiceID && e.UAI == school.UAI })
			change.Enablings = append(change.Enablings, registry.Enabling{
				Service: d.ServiceID, UAI: school.UAI, State: registry.Enabled, Declaration: d.ID, Version: d.Version, Since: now,
				Decisions: []registry.Decision{{At: now, State: registry.Approved, Office: byDemo, Demo: true}},
			})
		}
	}
	return change
}

// applied writes a change with its journal entry.
func (b *base) applied(ctx context.Context, change registry.Change, actor string) (int64, error) {
	return b.store.Apply(ctx, change, audit.Entry{
		Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: actor, Detail: map[string]string{
			"services": fmt.Sprint(len(change.Services)), "declarations": fmt.Sprint(len(change.Declarations)),
			"establishments": fmt.Sprint(len(change.Establishments)), "sources": fmt.Sprint(len(change.Sources)),
			"delegations": fmt.Sprint(len(change.Delegations)), "enablings": fmt.Sprint(len(change.Enablings)),
			"charters": fmt.Sprint(len(change.Charters)), "models": fmt.Sprint(len(change.Models)), "tools": fmt.Sprint(len(change.Assessments)),
		},
	})
}
