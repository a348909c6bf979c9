package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
	"ecluse/internal/registry/manifest"
)

func export() *cobra.Command {
	var file string
	var o app.ExportOptions
	cmd := &cobra.Command{
		Use: "export", Short: "Write what is registered as files that apply reads back unchanged",
		Long: `Write what is registered as files. Applied to the same registry they change nothing; applied to another one,
declarations are left submitted there and enablings need their paper, because no file approves. What came from a file
goes into a file of that name. Nothing is overwritten.

Exit code: 0 when everything is written, 1 when there is a mistake.`,
		Example: "  gateway export --config gateway.yaml -o ./registry\n  gateway export --config gateway.yaml --kind Service", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err != nil {
				return err
			}
			return app.Export(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVarP(&o.Dir, "output", "o", "-", "the folder to write into, or - for one stream")
	f.StringSliceVar(&o.Kinds, "kind", nil, "only these kinds: "+strings.Join(manifest.Kinds(), ", "))
	f.BoolVar(&o.Managed, "managed", false, "only what files manage")
	return cmd
}
