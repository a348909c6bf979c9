package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func people() *cobra.Command {
	cmd := &cobra.Command{Use: "people", Short: "Which identifiers mean one person"}
	cmd.AddCommand(joinPeople())
	return cmd
}

func joinPeople() *cobra.Command {
	var file, data string
	var o app.PeopleOptions
	cmd := &cobra.Command{
		Use: "join LIST.csv", Short: "Say which identifiers mean one person: plan, then write all or nothing", Args: cobra.ExactArgs(1),
		Long: "Say which identifiers mean one person (former_authority;former_id;authority;id), where no sign-in can: when a source\n" +
			"changes its identifiers or its authority, when pilot accounts give way to an ENT, when a key is in doubt. Identifiers\n" +
			"are written as the source's mapping makes them. No number that a service has changes. It is for good: look at it with\n" +
			"--dry-run first. Nothing that is printed or kept in the journal repeats an identifier.",
		Example: "  gateway people join list.csv --dry-run --report report.csv\n" +
			"  gateway people join list.csv --reason \"new identifiers of ENT A, ticket 4711\" --by \"DSI de l'académie\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			o.File = args[0]
			return app.JoinPeople(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.Reason, "reason", "", "why, for the journal, without naming any of the people")
	f.StringVar(&o.By, "by", "", "the function of whoever does it, for the journal")
	f.BoolVar(&o.DryRun, "dry-run", false, "tell what would change and leave the key book as it is")
	f.BoolVar(&o.SkipBad, "skip-bad", false, "leave out the people of whom a line is refused; without it one refusal keeps the whole list back")
	f.StringVar(&o.Report, "report", "", "a file for the report, line by line, as CSV")
	return cmd
}
