package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// TestClientPathsUseIndexes asks the same as TestHotPathsUseIndexes of what devices do.
func TestClientPathsUseIndexes(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, sp := openSpied(t, o, true)
		w := fillForPlans(t, st)
		fillForClients(t, st, w)
		plans := plansOf(t, o, sp)
		if o.DSN == "" {
			pages := clientPages(t, sp.Engine)
			plans = func(t *testing.T, s statement) { sqlitePlan(t, sp.Engine, pages, s) }
		}
		for _, path := range slices.Concat(w.clientReads(st), w.clientWrites(st)) {
			t.Run(path.name, func(t *testing.T) {
				path.look(t, sp, plans)
			})
		}
	})
}

// clientPages adds to the growing tables those that only devices make grow. PostgreSQL
// would have to be told of rows that a test does not write. Sweeping what has expired begins
// at the begin of an index, which is where that lies.
func clientPages(t *testing.T, eng engine.Engine) map[int64]string {
	t.Helper()
	pages := growingPages(t, eng)
	known := len(pages)
	err := engine.Each(t.Context(), eng, func(r engine.Row) error {
		var page int64
		var name string
		err := r.Scan(&page, &name)
		pages[page] = name
		return err
	}, `SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0 AND tbl_name IN ('room_receipts', 'hidden_messages',
		'devices', 'logins', 'tokens', 'auth_tickets', 'message_pins', 'message_stars', 'blocks', 'reports', 'phone_lookups', 'push_targets',
		'files', 'file_messages', 'file_usage', 'user_photos', 'room_photos')
		AND name NOT IN ('auth_tickets_expired', 'logins_expired', 'files_unused')`)
	if err != nil || len(pages) < known+16 {
		t.Fatalf("tables and indexes: %v, %v", pages, err)
	}
	return pages
}

// planFile is a file of the viewer's, and its own address.
const planFile chat.FileID = "0123456789abcdef0123456789abcdef"

// fillForClients has the viewer read, hide, pin and bookmark, so that no step of a path is
// passed over for want of anything to do.
func fillForClients(t *testing.T, st *Store, w *planWorld) {
	t.Helper()
	mustWrite(t, st, func(ctx context.Context, tx *Tx) error {
		// One room alone: whoever is in many would be taken for a thousand times as many.
		room := w.rooms[7].ID
		times, err := planTimes(ctx, st, room)
		if err != nil {
			return err
		}
		if _, err := tx.AddReceipts(ctx, room, w.viewer.ID, chat.Read, times[:1]); err != nil {
			return err
		}
		if _, err := tx.HideMessages(ctx, room, w.viewer.ID, times[1:2]); err != nil {
			return err
		}
		phone := "6281200000001"
		if _, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: "u3", Fullname: "U", Phone: &phone}); err != nil {
			return err
		}
		file := chat.File{ID: planFile, App: w.app.ID, Owner: w.viewer.ID, Address: planFile, Size: 1}
		if _, err := tx.AddFile(ctx, file, chat.Quotas{}); err != nil {
			return err
		}
		m, err := tx.MessageForUpdate(ctx, w.app.ID, w.message)
		if err != nil {
			return err
		}
		if err := tx.ShareFile(ctx, w.app.ID, planFile, m); err != nil {
			return err
		}
		if _, err := tx.AddPhoto(ctx, NewPhoto{App: w.app.ID, User: w.viewer.ID, File: planFile}, 10); err != nil {
			return err
		}
		return tx.SetProgress(ctx, w.viewer.ID, "device", Progress{Cursor: 1})
	})
}

func planTimes(ctx context.Context, st *Store, room chat.RoomID) ([]int64, error) {
	list, err := st.MessagesAfter(ctx, room, 0, math.MaxInt64, 100)
	if err == nil && len(list) < 3 {
		err = fmt.Errorf("%d messages in room %d", len(list), room)
	}
	var times []int64
	for _, m := range list {
		times = append(times, m.CreatedAt)
	}
	return times, err
}

