package service_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

const (
	crowdWriters = 8 // half of them in each App
	crowdReaders = 4
	crowdSteps   = 100 // of each writer
	crowdRooms   = 3   // that all writers of an App share
)

// TestConcurrentServiceEqualsModel lets writers and readers loose on two Apps with the
// same ids. While they run, no read may miss what was acknowledged before it began, nor
// show what nobody had begun to write before it ended. Afterwards everything equals the
// model. In PostgreSQL two nodes do this together.
func TestConcurrentServiceEqualsModel(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		nodes := []*service.Service{service.New(storetest.Open(t, o), powertalk.Dialect{}, service.Options{})}
		if o.DSN != "" {
			nodes = append(nodes, service.New(storetest.Open(t, o), powertalk.Dialect{}, service.Options{}))
		}
		crowds := []*crowd{newCrowd(t, nodes, "first"), newCrowd(t, nodes, "second")}

		writing, ctx := errgroup.WithContext(t.Context())
		for i := range crowdWriters {
			w := crowds[i%2].writer(i / 2)
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			writing.Go(func() error { return w.run(ctx, rng) })
		}
		written := make(chan struct{})
		reading, readCtx := errgroup.WithContext(t.Context())
		for i := range crowdReaders {
			rng := rand.New(rand.NewPCG(seed, uint64(1000+i)))
			reading.Go(func() error {
				for {
					select {
					case <-written:
						return nil
					default:
					}
					if err := crowds[rng.IntN(2)].look(readCtx, rng); err != nil {
						return err
					}
				}
			})
		}
		err := writing.Wait()
		close(written)
		if err := errors.Join(err, reading.Wait()); err != nil {
			t.Fatal(err)
		}
		cold := service.New(storetest.Open(t, o), powertalk.Dialect{}, service.Options{})
		for _, c := range crowds {
			for _, svc := range append(nodes, cold) {
				c.compare(t, svc.Backend(c.model.app))
			}
		}
		storetest.Audit(t, o)
	})
}

// crowd is one App, its people and what they have done to it.
type crowd struct {
	nodes []service.Backend // its own server, by node

	names   []*register // by writer: the fullname of their user
	rooms   []*register // by writer: the name and participants of their own room
	crew    []*register // by writer: whether their aide is in the shared rooms
	visible []*counter  // by shared room: messages that show

	mu    sync.Mutex
	model *model // what was acknowledged
}

// The people: a writer's own user has no role, their aide has one now and then, and
// watch reads everything and writes nothing.
func writerXC(i int) string { return fmt.Sprintf("writer%d", i) }
func aideXC(i int) string   { return fmt.Sprintf("aide%d", i) }
func ownXC(i int) string    { return fmt.Sprintf("own%d", i) }
func wordXC(i int) string   { return fmt.Sprintf("word%d", i) }
func sharedXC(i int) string { return fmt.Sprintf("shared%d", i) }

const watch, crewRole = "watch", "crew"

