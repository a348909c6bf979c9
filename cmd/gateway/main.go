// Command gateway is Écluse: it serves sign-ins, shows a demo, and checks, applies and explains what is registered. It
// reads flags and signals; everything else is in package app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"ecluse/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code := run(ctx, root(), os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

// run does what the words ask for and gives the code to end with. Whoever asked for what there is not is told where it is
// said what there is; the code is 2 then, since 1 is an answer of diff.
func run(ctx context.Context, cmd *cobra.Command, words []string, errs io.Writer) int {
	begun := false
	marked(cmd, &begun)
	cmd.SetArgs(words)
	asked, err := cmd.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !begun {
		fmt.Fprintf(errs, "%v\nusage: %s\n%s --help says more\n", err, asked.UseLine(), asked.CommandPath())
		return 2
	}
	var code exitCode
	if !errors.As(err, &code) {
		code = exitCode{1, err}
	}
	if code.error != nil {
		fmt.Fprintln(errs, code.error)
	}
	return code.code
}

// marked has every command below say that it began: flags and arguments were understood.
func marked(cmd *cobra.Command, begun *bool) {
	if do := cmd.RunE; do != nil {
		cmd.RunE = func(cmd *cobra.Command, words []string) error {
			*begun = true
			return do(cmd, words)
		}
	}
	for _, sub := range cmd.Commands() {
		marked(sub, begun)
	}
}

// exitCode ends the program with a code of its own, and says why unless the error is nil.
type exitCode struct {
	code int
	error
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use: "gateway", Short: "Écluse, an academic SSO gateway that releases only what was declared",
		SilenceUsage: true, SilenceErrors: true,
	}
	cmd.AddCommand(demo(), serve(), check(), apply(), diff(), export(), explain(), dictionary(), journal(), importing(), register(), people(), agreements(), guardians(), pseudonyms(), rightsRequests(), bounce(), rotatingKeys(), metadata(), adminLink(), clientSecret(), version())
	return cmd
}

// keep keeps a gateway up until a signal, or until one of its listeners fails.
func keep(ctx context.Context, start func() (*app.App, error)) error {
	a, err := start()
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // what the start needed and nobody needs any more; it answers meanwhile
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-a.Failed():
	}
	return errors.Join(failed, a.Stop(context.WithoutCancel(ctx)))
}

func demo() *cobra.Command {
	var o app.DemoOptions
	cmd := &cobra.Command{
		Use: "demo", Short: "Start everything with invented people and services; nothing to configure",
		Example: "  gateway demo\n  gateway demo --data ./demo --with ./my-services", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out, o.LogTo = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return keep(cmd.Context(), func() (*app.App, error) { return app.Demo(cmd.Context(), o) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Data, "data", "", "a folder to keep things in (default: a temporary one that goes with the demo)")
	f.StringVar(&o.With, "with", "", "a folder of further files (services, declarations, establishments, sources, people), applied as demo data")
	f.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "where the public side listens")
	f.StringVar(&o.OpsListen, "ops-listen", "127.0.0.1:9090", "where health and metrics listen")
	f.StringVar(&o.TLS.CertFile, "tls-cert", "", "a certificate for localhost and *.localhost: everything over https, as other programs may demand")
	f.StringVar(&o.TLS.KeyFile, "tls-key", "", "its key")
	f.StringVar(&o.Certs, "certificates-listen", "", "where clients show certificates of their own, with --tls-cert: 127.0.0.1:8445")
	cmd.MarkFlagsRequiredTogether("tls-cert", "tls-key")
	return cmd
}

// configFlag is the flag of every command that works on a real installation.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "gateway.yaml", "the configuration file")
}

func serve() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve sign-ins from a configuration", Example: "  gateway serve --config /etc/ecluse/gateway.yaml",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.LoadConfig(file, os.Environ())
			if err != nil {
				return err
			}
			return keep(cmd.Context(), func() (*app.App, error) { return app.Serve(cmd.Context(), config, cmd.ErrOrStderr()) })
		},
	}
	configFlag(cmd, &file)
	return cmd
}

