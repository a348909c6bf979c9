package frame

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"

	"ecluse/internal/web"
)

// mostSmall bounds the fields that come with a file.
const mostSmall = 64 << 10

// File is the name of the file's field in a form that carries one.
const File = "fichier"

// Upload reads a form with one file, whose field is called File, and keeps nothing of it on disk. The file is read as far
// as most, and one byte more, so that whoever takes it can say that it is too large. called is what its owner calls it.
func Upload(r *http.Request, most int64) (form Form, called string, file []byte, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return Form{}, "", nil, web.BadRequest(errors.New("form: the body is no form with files"))
	}
	form = Form{url.Values{}}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, called, file, nil
		}
		if err != nil {
			return Form{}, "", nil, tooLarge(err)
		}
		if err := took(part, most, form.Values, &called, &file); err != nil {
			return Form{}, "", nil, tooLarge(err)
		}
	}
}

func took(part *multipart.Part, most int64, form url.Values, called *string, file *[]byte) error {
	limit := int64(mostSmall)
	if part.FormName() == File {
		limit = most + 1
	}
	body, err := io.ReadAll(io.LimitReader(part, limit))
	switch {
	case err != nil:
		return err
	case part.FormName() == File:
		*called, *file = part.FileName(), body
	default:
		form.Add(part.FormName(), string(body))
	}
	return nil
}

func tooLarge(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return web.TooLarge(fmt.Errorf("form: %w", err))
	}
	return web.BadRequest(errors.New("form: the body cannot be read"))
}
