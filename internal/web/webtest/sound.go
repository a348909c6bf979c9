package webtest

import (
	"bytes"
	"encoding/binary"
	"time"
)

// Sound is a recording that lasts d: eight bits, one channel, 8000 samples a second (RIFF WAVE).
func Sound(d time.Duration) []byte {
	samples := int(d / (time.Second / 8000))
	var out bytes.Buffer
	out.WriteString("RIFF")
	_ = binary.Write(&out, binary.LittleEndian, uint32(36+samples))
	out.WriteString("WAVEfmt ")
	for _, field := range []any{uint32(16), uint16(1), uint16(1), uint32(8000), uint32(8000), uint16(1), uint16(8)} {
		_ = binary.Write(&out, binary.LittleEndian, field)
	}
	out.WriteString("data")
	_ = binary.Write(&out, binary.LittleEndian, uint32(samples))
	for i := range samples {
		out.WriteByte(byte(128 + 60*(i/10%2)))
	}
	return out.Bytes()
}
