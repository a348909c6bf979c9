package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func dictionary() *cobra.Command {
	var file, output string
	cmd := &cobra.Command{
		Use: "dictionary", Short: "List the words for what may leave, and what each is called in every protocol", Args: cobra.NoArgs,
		Example: "  gateway dictionary\n  gateway dictionary --config gateway.yaml -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.PrintDictionary(file, output, os.Environ(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "a configuration, for the words that it adds (default: the program's own words)")
	cmd.Flags().StringVarP(&output, "output", "o", "table", "table, json or markdown")
	return cmd
}
