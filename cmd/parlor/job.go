package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"parlor/internal/chat"
	"parlor/internal/service"
	"parlor/internal/store"
)

type jobCmd struct {
	List  jobListCmd  `cmd:"" help:"List work that is to be done or, with --dead, that was given up."`
	Show  jobShowCmd  `cmd:"" help:"Show one job, with what it carries."`
	Retry jobRetryCmd `cmd:"" help:"Have jobs done at once, also those that were given up."`
	Drop  jobDropCmd  `cmd:"" help:"Have jobs not be done, for good."`
}

type jobListCmd struct {
	dataFlags
	Kind  string `help:"Only jobs of this kind." placeholder:"KIND"`
	Dead  bool   `help:"Those that were given up."`
	After int64  `help:"Only jobs behind the one of this id, for the next page." placeholder:"ID"`
	Limit int    `help:"How many at most, up to 1000." default:"100"`
}

// Run lists jobs.
func (c jobListCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		jobs, err := svc.Jobs(ctx, store.JobFilter{
			Kind: chat.JobKind(c.Kind), Dead: c.Dead, After: chat.JobID(c.After), Limit: c.Limit,
		})
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "ID\tKIND\tAPP\tDUE\tATTEMPTS\tSTATE\tLAST ERROR")
		for _, j := range jobs {
			fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%d\t%s\t%s\n",
				j.ID, j.Kind, j.App, when(j.DueAt), j.Attempts, jobState(j), j.LastError)
		}
		return w.Flush()
	})
}

// jobState is what is going on with a job, in a few words.
func jobState(j chat.Job) string {
	switch {
	case j.Dead():
		return "given up " + when(j.DeadAt)
	case j.Owner != "":
		return "at " + j.Owner
	}
	return "waits"
}

type jobIDs struct {
	dataFlags
	IDs []int64 `arg:"" name:"id" help:"The jobs' ids."`
}

type jobShowCmd struct {
	dataFlags
	ID int64 `arg:"" help:"The job's id."`
}

// Run shows a job.
func (c jobShowCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		j, err := svc.Job(ctx, chat.JobID(c.ID))
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, line := range [][2]any{
			{"id", j.ID},
			{"kind", j.Kind},
			{"app", j.App},
			{"subject", j.Subject},
			{"created", when(j.CreatedAt)},
			{"due", when(j.DueAt)},
			{"state", jobState(j)},
			{"attempts", j.Attempts},
			{"last error", j.LastError},
			{"payload", j.Payload},
		} {
			fmt.Fprintf(w, "%v\t%v\n", line[0], line[1])
		}
		return w.Flush()
	})
}

type jobRetryCmd struct{ jobIDs }

// Run has jobs done at once.
func (c jobRetryCmd) Run(ctx context.Context) error {
	return c.each(ctx, (*service.Service).RetryJob, "job %d is due now\n")
}

type jobDropCmd struct{ jobIDs }

// Run drops jobs.
func (c jobDropCmd) Run(ctx context.Context) error {
	return c.each(ctx, (*service.Service).DropJob, "job %d is dropped\n")
}

// each does something to each job, and ends at the first that it cannot be done to.
func (c jobIDs) each(
	ctx context.Context, do func(*service.Service, context.Context, chat.JobID) error, done string,
) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		for _, id := range c.IDs {
			if err := do(svc, ctx, chat.JobID(id)); err != nil {
				return err
			}
			fmt.Printf(done, id)
		}
		return nil
	})
}