func newCrowd(t *testing.T, nodes []*service.Service, name string) *crowd {
	t.Helper()
	app, err := nodes[0].CreateApp(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{model: newModel(app)}
	for _, svc := range nodes {
		c.nodes = append(c.nodes, svc.Backend(app))
	}
	people := []string{watch}
	for i := range crowdWriters / 2 {
		people = append(people, writerXC(i), aideXC(i))
	}
	for _, xc := range people {
		up := chat.UserUpdate{XCID: xc, Fullname: xc}
		u, err := c.nodes[0].PutUser(t.Context(), up)
		wantCode(t, "PutUser", err, c.model.putUser(up))
		c.model.users[xc].id = u.ID
	}
	putRoom := func(up chat.RoomUpdate) {
		details, _, err := c.nodes[0].PutRoom(t.Context(), up)
		_, want := c.model.putRoom(0, up)
		wantCode(t, "PutRoom", err, want)
		c.model.rooms[up.XCID].id = details.Room.ID
	}
	for i := range crowdRooms {
		putRoom(chat.RoomUpdate{
			XCID: sharedXC(i), Type: chat.Group, Name: "shared", ParticipantXCIDs: []string{watch}, Roles: []string{crewRole},
		})
		c.visible = append(c.visible, newCounter(1))
	}
	for i := range crowdWriters / 2 {
		putRoom(chat.RoomUpdate{XCID: ownXC(i), Type: chat.Group, Name: "own"})
		c.names = append(c.names, newRegister(writerXC(i)))
		c.rooms = append(c.rooms, newRegister(`"own" []`))
		c.crew = append(c.crew, newRegister("false"))

		// A room in which the writer has the last word shows everybody their name.
		putRoom(chat.RoomUpdate{XCID: wordXC(i), Type: chat.Group, Name: "word", ParticipantXCIDs: []string{watch}})
		word := service.Outgoing{
			From: service.UserName{XCID: writerXC(i)}, Type: chat.TextMessage, XCRoomID: wordXC(i), Body: "this is me",
		}
		_, err := c.nodes[0].Send(t.Context(), word)
		wantCode(t, "Send", err, c.model.send(0, word))
	}
	return c
}

func (c *crowd) node(rng *rand.Rand) service.Backend { return c.nodes[rng.IntN(len(c.nodes))] }

// acknowledged brings the model up to date.
func (c *crowd) acknowledged(apply func(*model) chat.Code) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if code := apply(c.model); code != "" {
		return fmt.Errorf("the model says %s", code)
	}
	return nil
}

// look reads something at random and holds it against what is known of it.
func (c *crowd) look(ctx context.Context, rng *rand.Rand) error {
	i, shared := rng.IntN(crowdWriters/2), rng.IntN(crowdRooms)
	b := c.node(rng)
	switch rng.IntN(5) {
	case 0:
		return c.lookAtName(ctx, b, i)
	case 1:
		return c.lookAtRoom(ctx, b, i)
	case 2:
		return c.lookAtCrew(ctx, b, i, shared)
	case 3:
		return c.lookAtCrewList(ctx, b, i)
	default:
		return c.lookAtUnread(ctx, b, shared)
	}
}

func (c *crowd) lookAtName(ctx context.Context, b service.Backend, i int) error {
	return c.names[i].read("name of "+writerXC(i), func() (string, error) {
		list, _, err := b.RoomsOfUser(ctx, watch, []string{wordXC(i)}, chat.Page{Limit: 1})
		if err != nil || len(list) != 1 {
			return fmt.Sprint(len(list), " rooms"), err
		}
		return list[0].Last.Sender.Fullname, nil
	})
}

func (c *crowd) lookAtRoom(ctx context.Context, b service.Backend, i int) error {
	return c.rooms[i].read("room "+ownXC(i), func() (string, error) {
		d, err := b.Room(ctx, service.RoomName{XCID: ownXC(i)}, chat.Page{Limit: 100})
		xcs := []string{}
		for _, u := range d.Users {
			xcs = append(xcs, u.XCID)
		}
		return fmt.Sprintf("%q %v", d.Room.Name, xcs), err
	})
}

func (c *crowd) lookAtCrew(ctx context.Context, b service.Backend, i, shared int) error {
	return c.crew[i].read(aideXC(i)+" is in the room", func() (string, error) {
		d, err := b.Room(ctx, service.RoomName{XCID: sharedXC(shared)}, chat.Page{Limit: 100})
		return fmt.Sprint(slices.ContainsFunc(d.Users, func(u *chat.User) bool { return u.XCID == aideXC(i) })), err
	})
}

func (c *crowd) lookAtCrewList(ctx context.Context, b service.Backend, i int) error {
	return c.crew[i].read(aideXC(i)+" has the rooms", func() (string, error) {
		list, _, err := b.RoomsOfUser(ctx, aideXC(i), nil, chat.Page{Limit: 100})
		if err == nil && len(list) != 0 && len(list) != crowdRooms {
			err = fmt.Errorf("the list of %s shows %d of %d rooms", aideXC(i), len(list), crowdRooms)
		}
		return fmt.Sprint(len(list) > 0), err
	})
}

