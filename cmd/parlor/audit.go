package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/user"
	"text/tabwriter"
	"time"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// operator is who runs a command, for the audit log: the account and the machine.
func operator() chat.Actor {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return chat.Actor{Kind: chat.ActorOperator, Name: name}
}

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"List entries, the newest first."`
	Export auditExportCmd `cmd:"" help:"Write all entries, the oldest first, as lines of JSON."`
}

// auditFlags say which entries are wanted.
type auditFlags struct {
	keyFlags
	From   string `help:"Only entries from this time on, such as 2026-01-31T00:00:00Z." placeholder:"TIME"`
	Until  string `help:"Only entries before this time." placeholder:"TIME"`
	Action string `help:"Only this action, such as /server/room/lock or 'key revoke'." placeholder:"ACTION"`
	Object string `help:"Only what was done to this one, such as room:ORDER-1, with the kind before the colon." placeholder:"KIND:ID"`
}

func (f auditFlags) filter() (filter chat.AuditFilter, err error) {
	filter.Action = f.Action
	if filter.From, err = momentOf("from", f.From); err != nil {
		return filter, err
	}
	if filter.Until, err = momentOf("until", f.Until); err != nil {
		return filter, err
	}
	if f.Object != "" {
		filter.Object, err = objectOf(f.Object)
	}
	return filter, err
}

type auditListCmd struct {
	auditFlags
	Before string `help:"Only entries older than the one of this id, for the next page." placeholder:"ID"`
	Limit  int    `help:"How many at most, up to 1000." default:"100"`
}

// Run lists entries.
func (c auditListCmd) Run(ctx context.Context) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	filter.Limit = c.Limit
	if c.Before != "" {
		var ok bool
		if filter.Before, ok = wire.ParseAuditPlace(c.Before); !ok {
			return chat.Invalid("before", "must be the id of an entry")
		}
	}
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		list, _, err := svc.AuditLog(ctx, app, filter)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "ID\tTIME\tWHO\tACTION\tOBJECT\tUSERS\tADDRESS\tREQUEST\tRESULT")
		for _, e := range list {
			fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\t%s:%s\t%d\t%s\t%s\t%s\n",
				wire.AuditPlace(chat.AuditPlace{CreatedAt: e.CreatedAt, ID: e.ID}), when(e.CreatedAt), e.Actor.Kind, e.Actor.Name,
				e.Action, e.Object.Kind, e.Object.ID, e.UserCount, e.Origin.Address, e.Origin.RequestID, e.Result)
		}
		return w.Flush()
	})
}

type auditExportCmd struct{ auditFlags }

// Run writes entries as they come from the database, a page at a time, so that a long log needs no
// memory.
func (c auditExportCmd) Run(ctx context.Context) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	filter.OldestFirst, filter.Limit = true, service.MaxAuditListed
	if filter.Until == 0 { // or it would never end where entries come faster than they are read
		filter.Until = time.Now().UnixMilli() + 1
	}
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		out := bufio.NewWriterSize(os.Stdout, 64<<10)
		for more := true; more; {
			var list []chat.AuditEntry
			if list, more, err = svc.AuditLog(ctx, app, filter); err != nil {
				return err
			}
			for i := range list {
				line := append(wire.AppendAuditEntry(nil, &list[i]), '\n')
				if _, err := out.Write(line); err != nil {
					return err
				}
				filter.Before = chat.AuditPlace{CreatedAt: list[i].CreatedAt, ID: list[i].ID}
			}
			if err := out.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
}
