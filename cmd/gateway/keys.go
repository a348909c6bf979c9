package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func rotatingKeys() *cobra.Command {
	var file, data string
	cmd := &cobra.Command{
		Use: "keys", Short: "List the keys that we sign and open with, and rotate them", Args: cobra.NoArgs,
		Long: "List the keys that we sign and open with: for each what it is for, its algorithm, its state (next, active, previous,\n" +
			"retired), since when, until when its certificate is good, and what comes next. A key is prepared, activated a day later,\n" +
			"and the one before it retired a day after that; sign-ins go on. Running gateways follow within half a minute.\n" +
			"The secrets behind pseudonyms and tickets are not among them: they do not rotate.",
		Example: "  gateway keys --config gateway.yaml\n" +
			"  gateway keys prepare saml --reason \"yearly\" --by \"DSI de l'académie\"",
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			return app.Keys(cmd.Context(), config, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	cmd.AddCommand(prepareKey(), activateKey(), retireKey(), certifyKey())
	return cmd
}

func prepareKey() *cobra.Command {
	cmd, _ := keyStep("prepare USE", "Make the next key of a use: published, not used yet", app.PrepareKey)
	return cmd
}

func activateKey() *cobra.Command {
	cmd, o := keyStep("activate USE", "Use the next key, and keep the one before it as previous", app.ActivateKey)
	cmd.Flags().BoolVar(&o.Now, "now", false, "before the next key was published for a day: whoever has not read it fails")
	return cmd
}

func retireKey() *cobra.Command {
	cmd, o := keyStep("retire USE", "Take the previous key out of what is published and accepted", app.RetireKey)
	cmd.Flags().BoolVar(&o.Now, "now", false, "before its time, for a key that somebody else may have")
	cmd.Flags().BoolVar(&o.Next, "next", false, "the next key instead, which nobody uses yet")
	return cmd
}

func certifyKey() *cobra.Command {
	cmd, _ := keyStep("new-certificate USE", "Give the active SAML key another certificate; the key stays", app.CertifyKey)
	return cmd
}

// keyStep is a command that takes one step of a rotation.
func keyStep(use, short string, step func(context.Context, app.Config, app.KeyOptions, io.Writer, io.Writer) error) (*cobra.Command, *app.KeyOptions) {
	var file, data string
	o := new(app.KeyOptions)
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			o.Use = args[0]
			return step(cmd.Context(), config, *o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.Reason, "reason", "", "why, for the journal")
	f.StringVar(&o.By, "by", "", "the function of whoever does it, for the journal")
	for _, name := range []string{"reason", "by"} {
		_ = cmd.MarkFlagRequired(name) // the flags were declared just above
	}
	return cmd, o
}
