package bench

import (
	"context"
	"fmt"
	"strconv"
)

// measureJobs is jobs that are all due at once, beside what they do without being jobs. The job is
// a scheduled message: no other call makes one by itself.
func measureJobs(ctx context.Context, g *rig) (Row, error) {
	n := thousands(int64(g.sizes.jobs))
	row := Row{Title: n + " jobs that are due at once, each of which sends a scheduled message"}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	s, err := g.newSchedule(ctx, t, g.sizes.jobs, 0)
	if err != nil {
		return row, err
	}
	m, err := g.interleave(ctx,
		s.load(ctx, "parlor: jobs", "each job sends a message and ends in the same transaction"),
		s.sends("parlor: message/send/custom", "such messages into the same rooms, sent by as many callers as jobs are done at once"))
	if row.Measurements = m; err != nil {
		return row, err
	}
	row.Notes = s.notes()
	row.Goals = []Goal{atLeast(50, "% of the rate of direct sends", "jobs", percentOf(m[0], m[1]))}
	if cost := timesTheCost(m[0], m[1]); cost != nil {
		row.Values = []Value{newValue("processor time", "x a direct send's", "of the server, round by round", cost...)}
	}
	return row, nil
}

// sends is the load of a backend that sends what is scheduled otherwise.
func (s *schedule) sends(name, what string) load {
	text := strconv.Quote(plainBody())
	return calls(name, what, s.t.call("message/send/custom"), writeConnections, func(worker int) func([]byte) []byte {
		next := strides(worker, s.n)
		return func(b []byte) []byte {
			i := next()
			room := i / scheduleRoom
			return fmt.Appendf(b, `{"messageType":1001,"body":%s,"senderXCUserID":%q,"xcRoomID":%q}`,
				text, s.g.xc("sender", senderOf(room, i)), s.g.xc("room", room))
		}
	})
}