func (w *planWorld) clientReads(st *Store) []hotPath {
	app, room, viewer := w.app.ID, w.rooms[7].ID, w.viewer.ID
	ref := chat.RoomRef{ID: room, Type: chat.Group}
	page := chat.Page{Limit: 50}
	message := chat.Message{App: app, Room: room, Sender: w.users[9], CreatedAt: 1}
	in := []Stretch{{Room: room, Last: 1 << 50}, {Room: w.rooms[8].ID, Last: 1 << 50}}
	all := Numbers{From: 1, Below: 1 << 60}
	key := []SizedKey{{MessageKey: MessageKey{room, 1}}}
	return []hotPath{
		{"access token", func(ctx context.Context) error { _, _, err := st.AccessToken(ctx, []byte("hash")); return err }},
		{"room for a user", func(ctx context.Context) error { _, _, err := st.RoomFor(ctx, app, ref, viewer); return err }},
		{"personal room for a user", func(ctx context.Context) error {
			_, _, err := st.RoomFor(ctx, app, chat.RoomRef{Type: chat.Personal, Pair: w.pair.Pair}, w.users[0])
			return err
		}},
		{"room by id for a user", func(ctx context.Context) error {
			_, _, err := st.RoomByIDFor(ctx, app, room, viewer)
			return err
		}},
		{"id of a personal room", func(ctx context.Context) error {
			_, err := st.PersonalRoomID(ctx, app, w.pair.Pair)
			return err
		}},
		{"receipts", func(ctx context.Context) error { _, err := st.Receipts(ctx, room, viewer); return err }},
		{"receipt targets", func(ctx context.Context) error {
			_, err := st.ReceiptTargets(ctx, app, viewer, []int64{1, 2, 1 << 40})
			return err
		}},
		{"readable", func(ctx context.Context) error {
			list, err := st.Readable(ctx, app, viewer, []chat.RoomID{room, 1 << 40})
			if err == nil && len(list) != 1 {
				err = fmt.Errorf("%d rooms", len(list))
			}
			return err
		}},
		{"readers", func(ctx context.Context) error { _, _, err := st.Readers(ctx, message, 100); return err }},
		{"read count", func(ctx context.Context) error { _, err := st.ReadCount(ctx, message); return err }},
		{"messages before", func(ctx context.Context) error {
			_, _, err := st.MessagesBefore(ctx, room, viewer, 0, 1<<50, 50)
			return err
		}},
		{"messages after", func(ctx context.Context) error {
			_, err := st.MessagesAfter(ctx, room, 0, 1<<50, 50)
			return err
		}},
		{"added", func(ctx context.Context) error { _, err := st.AddedKeys(ctx, in, all, 50); return err }},
		{"edited", func(ctx context.Context) error { _, err := st.EditedKeys(ctx, in, all, 50); return err }},
		{"hidden by number", func(ctx context.Context) error {
			_, err := st.HiddenKeys(ctx, viewer, in, all, 50)
			return err
		}},
		{"own messages", func(ctx context.Context) error {
			_, err := st.KeysBySender(ctx, in, viewer, true, 50)
			return err
		}},
		{"others' messages", func(ctx context.Context) error {
			_, err := st.KeysBySender(ctx, in, viewer, false, 50)
			return err
		}},
		{"unread", func(ctx context.Context) error {
			_, err := st.UnreadKeys(ctx, room, viewer, 1, 1<<50, 50)
			return err
		}},
		{"number before", func(ctx context.Context) error { _, err := st.NumberBefore(ctx, room, 1<<50); return err }},
		{"messages by key", func(ctx context.Context) error { _, err := st.MessagesByKey(ctx, app, key); return err }},
		{"senders", func(ctx context.Context) error { _, err := st.SendersAt(ctx, room, []int64{1}); return err }},
		{"receipts of rooms", func(ctx context.Context) error {
			_, err := st.ReceiptsOf(ctx, []chat.RoomID{room, w.rooms[8].ID}, viewer)
			return err
		}},
		{"receipts of viewers", func(ctx context.Context) error {
			_, err := st.ReceiptsOfViewers(ctx, MessageKey{room, 1}, w.users[:20])
			return err
		}},
		{"rooms for a user", func(ctx context.Context) error {
			_, err := st.RoomsFor(ctx, app, []chat.RoomID{room, w.rooms[8].ID}, viewer)
			return err
		}},
		{"preference", func(ctx context.Context) error { _, err := st.Preference(ctx, room, viewer); return err }},
		{"messages by id", func(ctx context.Context) error {
			_, err := st.MessagesByID(ctx, app, []int64{1, 2, 1 << 40})
			return err
		}},
		{"messages at", func(ctx context.Context) error { _, err := st.MessagesAt(ctx, room, []int64{1, 2}); return err }},
		{"message by localID", func(ctx context.Context) error {
			_, err := st.MessageByLocalID(ctx, app, w.localID)
			return err
		}},
		{"hidden", func(ctx context.Context) error { _, err := st.Hidden(ctx, room, viewer, 1, 1<<50); return err }},
		{"shared messages", func(ctx context.Context) error {
			_, err := st.SharedMessages(ctx, room, viewer, chat.Window{Before: 1 << 50}, 50)
			return err
		}},
		{"shared messages, the oldest first", func(ctx context.Context) error {
			_, err := st.SharedMessages(ctx, room, viewer, chat.Window{Before: 1 << 50, OldestFirst: true}, 50)
			return err
		}},
		{"starred messages", func(ctx context.Context) error {
			_, _, err := st.Listed(ctx, MessageList{Room: room, User: viewer}, page)
			return err
		}},
		{"pinned messages", func(ctx context.Context) error {
			_, _, err := st.Listed(ctx, MessageList{Room: room}, page)
			return err
		}},
		{"rooms of a user", func(ctx context.Context) error { _, err := st.RoomsOf(ctx, viewer); return err }},
		{"audience", func(ctx context.Context) error { _, err := st.Audience(ctx, room); return err }},
		{"in the audience", func(ctx context.Context) error { _, err := st.InAudience(ctx, room, w.users[:20]); return err }},
		{"acquainted", func(ctx context.Context) error { _, err := st.Acquainted(ctx, w.users[0]); return err }},
		{"progress", func(ctx context.Context) error { _, _, err := st.Progress(ctx, viewer, "device"); return err }},
		{"changed rooms", func(ctx context.Context) error {
			_, err := st.ChangedRooms(ctx, w.viewer, 1, 1, 100)
			return err
		}},
		{"preferences", func(ctx context.Context) error { _, err := st.Preferences(ctx, w.viewer, 100); return err }},
		{"contacts", func(ctx context.Context) error { _, err := st.Contacts(ctx, app, w.users[3], 100); return err }},
		{"blocked users", func(ctx context.Context) error { _, err := st.Blocked(ctx, app, w.users[3], 100); return err }},
		{"blocks with some", func(ctx context.Context) error { _, err := st.Parted(ctx, viewer, w.users[:20]); return err }},
		{"a block", func(ctx context.Context) error {
			_, err := st.HasBlocked(ctx, Block{viewer, w.users[3]})
			return err
		}},
		{"devices to push to", func(ctx context.Context) error {
			_, err := st.PushDevices(ctx, app, w.users[:20])
			return err
		}},
		{"people to push to", func(ctx context.Context) error {
			m := &chat.Message{App: app, Room: room, Sender: viewer, CreatedAt: 1}
			var walk PeopleWalk
			for n := 0; !walk.Done && n < 20; n++ {
				var err error
				if _, walk, err = st.PushPeople(ctx, m, walk, 500); err != nil {
					return err
				}
			}
			_, err := st.PushWanted(ctx, m, w.users[:20])
			return err
		}},
		{"unread count", func(ctx context.Context) error { _, err := st.UnreadCount(ctx, w.viewer); return err }},
		{"file", func(ctx context.Context) error { _, err := st.File(ctx, app, planFile); return err }},
		{"file at its address", func(ctx context.Context) error { _, err := st.FileAt(ctx, planFile); return err }},
		{"whether a file is within reach", func(ctx context.Context) error {
			_, err := st.FileReached(ctx, FileReach{File: planFile, Room: room, User: viewer, Last: 1 << 50})
			return err
		}},
		{"rooms of a file", func(ctx context.Context) error { _, err := st.FileRooms(ctx, planFile, 50); return err }},
		{"photos", func(ctx context.Context) error { _, err := st.Photos(ctx, app, viewer); return err }},
		{"unused files", func(ctx context.Context) error { _, err := st.UnusedFiles(ctx, 1, 100); return err }},
		{"what files take", func(ctx context.Context) error { _, _, err := st.StoredFiles(ctx); return err }},
		{"what files of each App take", func(ctx context.Context) error { _, err := st.AppUsages(ctx); return err }},
		{"which files are there", func(ctx context.Context) error {
			_, err := st.FilesThere(ctx, []chat.FileID{planFile})
			return err
		}},
		{"reports", func(ctx context.Context) error {
			for _, state := range []chat.ReportState{"", chat.ReportOpen, chat.ReportResolved} {
				if _, err := st.Reports(ctx, app, state, 5, 100); err != nil {
					return err
				}
			}
			return nil
		}},
		{"users by phone", func(ctx context.Context) error {
			users, err := st.UsersByPhone(ctx, app, []string{"6281200000001", "6281200000002"}, 100)
			if err == nil && len(users) != 1 {
				err = fmt.Errorf("%d users", len(users))
			}
			return err
		}},
		{"personal rooms", func(ctx context.Context) error {
			_, err := st.PersonalRooms(ctx, app, w.users[0], 100)
			return err
		}},
		{"personal rooms by id", func(ctx context.Context) error {
			_, err := st.PersonalRoomsAfter(ctx, app, w.users[0], 1, 100)
			return err
		}},
		{"logins that are over", func(ctx context.Context) error {
			_, err := st.LoginsOver(ctx, []chat.LoginID{1, 2, 3})
			return err
		}},
		{"rooms in common", func(ctx context.Context) error {
			_, err := st.RoomsInCommon(ctx, app, viewer, w.users[308], 100)
			return err
		}},
	}
}

