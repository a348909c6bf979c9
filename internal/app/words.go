package app

import (
	"fmt"
	"os"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/strictyaml"
)

// words is the dictionary: the program's, and over it the words of dictionary_file. The error holds every mistake of that
// file, as strictyaml.Problems.
func (c Config) words() (*dictionary.Dictionary, error) {
	shipped, err := dictionary.Shipped()
	if err != nil || c.DictionaryFile == "" {
		return shipped, err
	}
	data, err := os.ReadFile(c.path(c.DictionaryFile))
	if err != nil {
		return nil, fmt.Errorf("dictionary_file: %w", err)
	}
	words, problems := shipped.With(c.path(c.DictionaryFile), data)
	return words, problems.Or()
}

// withDictionary takes the dictionary that lies in a demo's folder, where there is one.
func (c Config) withDictionary() Config {
	const name = "dictionary.yaml"
	if _, err := os.Stat(c.path(name)); err == nil {
		c.DictionaryFile = name
	}
	return c
}

// wordProblems are the mistakes of dictionary_file, each with its line where it has one.
func (c Config) wordProblems(file string) strictyaml.Problems {
	_, err := c.words()
	switch found := err.(type) {
	case nil:
		return nil
	case strictyaml.Problems:
		return found
	default:
		return strictyaml.Problems{{File: file, Path: "dictionary_file", What: err.Error()}}
	}
}

// checkedWords is the dictionary by which files are checked: that of the configuration where one is given and whole, and
// the program's otherwise, because the mistakes of the configuration are told already.
func checkedWords(configFile string, environ []string) (*dictionary.Dictionary, error) {
	if configFile != "" {
		if c, err := LoadConfig(configFile, environ); err == nil {
			if words, err := c.words(); err == nil {
				return words, nil
			}
		}
	}
	return dictionary.Shipped()
}
