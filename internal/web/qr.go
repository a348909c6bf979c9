package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the empty border that a reader needs, in modules (ISO/IEC 18004, 9.1).
const quiet = 4

// QR draws the dark modules of a QR code as one path, each run of a row a rectangle, for a square of size, its empty border
// included.
func QR(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", 0, fmt.Errorf("QR code: %w", err)
	}
	var out strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
			}
			x += max(run, 1)
		}
	}
	return out.String(), code.Size + 2*quiet, nil
}
