package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func importing() *cobra.Command {
	cmd := &cobra.Command{Use: "import", Short: "Read lists of schools and of their classes into the registry"}
	cmd.AddCommand(importSchools(), importClasses())
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

func importClasses() *cobra.Command {
	var file, data, on string
	var o app.ClassesOptions
	cmd := &cobra.Command{
		Use: "classes LIST.csv", Short: "Read how many pupils are in each class and group: plan, then write all or nothing", Args: cobra.ExactArgs(1),
		Long: "Read how many pupils are in each class and group (uai;type;libellé;effectif): plan, then write all or nothing.\n\n" +
			"An establishment of the list is replaced whole, the others stay as they are. A headcount holds for one year from its day.",
		Example: "  gateway import classes effectifs.csv --dry-run\n  gateway import classes effectifs.csv --on 2026-09-15 --report report.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			o.File = args[0]
			if err := o.How.On.UnmarshalText([]byte(on)); err != nil {
				return fmt.Errorf("--on: %w", err)
			}
			return app.ImportClasses(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&on, "on", "", "the day on which it was counted (yyyy-mm-dd); today when it is not said")
	f.BoolVar(&o.DryRun, "dry-run", false, "tell what would change and leave the registry as it is")
	f.BoolVar(&o.How.SkipBad, "skip-bad", false, "leave out establishments with a bad row; without it one bad row keeps the whole list back")
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
