// The certificate agent orders and renews certificates by ACME (RFC 8555). It gets certificate requests and no private key of
// theirs, answers the challenges on port 80, and puts each chain into a folder that the servers read.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	legolog "github.com/go-acme/lego/v5/log"
)

// version is set by the build.
var version = "development"

func main() {
	configuration := flag.String("configuration", "/run/maildomain/current", "the generation in force")
	certificates := flag.String("certificates", "/var/lib/certificates", "where chains and reports are written")
	listen := flag.String("listen", ":80", "where challenges are answered")
	inUse := flag.String("in-use", "", "a file that says which generation has been read")
	check := flag.Bool("check", false, "print what is wrong with the configuration, and end")
	flag.Parse()

	// The library writes a line for each step; what matters of it is in the errors that it returns.
	legolog.SetDefault(slog.New(slog.DiscardHandler))
	// The heap is a few MiB: the collector's usual slack would be more than the program itself.
	debug.SetGCPercent(40)

	if *check {
		if _, problems := readConfiguration(*configuration); len(problems) > 0 {
			for _, problem := range problems {
				fmt.Println(problem)
			}
			os.Exit(1)
		}
		return
	}
	if err := run(*configuration, *certificates, *listen, *inUse); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(configuration, certificates, listen, inUse string) error {
	wanted, problems := readConfiguration(configuration)
	if len(problems) > 0 {
		return fmt.Errorf("%s", problems[0])
	}
	store := &store{folder: certificates}
	if err := store.prepare(); err != nil {
		return err
	}
	challenges := newChallengeServer()
	challenges.redirectTo(wanted.RedirectPort)
	if err := challenges.listen(listen); err != nil {
		return err
	}
	agent := newAgent(wanted, store, challenges, newClock(os.Getenv("MAILDOMAIN_CLOCK")))

	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	noteGeneration(inUse, wanted.generation)
	agent.run(ended, hangup, func() *settings {
		changed, problems := readConfiguration(configuration)
		if len(problems) > 0 {
			// A generation is checked before it comes into force: somebody has changed it by hand.
			logf("the configuration stays as it was: %s", problems[0])
			return nil
		}
		challenges.redirectTo(changed.RedirectPort)
		noteGeneration(inUse, changed.generation)
		return changed
	})
	return nil
}

// noteGeneration says which generation is in use, for whoever has asked to have it read.
func noteGeneration(path, generation string) {
	if path == "" {
		return
	}
	if err := writeWhole(path, []byte(generation+"\n")); err != nil {
		logf("%s", err)
	}
}

func logf(format string, values ...any) {
	fmt.Fprintf(os.Stdout, "certificates: "+format+"\n", values...)
}
