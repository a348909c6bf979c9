package app

import (
	"context"
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"ecluse/internal/admin/numbers"
	"ecluse/internal/admin/rules"
	"ecluse/internal/keys"
)

// mountRules adds the pages of opaque numbers, rules, charters, keys and settings.
func (g *gateway) mountRules() {
	numbers.Mount(g.mux, g.frame)
	rules.Mount(g.mux, g.frame, rules.Config{
		Keys:     func(context.Context) ([]keys.Key, error) { return g.ring.Keys(), nil },
		Settings: func() []rules.Setting { return settingsOf(g.config, DefaultConfig()) },
	})
}

// settingsOf lists what a configuration says, key by key, beside what holds where it says nothing. A secret stands there as
// it prints: as three stars.
func settingsOf(c, without Config) []rules.Setting {
	var out []rules.Setting
	flatten(reflect.ValueOf(c), reflect.ValueOf(without), "", &out)
	return out
}

func flatten(value, without reflect.Value, at string, out *[]rules.Setting) {
	for i := range value.NumField() {
		field := value.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "" || name == "-" || !field.IsExported() {
			continue
		}
		is, was := value.Field(i), without.Field(i)
		if _, text := is.Interface().(encoding.TextMarshaler); field.Type.Kind() == reflect.Struct && !text {
			flatten(is, was, at+name+".", out)
			continue
		}
		*out = append(*out, rules.Setting{Key: at + name, Value: settingText(is), Custom: !reflect.DeepEqual(is.Interface(), was.Interface())})
	}
}

// settingText is a value in words: of a list of words the words, of any other list how many it holds.
func settingText(v reflect.Value) string {
	if d, span := v.Interface().(time.Duration); span {
		return d.String()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		if words, ok := v.Interface().([]string); ok {
			return strings.Join(words, ", ")
		}
		if v.Len() == 0 {
			return ""
		}
		return fmt.Sprint(v.Len())
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return settingText(v.Elem())
	default:
		return fmt.Sprint(v.Interface())
	}
}
