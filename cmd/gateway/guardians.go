package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func guardians() *cobra.Command {
	cmd := &cobra.Command{Use: "guardians", Short: "Which guardians' views of their children schools closed"}
	cmd.AddCommand(
		guardianAct("close", "Close one guardian's view of one child at once", "court, source, danger or asked", app.CloseGuardian),
		guardianAct("open", "Open a view again that the establishment closed", "court, source, over or mistake", app.OpenGuardian),
		listGuardians(),
	)
	return cmd
}

func guardianAct(word, short, reasons string, do func(context.Context, app.Config, app.GuardiansOptions, io.Writer, io.Writer) error) *cobra.Command {
	var file, data string
	var o app.GuardiansOptions
	cmd := &cobra.Command{
		Use: word, Short: short, Args: cobra.NoArgs,
		Long: short + ", and with it agreements and requests for that child. Both are named by the identifiers that\n" +
			"the source's mapping makes, never by name; what is kept and journaled tells no longer who they are.",
		Example: "  gateway guardians " + word + " --uai 0280101H --source ent --guardian 'AC-EXEMPLE$2001' --child 'AC-EXEMPLE$1001' \\\n" +
			"    --reason court --by \"directeur d'école\"",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			return do(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.UAI, "uai", "", "the establishment of the child")
	f.StringVar(&o.Source, "source", "", "the identity source that named both")
	f.StringVar(&o.Guardian, "guardian", "", "the guardian's identifier there")
	f.StringVar(&o.Child, "child", "", "the child's identifier there")
	f.StringVar(&o.Reason, "reason", "", reasons)
	f.StringVar(&o.By, "by", "", "the function of whoever acts, without a name")
	return cmd
}

func listGuardians() *cobra.Command {
	var file, data, uai string
	cmd := &cobra.Command{
		Use: "list", Short: "List what an establishment closed; of nobody it says who", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			return app.ListGuardians(cmd.Context(), config, uai, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	cmd.Flags().StringVar(&uai, "uai", "", "the establishment")
	return cmd
}
