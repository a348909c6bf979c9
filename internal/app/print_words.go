package app

import (
	"fmt"
	"io"

	"ecluse/internal/attrs/dictionary"
)

// PrintDictionary prints the words of an installation, or those that come with the program when no configuration is
// given: table, json or markdown.
func PrintDictionary(configFile, format string, environ []string, out io.Writer) error {
	words, err := dictionary.Shipped()
	if err == nil && configFile != "" {
		var c Config
		if c, err = LoadConfig(configFile, environ); err == nil {
			words, err = c.words()
		}
	}
	if err != nil {
		return err
	}
	switch format {
	case "table":
		return words.Table(out)
	case "json":
		return words.JSON(out)
	case "markdown":
		return words.Markdown(out)
	default:
		return fmt.Errorf("--output %q: table, json or markdown", format)
	}
}
