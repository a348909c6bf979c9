package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func rightsRequests() *cobra.Command {
	cmd := &cobra.Command{Use: "rights", Short: "What people ask of whoever answers for their data"}
	cmd.AddCommand(rightsDue())
	return cmd
}

func rightsDue() *cobra.Command {
	var file, data string
	cmd := &cobra.Command{
		Use: "due", Short: "List the requests that wait for an answer, the overdue first", Args: cobra.NoArgs,
		Long: "List the requests of people that wait for an answer (access, rectification, erasure, objection), the overdue first:\n" +
			"by when, the reference, the service, the establishment and the function that answers. Nothing that anybody wrote and\n" +
			"nobody's name is printed. It is a reminder; answers are given at the desk.",
		Example: "  gateway rights due --config gateway.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			return app.RightsDue(cmd.Context(), config, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	return cmd
}
