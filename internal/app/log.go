package app

import (
	"fmt"
	"io"
	"log/slog"
)

// newLogger makes the log. Personal data and secrets have types that show nothing; there is nothing to filter here.
func newLogger(c Log, out io.Writer) (*slog.Logger, error) {
	level, err := logLevel(c.Level)
	if err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(out, options)), nil
	}
	return slog.New(slog.NewJSONHandler(out, options)), nil
}

func logLevel(word string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(word)); err != nil {
		return 0, fmt.Errorf("log level %q: %w", word, err)
	}
	return level, nil
}
