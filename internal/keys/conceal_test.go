package keys_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

const spoken = "correct horse battery staple, thrice over"

// holder is somebody else's struct, whose unexported fields fmt walks into
// without calling any method.
type holder struct {
	ring   *keys.Ring
	key    keys.SigningKey
	master keys.Master
	config keys.Config
	shown  keys.Config
}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	master, err := keys.NewMaster([]byte(spoken))
	if err != nil {
		t.Fatal(err)
	}
	conf := config(t, new(keystest.Store))
	conf.Master = master
	ring, err := keys.Open(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	key := ring.Signer(keys.UseSAML)
	h := holder{ring: ring, key: key, master: master, config: conf, shown: conf}
	for _, v := range []any{master, &master, ring, *ring, key, &key, conf, h, &h, []keys.SigningKey{key}} {
		for name, text := range printings(t, v) {
			if leak := leaked(text); leak != "" {
				t.Errorf("%T printed with %s shows %s: %.200s", v, name, leak, text)
			}
		}
	}
	for _, v := range []any{master, ring, key} {
		for name, text := range printings(t, v) {
			if !strings.Contains(text, "[concealed]") {
				t.Errorf("%T printed with %s is %q, want the fixed word", v, name, text)
			}
		}
	}
}

// printings is v in every way that a careless line may print it.
func printings(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%c"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("m", "v", v)
	out["slog text"], out["slog json"] = text.String(), structured.String()
	if _, ok := v.(json.Marshaler); ok {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out["json"] = string(b)
	}
	return out
}

func leaked(text string) string {
	raw := []byte(spoken)
	dec := strings.Trim(fmt.Sprint(raw[:12]), "[]")
	for what, s := range map[string]string{
		"the master secret": spoken[:12], "its hex": hex.EncodeToString(raw[:12]),
		"its HEX": strings.ToUpper(hex.EncodeToString(raw[:12])), "its base64": base64.StdEncoding.EncodeToString(raw[:12]),
		"its bytes": dec, "primes": "Primes",
	} {
		if strings.Contains(text, s) {
			return what
		}
	}
	if exponent.MatchString(text) {
		return "a private exponent"
	}
	return ""
}

// exponent is that of an RSA key as fmt prints its field. Two letters alone would be found in one certificate of many.
var exponent = regexp.MustCompile(`[ {]D:(\(\*big|0x|\+?\d{9})`)

func TestAKeyThatIsPrintedIsFound(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%+v", "%#v"} {
		if leak := exponent.FindString(fmt.Sprintf(verb, *key)); leak == "" {
			t.Errorf("%s of a bare key is not noticed", verb)
		}
	}
}

// In a field that nobody exports fmt calls no method and prints what it reaches:
// by value always, through one pointer or interface when the verb does not fit
// (%s of a pointer). Functions it prints as an address. A Ring is itself only
// ever held by pointer, which uses that one step up.
func TestSecretBearingTypesKeepNoBytesInReach(t *testing.T) {
	t.Parallel()
	for _, v := range []any{keys.Master{}, keys.Ring{}, keys.SigningKey{}} {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.IsExported() {
				t.Errorf("%s.%s is exported", typ, f.Name)
			}
			switch f.Type.Kind() {
			case reflect.Func, reflect.String:
			case reflect.Pointer, reflect.Interface:
				if typ != reflect.TypeFor[keys.Ring]() {
					t.Errorf("%s.%s is one step away from fmt", typ, f.Name)
				}
			case reflect.Slice, reflect.Array:
				if f.Name != "certificate" && f.Type.Elem() != reflect.TypeFor[keys.SigningKey]() {
					t.Errorf("%s.%s holds its elements in reach of fmt", typ, f.Name)
				}
			case reflect.Struct:
				if f.Type.NumField() > 0 {
					t.Errorf("%s.%s is a struct by value", typ, f.Name)
				}
			default:
				t.Errorf("%s.%s is a %s", typ, f.Name, f.Type.Kind())
			}
		}
	}
}
