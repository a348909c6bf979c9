package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func clientSecret() *cobra.Command {
	var file, data string
	var sealed bool
	cmd := &cobra.Command{
		Use: "client-secret CLIENT", Short: "Draw a secret for an OpenID Connect client, and print what to register of it", Args: cobra.ExactArgs(1),
		Example: "  gateway client-secret lire",
		RunE: func(cmd *cobra.Command, args []string) error {
			var config app.Config
			if sealed {
				var err error
				if config, err = configOrData(file, data, os.Environ()); err != nil {
					return err
				}
			}
			return app.ClientSecret(cmd.Context(), config, args[0], sealed, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	cmd.Flags().BoolVar(&sealed, "sealed", false, "for client_secret_jwt: the secret itself, sealed by the gateway's keys")
	return cmd
}
