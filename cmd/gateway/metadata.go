package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func metadata() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "metadata", Short: "How the metadata of federations stands that this gateway keeps", Args: cobra.NoArgs,
		Long: "Print each source of metadata: how many entities it gives, when it was last confirmed, until when it is good, why the\n" +
			"last attempt failed, which entities are left out and why, and which changes a person should look at.\n" +
			"Nobody outside is asked and nothing is written.",
		Example: "  gateway metadata --config gateway.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err != nil {
				return err
			}
			return app.MetadataStatus(config, cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &file)
	cmd.AddCommand(metadataShow())
	return cmd
}

func metadataShow() *cobra.Command {
	var file, from string
	cmd := &cobra.Command{
		Use: "show ENTITYID", Short: "What a reviewer needs to know of one entity", Args: cobra.ExactArgs(1),
		Example: "  gateway metadata show https://sp.example.org/shibboleth --config gateway.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err != nil {
				return err
			}
			return app.MetadataShow(config, from, args[0], cmd.OutOrStdout())
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&from, "from", "", "the source to look into; every one by default")
	return cmd
}
