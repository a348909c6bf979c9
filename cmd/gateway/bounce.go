package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func bounce() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "bounce", Short: "Note that a mail came back, from a report on standard input", Args: cobra.NoArgs,
		Long: "Read one delivery status report (RFC 3464) from standard input and note at the desk that the mail came back. The mail\n" +
			"server that receives the mailbox mail.bounces pipes each message into this command. Whatever is no such report, or\n" +
			"is about no mail of this gateway's, is left alone and is no error.",
		Example: "  gateway bounce --config gateway.yaml < report.eml\n" +
			"  in /etc/aliases:  retours-ecluse: \"|/usr/bin/gateway bounce --config /etc/ecluse/gateway.yaml\"",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err != nil {
				return err
			}
			return app.Bounce(cmd.Context(), config, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	return cmd
}
