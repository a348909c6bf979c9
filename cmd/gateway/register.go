package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
	"ecluse/internal/person"
)

func register() *cobra.Command {
	cmd := &cobra.Command{Use: "register", Short: "The register of processing activities (RGPD art. 30)"}
	cmd.AddCommand(exportRegister())
	return cmd
}

func exportRegister() *cobra.Command {
	var file, data, uai, format string
	var o app.RegisterOptions
	cmd := &cobra.Command{
		Use: "export", Short: "Print the register of a school, a department or an academy", Args: cobra.NoArgs,
		Example: "  gateway register export --uai 0280202T > register.csv\n  gateway register export --academy exemple --format html > register.html",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			if format != "csv" && format != "html" {
				return fmt.Errorf("--format %q: csv or html", format)
			}
			if uai != "" {
				if o.Of.UAI, err = person.ParseUAI(uai); err != nil {
					return fmt.Errorf("--uai: %w", err)
				}
			}
			o.HTML = format == "html"
			return app.ExportRegister(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&uai, "uai", "", "of one school")
	f.StringVar(&o.Of.Department, "department", "", "of a department (028)")
	f.StringVar(&o.Of.Academy, "academy", "", "of an academy")
	f.StringVar(&format, "format", "csv", "csv, or html for a page to print")
	cmd.MarkFlagsOneRequired("uai", "department", "academy")
	cmd.MarkFlagsMutuallyExclusive("uai", "department", "academy")
	return cmd
}
