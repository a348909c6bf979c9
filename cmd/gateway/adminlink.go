package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func adminLink() *cobra.Command {
	var file, data string
	var o app.AdminLinkOptions
	cmd := &cobra.Command{
		Use: "admin-link", Short: "Appoint somebody for the first day or a bad day, with a one-time word to claim it", Args: cobra.NoArgs,
		Example: "  gateway admin-link --role dpo --over academy=exemple --reason \"first officer\" --until 2027-08-31",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			return app.AdminLink(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.Role, "role", "", "the role: admin, dpo, oncall, support, auditor…; none that approves")
	f.StringArrayVar(&o.Over, "over", nil, "what it is held over, as academy=exemple, department=028, uai=0280202T, service=lire; may be given several times")
	f.StringVar(&o.Reason, "reason", "", "why, for every auditor to read")
	f.StringVar(&o.Act, "act", "", "the act under which it is held, where there is one")
	f.StringVar(&o.Until, "until", "", "the last day, yyyy-mm-dd; a year away at most")
	for _, name := range []string{"role", "over", "reason", "until"} {
		_ = cmd.MarkFlagRequired(name) // the flags were declared just above
	}
	return cmd
}
