package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func pseudonyms() *cobra.Command {
	cmd := &cobra.Command{Use: "pseudonyms", Short: "The numbers by which services know people"}
	cmd.AddCommand(takeAliases())
	return cmd
}

func takeAliases() *cobra.Command {
	var file, data string
	var o app.AliasesOptions
	cmd := &cobra.Command{
		Use: "aliases", Short: "Write the former and new numbers of a sector that was given new ones: once", Args: cobra.NoArgs,
		Long: "Write the former and new numbers (former;new) of a sector that was given new ones, for its services to find their\n" +
			"accounts again: once for each time that new numbers were confirmed, with an entry in the journal. Nobody's identity is\n" +
			"in it. The file must not be there yet; its owner alone can read it.",
		Example: "  gateway pseudonyms aliases --config gateway.yaml --family lecture --out lecture.csv --by \"RSSI de l'académie\"",
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := configOrData(file, data, os.Environ())
		if err != nil {
			return err
		}
		return app.TakeAliases(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.Family, "family", "", "the sector, or the id of a service that has none")
	f.StringVar(&o.Out, "out", "", "the file to write")
	f.StringVar(&o.Shape, "shape", "", "hex, pairwise, compact, uuid or code (default: each in which the sector's services get them)")
	f.StringVar(&o.By, "by", "ligne de commande", "the function of whoever takes it, for whoever asks later")
	for _, name := range []string{"family", "out"} {
		_ = cmd.MarkFlagRequired(name) // the flags were declared just above
	}
	return cmd
}
