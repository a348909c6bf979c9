package keys

import (
	"fmt"
	"io"
	"log/slog"
)

// concealed is what every secret-bearing type prints, whoever prints it.
const concealed = "[concealed]"

// conceal is embedded by value in types that hold secrets. Format catches every
// verb of fmt, also %d, %x and %#v, which a String method alone would let through.
type conceal struct{}

// Format writes a fixed word, whatever the verb.
func (conceal) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, concealed) }

// String returns a fixed word.
func (conceal) String() string { return concealed }

// LogValue returns a fixed word.
func (conceal) LogValue() slog.Value { return slog.StringValue(concealed) }

// MarshalText returns a fixed word; encoding/json uses it too.
func (conceal) MarshalText() ([]byte, error) { return []byte(concealed), nil }

// MarshalJSON returns a fixed word.
func (conceal) MarshalJSON() ([]byte, error) { return []byte(`"` + concealed + `"`), nil }
