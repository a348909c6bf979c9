package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

// filesFlags are the flags of the commands that read a folder of files.
func filesFlags(cmd *cobra.Command, o *app.ApplyOptions) {
	cmd.Flags().StringVarP(&o.Dir, "files", "f", "", "the folder of files")
	cmd.Flags().BoolVar(&o.TakeOver, "take-over", false, "let files manage objects that the console manages")
	_ = cmd.MarkFlagRequired("files") // the flag was declared in the line before the last
}

func apply() *cobra.Command {
	var file string
	var o app.ApplyOptions
	cmd := &cobra.Command{
		Use: "apply", Short: "Register services, declarations, establishments and more from files; a file never approves",
		Long: `Print what the files would change, object by object, and then change it: all or nothing.

A second time changes and writes nothing. Declarations are left submitted, and what files say was signed on paper waits
for its controller to confirm it. Files may refuse and suspend; they never lift that. What an object's file no longer
holds stays registered. What files manage is read-only in the console.

Exit code: 0 when the registry says what the files say, 1 when there is a mistake, which leaves it as it was.`,
		Example: "  gateway apply --config gateway.yaml -f ./declarations --dry-run", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err != nil {
				return err
			}
			return app.Apply(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	filesFlags(cmd, &o)
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "tell what would change and leave the registry as it is")
	return cmd
}

func diff() *cobra.Command {
	var file string
	var o app.ApplyOptions
	cmd := &cobra.Command{
		Use: "diff", Short: "Tell what apply would change, and write nothing",
		Long: `Print what apply would change, object by object, declarations field by field. Nothing is written.

Exit code: 0 when apply would change nothing, 1 when it would change something, 2 when there is a mistake.`,
		Example: "  gateway diff --config gateway.yaml -f ./declarations", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err == nil {
				err = app.Diff(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			switch {
			case errors.Is(err, app.ErrDiffers):
				return exitCode{1, nil}
			case err != nil:
				return exitCode{2, err}
			}
			return nil
		},
	}
	configFlag(cmd, &file)
	filesFlags(cmd, &o)
	return cmd
}
