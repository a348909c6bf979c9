package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// A voice is what somebody recorded to be heard on one page, in one wording and one language. Its file is called after
// them, as in "login.inform.enfant.fr.mp3" for the page login/inform. Nothing is read by a machine and nothing comes from
// elsewhere: the files are read when the gateway starts, and served by it.
type voice struct {
	Address string
	kind    string
	body    []byte
}

// voices are found by page, wording and language, and served by name.
type voices struct {
	byPage map[string]voice
	byName map[string]voice
}

const (
	voicePath   = "/voix/"
	voiceLimit  = 2 << 20  // of one file: two minutes of speech need less
	voicesLimit = 64 << 20 // of all together: they are held in memory
)

// voiceKinds are the endings that a recording may have, with the media type of each.
func voiceKinds() map[string]string {
	return map[string]string{".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav", ".m4a": "audio/mp4"}
}

// of finds the voice of a page; the zero voice where there is none.
func (v voices) of(page string, wording Audience, lang Lang) voice {
	return v.byPage[voiceKey(page, wording, lang)]
}

func voiceKey(page string, wording Audience, lang Lang) string {
	return strings.Join([]string{strings.ReplaceAll(page, "/", "."), string(wording), string(lang)}, ".")
}

// loadVoices reads a folder of recordings and tells every mistake of it at once.
func (k *Kit) loadVoices(folder fs.FS) (voices, error) {
	out := voices{byPage: map[string]voice{}, byName: map[string]voice{}}
	if folder == nil {
		return out, nil
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return out, err
	}
	wanted, total := k.voiceNames(), 0
	var errs []error
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue // what file systems and volumes leave behind
		}
		key := strings.TrimSuffix(name, path.Ext(name))
		read, err := readVoice(folder, name, wanted)
		if _, twice := out.byPage[key]; err == nil && twice {
			err = errors.New("there is another recording of this page; leave one")
		}
		if total += len(read.body); err == nil && total > voicesLimit {
			err = fmt.Errorf("all recordings together are larger than %d MiB; record with fewer bits a second", voicesLimit>>20)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		out.byPage[key], out.byName[strings.TrimPrefix(read.Address, voicePath)] = read, read
	}
	return out, errors.Join(errs...)
}

// voiceNames are what recordings may be called, without their ending.
func (k *Kit) voiceNames() map[string]bool {
	out := map[string]bool{}
	for page := range maps.Keys(k.pages) {
		for _, lang := range languages() {
			for _, wording := range []Audience{Child, Teen, Adult} {
				out[voiceKey(page, wording, lang)] = true
			}
		}
	}
	return out
}

func readVoice(folder fs.FS, name string, wanted map[string]bool) (voice, error) {
	ending := path.Ext(name)
	kind, known := voiceKinds()[ending]
	if !known {
		return voice{}, fmt.Errorf("%q is no ending of a recording; it is one of %s", ending, strings.Join(slices.Sorted(maps.Keys(voiceKinds())), ", "))
	}
	key := strings.TrimSuffix(name, ending)
	if !wanted[key] {
		return voice{}, errors.New("no page is called so; a name is page, wording and language, as in login.inform.enfant.fr" + ending)
	}
	file, err := folder.Open(name)
	if err != nil {
		return voice{}, err
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, voiceLimit+1))
	switch {
	case err != nil:
		return voice{}, err
	case len(body) > voiceLimit:
		return voice{}, fmt.Errorf("it is larger than %d MiB; record with fewer bits a second, or say less", voiceLimit>>20)
	case soundOf(body) != kind:
		return voice{}, fmt.Errorf("its content is not what %s says; convert it, or give it the ending of what it is", ending)
	}
	sum := sha256.Sum256(body)
	return voice{Address: voicePath + key + "-" + hex.EncodeToString(sum[:8]) + ending, kind: kind, body: body}, nil
}

// soundOf tells a recording by how it begins; empty for what is none.
func soundOf(body []byte) string {
	has := func(at int, text string) bool {
		return len(body) > at+len(text) && string(body[at:at+len(text)]) == text
	}
	switch {
	case has(0, "OggS"):
		return "audio/ogg"
	case has(0, "RIFF") && has(8, "WAVE"):
		return "audio/wav"
	case has(4, "ftyp"):
		return "audio/mp4"
	case has(0, "ID3"), len(body) > 2 && body[0] == 0xff && body[1]&0xe6 == 0xe2: // a tag, or the first frame of layer III
		return "audio/mpeg"
	default:
		return ""
	}
}

// serveVoice sends a recording, or the part of it that a browser asks for.
func (k *Kit) serveVoice(w http.ResponseWriter, r *http.Request) error {
	found, ok := k.voices.byName[r.PathValue("name")]
	if !ok {
		return NotFound(nil)
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", found.kind)
	h.Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'") // browsers play it by itself too, beside our icon
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(found.body))
	return nil
}