func check() *cobra.Command {
	var file string
	var dirs []string
	cmd := &cobra.Command{
		Use: "check", Short: "Tell every mistake of a configuration and of files, with file and line",
		Example: "  gateway check --config gateway.yaml --files ./declarations", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" && len(dirs) == 0 {
				file = "gateway.yaml"
			}
			if err := app.Check(file, dirs, os.Environ(), cmd.OutOrStdout()); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "no mistakes found")
			return nil
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "the configuration file (gateway.yaml, if no --files is given either)")
	cmd.Flags().StringArrayVarP(&dirs, "files", "f", nil, "a folder of files; may be given several times")
	return cmd
}

func explain() *cobra.Command {
	var o app.ExplainOptions
	var output, file string
	cmd := &cobra.Command{
		Use: "explain", Short: "Say what somebody would be let into and what would be sent, and why",
		Long: "Say what somebody would be let into and what would be sent, and why: for a persona, for one of the demo's people, for\n" +
			"somebody real (journaled, with a reason that they read in their history), as if a draft were approved, and for a\n" +
			"sign-in that is past. A refusal is an answer: the exit code is 0. It is 1 when the question could not be answered.",
		Example: "  gateway explain --persona eleve-ce2 --service lire\n" +
			"  gateway explain --persona eleve-ce2 --service lire --message saml --page child --lang fr\n" +
			"  gateway explain --service lire --draft 2026-001@1 --compare\n" +
			"  gateway explain --person demo:lina --uai 0280101H --service lire\n" +
			"  gateway explain --config gateway.yaml --person 'ent:AC-X$1001' --uai 0280101H --service lire --reason \"...\"\n" +
			"  gateway explain --ref K7Q2-9FMZ", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output %q: text or json", output)
			}
			o.JSON = output == "json"
			if file != "" {
				config, err := app.LoadConfig(file, os.Environ())
				if err != nil {
					return err
				}
				o.Config = &config
			}
			return app.Explain(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVarP(&file, "config", "c", "", "the configuration of an installation (default: a demo)")
	f.StringVar(&o.Data, "data", "", "the folder of a demo (default: that of the running demo, or a fresh demo)")
	f.StringVar(&o.Persona, "persona", "", "an invented person, as eleve-ce2")
	f.StringVar(&o.Person, "person", "", "source:id, as in demo:lina")
	f.StringVar(&o.Reason, "reason", "", "why somebody real is looked at; they will read it")
	f.StringVar(&o.UAI, "uai", "", "the establishment (default, for a persona: one in which such a person is usually found)")
	f.StringVar(&o.Profile, "profile", "", "the profile there (default: the first that is let in)")
	f.StringVar(&o.Service, "service", "", "the service's id")
	f.StringVar(&o.Draft, "draft", "", "a version, as id@4, or a file, as if it were approved")
	f.BoolVar(&o.Compare, "compare", false, "beside what is in force; for every persona when none is named")
	f.StringVar(&o.Message, "message", "", "the message of a protocol (saml, oidc, cas), or all")
	f.StringVar(&o.Page, "page", "", "the page as a child, a teen or an adult would see it, in HTML")
	f.StringVar(&o.Lang, "lang", "", "fr or en (default en)")
	f.StringVar(&o.Ref, "ref", "", "the reference number of a sign-in that is past")
	f.StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func journal() *cobra.Command {
	var file, data string
	cmd := &cobra.Command{Use: "audit", Short: "The journal"}
	verify := &cobra.Command{
		Use: "verify", Short: "Find a changed, removed or reordered entry of the journal", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := app.DataConfig(data)
			if data == "" {
				config, err = app.LoadConfig(file, os.Environ())
			}
			if err != nil {
				return err
			}
			return app.VerifyJournal(cmd.Context(), config, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(verify, &file)
	verify.Flags().StringVar(&data, "data", "", "the folder of a demo, instead of a configuration")
	cmd.AddCommand(verify)
	return cmd
}

func version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "gateway", app.Version())
			return err
		},
	}
}