func (c *crowd) lookAtUnread(ctx context.Context, b service.Backend, shared int) error {
	return c.visible[shared].read("unread in "+sharedXC(shared), func() (int64, error) {
		list, _, err := b.RoomsOfUser(ctx, watch, []string{sharedXC(shared)}, chat.Page{Limit: 1})
		if err != nil || len(list) != 1 {
			return -1, err
		}
		return list[0].Unread, nil
	})
}

// writer is one who writes. Whatever is theirs, nobody else changes.
type writer struct {
	*crowd
	i       int
	version int
	joined  []string
	sent    []service.Outgoing
}

func (c *crowd) writer(i int) *writer { return &writer{crowd: c, i: i} }

func (w *writer) run(ctx context.Context, rng *rand.Rand) error {
	steps := []func(context.Context, *rand.Rand) error{
		w.rename, w.changeRoom, w.changeRoom, w.changeRole, w.speak, w.speak, w.repeat,
	}
	for range crowdSteps {
		if err := steps[rng.IntN(len(steps))](ctx, rng); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) rename(ctx context.Context, rng *rand.Rand) error {
	w.version++
	up := chat.UserUpdate{XCID: writerXC(w.i), Fullname: fmt.Sprintf("version %d", w.version)}
	err := w.names[w.i].change(up.Fullname, func() error {
		_, err := w.node(rng).PutUser(ctx, up)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.acknowledged(func(m *model) chat.Code { return m.putUser(up) }); err != nil {
		return err
	}
	return w.lookAtName(ctx, w.node(rng), w.i)
}

// changeRoom renames the writer's own room, or moves other writers in and out of it.
func (w *writer) changeRoom(ctx context.Context, rng *rand.Rand) error {
	b := w.node(rng)
	who := []string{writerXC(rng.IntN(crowdWriters / 2)), writerXC(rng.IntN(crowdWriters / 2))}
	who = chat.Unique(who)
	apply := func(m *model) (code chat.Code) { _, code = m.addParticipants(0, ownXC(w.i), who); return code }
	write := func() error { _, _, err := b.AddParticipants(ctx, service.RoomName{XCID: ownXC(w.i)}, who); return err }
	switch rng.IntN(3) {
	case 0:
		for _, xc := range who {
			if !slices.Contains(w.joined, xc) {
				w.joined = append(w.joined, xc)
			}
		}
	case 1:
		w.joined = slices.DeleteFunc(w.joined, func(xc string) bool { return slices.Contains(who, xc) })
		apply = func(m *model) (code chat.Code) { _, code = m.removeParticipants(0, ownXC(w.i), who); return code }
		write = func() error {
			_, _, err := b.RemoveParticipants(ctx, service.RoomName{XCID: ownXC(w.i)}, who)
			return err
		}
	default:
		w.version++
		up := chat.RoomUpdate{XCID: ownXC(w.i), Type: chat.Group, Name: fmt.Sprintf("version %d", w.version)}
		apply = func(m *model) (code chat.Code) { _, code = m.putRoom(0, up); return code }
		write = func() error { _, _, err := b.PutRoom(ctx, up); return err }
	}
	err := w.acknowledged(func(m *model) chat.Code { return apply(m) }) // nobody looks at the model before the end
	if err != nil {
		return err
	}
	w.mu.Lock()
	state := fmt.Sprintf("%q %v", w.model.rooms[ownXC(w.i)].name, w.joined)
	w.mu.Unlock()
	if err := w.rooms[w.i].change(state, write); err != nil {
		return err
	}
	return w.lookAtRoom(ctx, w.node(rng), w.i)
}

// changeRole gives the writer's aide the role that belongs to the shared rooms, or takes it.
func (w *writer) changeRole(ctx context.Context, rng *rand.Rand) error {
	role := ""
	if rng.IntN(2) == 0 {
		role = crewRole
	}
	up := chat.UserUpdate{XCID: aideXC(w.i), Fullname: aideXC(w.i), RoleCode: &role}
	err := w.crew[w.i].change(fmt.Sprint(role != ""), func() error {
		_, err := w.node(rng).PutUser(ctx, up)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.acknowledged(func(m *model) chat.Code { return m.putUser(up) }); err != nil {
		return err
	}
	shared := rng.IntN(crowdRooms)
	return errors.Join(w.lookAtCrew(ctx, w.node(rng), w.i, shared), w.lookAtCrewList(ctx, w.node(rng), w.i))
}

// speak sends to a shared room.
func (w *writer) speak(ctx context.Context, rng *rand.Rand) error {
	shared := rng.IntN(crowdRooms)
	o := service.Outgoing{XCRoomID: sharedXC(shared), Hidden: rng.IntN(3) == 0, Body: "hello"}
	if rng.IntN(4) == 0 {
		o.Body = strings.Repeat("long ", 2*chat.BodyPart/5) + "end"
	}
	shown := 0
	if !o.Hidden {
		shown = len(chat.SplitBody(o.Body))
	}
	w.visible[shared].begun.Add(int64(shown))
	if err := w.send(ctx, rng, o); err != nil {
		return err
	}
	w.visible[shared].acked.Add(int64(shown))
	return w.lookAtUnread(ctx, w.node(rng), shared)
}

// repeat sends again what was sent before, which changes nothing.
func (w *writer) repeat(ctx context.Context, rng *rand.Rand) error {
	if len(w.sent) == 0 {
		return nil
	}
	o := w.sent[rng.IntN(len(w.sent))]
	_, err := w.node(rng).Send(ctx, o)
	return err
}

func (w *writer) send(ctx context.Context, rng *rand.Rand, o service.Outgoing) error {
	o.From, o.Type, o.LocalID = service.UserName{XCID: writerXC(w.i)}, chat.TextMessage, cipher.NewLocalID()
	if _, err := w.node(rng).Send(ctx, o); err != nil {
		return err
	}
	w.sent = append(w.sent, o)
	return w.acknowledged(func(m *model) chat.Code { return m.send(0, o) })
}

// compare holds what b says against the model, but for the order of what several people said at
// the same time: nobody knows it until it is read.
func (c *crowd) compare(t *testing.T, b service.Backend) {
	t.Helper()
	m := c.model
	for _, xc := range sortedKeys(m.rooms) {
		wantLines(t, "room "+xc, askRoom(t, b, xc, 100), m.roomLines(m.rooms[xc]))
	}
	for _, xc := range sortedKeys(m.users) {
		list, _, err := b.RoomsOfUser(t.Context(), xc, nil, chat.Page{Limit: 100})
		wantCode(t, "RoomsOfUser", err, "")
		if !slices.IsSortedFunc(list, func(a, b chat.RoomSummary) int { return int(b.Last.CreatedAt - a.Last.CreatedAt) }) {
			t.Errorf("the list of %s is out of order", xc)
		}
		got, want := []string{}, []string{}
		for _, sum := range list {
			got = append(got, fmt.Sprintf("%s unread=%d last=%q", sum.Last.Room.XCID, sum.Unread, c.lastWord(t, sum)))
		}
		for _, sum := range m.list(xc, nil) {
			last := sum.last.body
			if strings.HasPrefix(sum.room.xc, "shared") {
				last = anybody
			}
			want = append(want, fmt.Sprintf("%s unread=%d last=%q", sum.room.xc, sum.unread, last))
		}
		slices.Sort(got)
		slices.Sort(want)
		wantLines(t, "rooms of "+xc, got, want)
	}
}

const anybody = "the last message of somebody"

// lastWord is the body of a room's newest message. In a shared room that must be the
// last that its sender has said there.
func (c *crowd) lastWord(t *testing.T, sum chat.RoomSummary) string {
	t.Helper()
	body := opened(t, sum.Last.Message)
	if !strings.HasPrefix(sum.Last.Room.XCID, "shared") {
		return body
	}
	var last modelMessage
	for _, msg := range c.model.rooms[sum.Last.Room.XCID].log {
		if msg.sender == sum.Last.Sender.XCID && !msg.hidden {
			last = msg
		}
	}
	if last.body == body && (last.localID == "" || last.localID == sum.Last.LocalID) {
		return anybody
	}
	return body
}
