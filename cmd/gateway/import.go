package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func importing() *cobra.Command {
	cmd := &cobra.Command{Use: "import", Short: "Read lists of the ministry into the registry"}
	cmd.AddCommand(importSchools())
	return cmd
}

func importSchools() *cobra.Command {
	var file, data string
	var o app.ImportOptions
	cmd := &cobra.Command{
		Use: "schools LIST.csv", Short: "Read the annuaire de l'éducation: plan, then write all or nothing", Args: cobra.ExactArgs(1),
		Example: "  gateway import schools fr-en-annuaire-education.csv --academy orleans-tours --dry-run\n" +
			"  gateway import schools fr-en-annuaire-education.csv --academy orleans-tours --report report.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			o.File = args[0]
			return app.ImportSchools(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.How.Only.Academy, "academy", "", "only the schools of this academy (orleans-tours)")
	f.StringVar(&o.How.Only.Department, "department", "", "only the schools of this department (028)")
	f.BoolVar(&o.DryRun, "dry-run", false, "tell what would change and leave the registry as it is")
	f.BoolVar(&o.How.SkipBad, "skip-bad", false, "leave bad rows out; without it one bad row keeps the whole list back")
	f.BoolVar(&o.How.Close, "close-missing", false, "close, as of today, the schools that the list no longer has")
	f.BoolVar(&o.How.CloseMany, "close-many", false, "close them even if they are more than 5 % of those registered")
	f.StringVar(&o.Report, "report", "", "a file for the report, row by row, as CSV")
	return cmd
}

// configOrData is the configuration of a command that works on a real installation or on a demo's folder.
func configOrData(file, data string, environ []string) (app.Config, error) {
	if data != "" {
		return app.DataConfig(data)
	}
	return app.LoadConfig(file, environ)
}