func (w *planWorld) clientWrites(st *Store) []hotPath {
	app, room, viewer := w.app.ID, w.rooms[7].ID, w.viewer.ID
	inTx := func(fn func(context.Context, *Tx) error) func(context.Context) error {
		return func(ctx context.Context) error { return st.Write(ctx, 0, fn) }
	}
	var login chat.LoginID
	return []hotPath{
		{"add receipts", func(ctx context.Context) error {
			times, err := planTimes(ctx, st, room)
			if err != nil {
				return err
			}
			return st.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
				for _, kind := range []chat.ReceiptKind{chat.Delivered, chat.Read} {
					// The third before the second: one has a gap on both sides, one fills it.
					for _, part := range [][]int64{times[2:3], times} {
						if _, err := tx.AddReceipts(ctx, room, w.users[500], kind, part); err != nil {
							return err
						}
					}
				}
				return nil
			})
		}},
		{"fill holes", func(ctx context.Context) error {
			spans := chat.Spans{}
			for n := range int64(chat.MaxSpans) {
				spans = spans.Insert(chat.Span{From: 10*n + 10, To: 10*n + 11}, false)
			}
			err := st.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
				read := receiptSet{tx: tx, room: room, reader: viewer, at: 1, spans: spans}
				return read.saveRead(ctx, 0)
			})
			if err != nil {
				return err
			}
			return st.FillHoles(ctx, 0, room, viewer)
		}},
		{"post a guarded message", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.AppendMessage(ctx, NewMessage{Guarded: true, Message: chat.Message{
				App: app, Room: room, Sender: w.users[49], LocalID: "guarded", Type: chat.TextMessage,
			}})
			return err
		})},
		{"change a message", inTx(func(ctx context.Context, tx *Tx) error {
			if _, _, err := tx.RoomForUpdateFor(ctx, app, room, viewer); err != nil {
				return err
			}
			m, err := tx.MessageForUpdate(ctx, app, w.message)
			if err != nil {
				return err
			}
			_, err = tx.ChangeMessage(ctx, m)
			return err
		})},
		{"hide messages", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.HideMessages(ctx, room, viewer, []int64{1, 2})
			return err
		})},
		{"block, and write across that", inTx(func(ctx context.Context, tx *Tx) error {
			b := Block{w.users[0], w.users[1]}
			for _, other := range []Block{b, {w.users[2], w.users[9]}} { // who have a room, and who have none
				if _, _, err := tx.SetBlocked(ctx, app, other, true); err != nil {
					return err
				}
				if _, err := tx.BlockCount(ctx, other.Owner); err != nil {
					return err
				}
			}
			m, err := tx.AppendMessage(ctx, NewMessage{Message: chat.Message{
				App: app, Room: w.pair.ID, Sender: b.Blocked, LocalID: "withheld", Type: chat.TextMessage, Withheld: true,
			}})
			if err != nil {
				return err
			}
			if _, err := tx.PassOver(ctx, m, b.Owner); err != nil {
				return err
			}
			if _, err := tx.BlockedAmong(ctx, b.Owner, w.users[:20]); err != nil {
				return err
			}
			_, _, err = tx.SetBlocked(ctx, app, b, false)
			return err
		})},
		{"push targets", inTx(func(ctx context.Context, tx *Tx) error {
			l, _, err := tx.CreateLogin(ctx, chat.Login{App: app, User: viewer, Device: "phone"}, 1<<50)
			if err != nil {
				return err
			}
			target := chat.PushTarget{Kind: chat.PushFCM, Token: "phone"}
			if err := tx.SetPushTarget(ctx, l, target); err != nil {
				return err
			}
			if err := tx.RemoveDeadTarget(ctx, chat.PushDevice{App: app, Login: l.ID, Target: target}); err != nil {
				return err
			}
			return tx.EndLogin(ctx, l.ID)
		})},
		{"a new room of two", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.PersonalRoom(ctx, app, chat.NewPair(w.users[2], w.users[9]))
			return err
		})},
		{"keep a file", inTx(func(ctx context.Context, tx *Tx) error {
			id := chat.NewFileID()
			_, err := tx.AddFile(ctx, chat.File{ID: id, App: app, Owner: viewer, Address: id, Size: 1}, chat.Quotas{})
			return err
		})},
		{"share a file and take it back", inTx(func(ctx context.Context, tx *Tx) error {
			m, err := tx.MessageForUpdate(ctx, app, w.message)
			if err != nil {
				return err
			}
			if err := tx.ShareFile(ctx, app, planFile, m); err != nil {
				return err
			}
			_, err = tx.ChangeMessage(ctx, m) // which names none now
			return err
		})},
		{"change photos", inTx(func(ctx context.Context, tx *Tx) error {
			photo := NewPhoto{App: app, User: viewer, File: planFile, Image: chat.Image{Fullsize: "f", Thumbnail: "t"}}
			if _, err := tx.AddPhoto(ctx, photo, 10); err != nil {
				return err
			}
			if _, err := tx.SetMainPhoto(ctx, app, viewer, 1); err != nil {
				return err
			}
			_, err := tx.RemovePhoto(ctx, app, viewer, 1)
			return err
		})},
		{"photo of a room", inTx(func(ctx context.Context, tx *Tx) error {
			return tx.UseRoomPhoto(ctx, chat.Room{ID: room, App: app}, planFile)
		})},
		{"remove a file", func(ctx context.Context) error {
			_, err := st.RemoveFile(ctx, 0, chat.File{ID: planFile, App: app, Owner: viewer})
			return err
		}},
		{"report", inTx(func(ctx context.Context, tx *Tx) error {
			if _, err := tx.ReportCount(ctx, viewer, 1); err != nil {
				return err
			}
			return tx.AddReport(ctx, chat.Report{App: app, Reporter: viewer, User: w.users[3]})
		})},
		{"look up phones", inTx(func(ctx context.Context, tx *Tx) error {
			_, err := tx.UsePhoneLookups(ctx, viewer, 3, 10)
			return err
		})},
		{"say something of oneself", inTx(func(ctx context.Context, tx *Tx) error {
			return tx.SetBio(ctx, app, viewer, "bio")
		})},
		{"bookmark and pin", inTx(func(ctx context.Context, tx *Tx) error {
			m, err := tx.MessageForUpdate(ctx, app, w.message)
			if err != nil {
				return err
			}
			for _, list := range []MessageList{{Room: m.Room}, {Room: m.Room, User: viewer}} {
				for _, on := range []bool{true, false} {
					if _, err := tx.SetListed(ctx, list, m.ID, on, 10); err != nil {
						return err
					}
				}
			}
			return nil
		})},
		{"set preferences", inTx(func(ctx context.Context, tx *Tx) error {
			for _, kind := range []chat.PreferenceKind{chat.PreferUnread, chat.PreferMuted, chat.PreferPinned} {
				if _, err := tx.SetPreference(ctx, room, viewer, kind, 1); err != nil {
					return err
				}
			}
			if _, _, err := tx.PinnedCount(ctx, viewer, room); err != nil {
				return err
			}
			_, err := tx.ClearRoom(ctx, room, viewer)
			return err
		})},
		{"create and use a ticket", inTx(func(ctx context.Context, tx *Tx) error {
			if err := tx.CreateTicket(ctx, app, viewer, []byte("ticket"), 1<<50); err != nil {
				return err
			}
			ok, err := tx.UseTicket(ctx, app, viewer, []byte("ticket"))
			if err == nil && !ok {
				err = fmt.Errorf("the ticket is not there")
			}
			return err
		})},
		{"sign in", inTx(func(ctx context.Context, tx *Tx) error {
			l, _, err := tx.CreateLogin(ctx, chat.Login{App: app, User: viewer, Device: "device"}, 1<<50)
			if err != nil {
				return err
			}
			login = l.ID
			return tx.AddTokens(ctx, l.ID, NewToken{[]byte("access"), 1 << 50}, NewToken{[]byte("refresh"), 1 << 50})
		})},
		{"write in somebody's name", func(ctx context.Context) error {
			return st.WriteAs(ctx, Author{Login: login, User: viewer}, 0, func(context.Context, *Tx) error { return nil })
		}},
		{"what is due in personal rooms", func(ctx context.Context) error {
			var task UserTask
			err := st.Write(ctx, 0, func(ctx context.Context, tx *Tx) (err error) {
				if task, err = tx.setUserTask(ctx, *w.viewer, true); err != nil {
					return err
				}
				if _, err = tx.BeginUserStep(ctx, task, room); err != nil {
					return err
				}
				_, err = tx.LiveAmong(ctx, viewer, w.users[0])
				return err
			})
			if err == nil {
				err = st.AdvanceUserTask(ctx, task, true)
			}
			if err == nil {
				err = st.EndUserTask(ctx, task)
			}
			return err
		}},
		{"refresh and sign out", inTx(func(ctx context.Context, tx *Tx) error {
			if _, _, err := tx.RefreshToken(ctx, []byte("refresh")); err != nil {
				return err
			}
			if err := tx.ReplaceToken(ctx, []byte("refresh")); err != nil {
				return err
			}
			return tx.EndLogin(ctx, login)
		})},
		{"note how far a device is", inTx(func(ctx context.Context, tx *Tx) error {
			if err := tx.SetActive(ctx, app, viewer, 1<<50); err != nil {
				return err
			}
			if err := tx.SetProgress(ctx, viewer, "device", Progress{Cursor: 2}); err != nil {
				return err
			}
			_, _, err := tx.ProgressForUpdate(ctx, viewer, "device")
			return err
		})},
	}
}
