package main

import (
	"os"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func agreements() *cobra.Command {
	cmd := &cobra.Command{Use: "agreements", Short: "What people agreed to"}
	cmd.AddCommand(attestAgreements())
	return cmd
}

func attestAgreements() *cobra.Command {
	var file, data string
	var o app.AgreementsOptions
	cmd := &cobra.Command{
		Use: "attest LIST.csv", Short: "File what pupils and holders of parental authority said on paper, all or nothing", Args: cobra.ExactArgs(1),
		Long: "File what pupils and those who hold parental authority over them said on paper to a declaration that asks them\n" +
			"(authority;id;who;says;day;document;holder_authority;holder_id). who is pupil, holder or all_holders; says is agreed,\n" +
			"refused or withdrawn. Children are named by the identifier that the source's mapping makes, never by name, and so is\n" +
			"the holder, where the school says which one signed. Every mistake is told at once and no identifier is repeated.",
		Example: "  gateway agreements attest list.csv --uai 0280101H --declaration avis --by \"directeur d'école\" --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			config, err := configOrData(file, data, os.Environ())
			if err != nil {
				return err
			}
			o.File = args[0]
			return app.AttestAgreements(cmd.Context(), config, o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	f.StringVar(&o.UAI, "uai", "", "the establishment that keeps the papers")
	f.StringVar(&o.Declaration, "declaration", "", "the declaration that they answer")
	f.IntVar(&o.Version, "version", 0, "the version that they were about; the one in force by default")
	f.StringVar(&o.By, "by", "", "the function of whoever attests, without a name")
	f.BoolVar(&o.DryRun, "dry-run", false, "tell what would be filed and file nothing")
	return cmd
}
