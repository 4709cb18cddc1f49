package service_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/service"
)

// model is what one App should hold, kept the plainest way there is: everything that
// was ever written, counted anew for every question. It knows no counters, cursors or
// caches, so it cannot share their mistakes.
type model struct {
	app   chat.App
	users map[string]*modelUser // by the customer's id
	roles map[string]chat.Role  // those that were described
	rooms map[string]*modelRoom // by the customer's id, or "6-19" for a personal room
	sent  map[string]string     // localID -> sender, for those that callers chose
}

type modelUser struct {
	id       chat.UserID
	xc       string
	name     string
	username string
	role     string
}

type modelRoom struct {
	id      chat.RoomID // learned from the first answer that tells it
	xc      string
	pair    chat.Pair
	kind    chat.RoomType
	name    string
	photo   string
	tags    []string
	locked  bool
	deleted bool
	joined  []string // who was put there by name, in order
	roles   []string
	log     []modelMessage
}

type modelMessage struct {
	at      int64
	sender  string // "" is the App
	localID string // "" when Parlor chose it
	hidden  bool
	action  chat.Action
	target  string
	body    string
}

func newModel(app chat.App) *model {
	return &model{
		app: app, users: map[string]*modelUser{}, roles: map[string]chat.Role{},
		rooms: map[string]*modelRoom{}, sent: map[string]string{},
	}
}

// live finds a room that callers may know of.
func (m *model) live(xc string) (*modelRoom, bool) {
	r, ok := m.rooms[xc]
	return r, ok && !r.deleted && r.kind != chat.Personal
}

// say appends a message, later than every other of the room whatever the clock says.
func (r *modelRoom) say(now int64, msg modelMessage) {
	msg.at = now
	if n := len(r.log); n > 0 && r.log[n-1].at >= now {
		msg.at = r.log[n-1].at + 1
	}
	r.log = append(r.log, msg)
}

// known splits ids into those of users and the others, each once.
func (m *model) known(xcs []string) (users, unknown []string) {
	for _, xc := range xcs {
		switch _, ok := m.users[xc]; {
		case ok && !slices.Contains(users, xc):
			users = append(users, xc)
		case !ok && !slices.Contains(unknown, xc):
			unknown = append(unknown, xc)
		}
	}
	return users, unknown
}

// holds reports whether a role keeps the user in the room.
func (m *model) holds(r *modelRoom, xc string) bool {
	role := m.users[xc].role
	return role != "" && slices.Contains(r.roles, role)
}

func (m *model) putUser(up chat.UserUpdate) chat.Code {
	u := modelUser{xc: up.XCID}
	if old, ok := m.users[up.XCID]; ok {
		u = *old
	}
	u.name = up.Fullname
	if up.Username != nil {
		u.username = *up.Username
	}
	if up.RoleCode != nil {
		u.role = *up.RoleCode
	}
	for xc, other := range m.users {
		if xc != u.xc && u.username != "" && strings.EqualFold(other.username, u.username) {
			return chat.CodeInvalid
		}
	}
	m.users[u.xc] = &u
	return ""
}

// tellPartners writes the hidden message of a changed profile into personal rooms that were
// written in.
func (m *model) tellPartners(now int64, u *modelUser) {
	for _, r := range m.rooms {
		if r.kind == chat.Personal && r.pair.Has(u.id) && r.pair.A != r.pair.B && len(r.log) > 0 {
			r.say(now, modelMessage{
				sender: u.xc, hidden: true, action: chat.ActionUpdateUser, body: "{{sender}} updated the profile",
			})
		}
	}
}

func (m *model) putRoom(now int64, up chat.RoomUpdate) (skipped []string, code chat.Code) {
	people, unknown := m.known(up.ParticipantXCIDs)
	r, exists := m.rooms[up.XCID]
	if exists && r.kind != up.Type {
		return nil, chat.CodeInvalid
	}
	if exists && !r.deleted {
		name, photo, roles := r.name, r.photo, r.roles
		r.set(up)
		if r.name != name || r.photo != photo || !sameSet(r.roles, roles) {
			r.say(now, modelMessage{action: chat.ActionUpdateRoom, body: "{{sender}} updated the group details"})
		}
		return nil, ""
	}
	// A room that comes back keeps its id and its messages, and nothing else.
	fresh := &modelRoom{xc: up.XCID, kind: up.Type, joined: people}
	if exists {
		fresh.id, fresh.log = r.id, r.log
	}
	fresh.set(up)
	shown := strings.NewReplacer("{", "", "}", "").Replace(fresh.name)
	fresh.say(now, modelMessage{action: chat.ActionCreateRoom, body: "{{sender}} created group " + shown})
	m.rooms[up.XCID] = fresh
	return unknown, ""
}

func (r *modelRoom) set(up chat.RoomUpdate) {
	r.name = up.Name
	if up.PhotoThumbnail != nil {
		r.photo = *up.PhotoThumbnail
	}
	if up.Tags != nil {
		r.tags = chat.Unique(up.Tags)
	}
	if up.Roles != nil {
		r.roles = chat.Unique(up.Roles)
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func (m *model) addParticipants(now int64, xcRoom string, xcs []string) (skipped []string, code chat.Code) {
	r, ok := m.live(xcRoom)
	if !ok {
		return nil, chat.CodeNotFound
	}
	people, unknown := m.known(xcs)
	for _, xc := range people {
		if slices.Contains(r.joined, xc) {
			continue
		}
		r.joined = append(r.joined, xc)
		if !m.holds(r, xc) {
			r.say(now, modelMessage{
				action: chat.ActionAddParticipant, target: xc, body: "{{sender}} added {{target}} to the group",
			})
		}
	}
	return unknown, ""
}

func (m *model) removeParticipants(now int64, xcRoom string, xcs []string) (skipped []string, code chat.Code) {
	r, ok := m.live(xcRoom)
	if !ok {
		return nil, chat.CodeNotFound
	}
	people, unknown := m.known(xcs)
	for _, xc := range people {
		i := slices.Index(r.joined, xc)
		if i < 0 {
			continue
		}
		r.joined = slices.Delete(slices.Clone(r.joined), i, i+1)
		if !m.holds(r, xc) {
			r.say(now, modelMessage{
				action: chat.ActionRemoveParticipant, target: xc, body: "{{sender}} removed {{target}} from the group",
			})
		}
	}
	return unknown, ""
}

func (m *model) setLock(now int64, xcRoom, xcUser string, lock bool) (changed bool, code chat.Code) {
	r, ok := m.live(xcRoom)
	if !ok || m.users[xcUser] == nil {
		return false, chat.CodeNotFound
	}
	if r.locked == lock {
		return false, ""
	}
	r.locked = lock
	body := "{{sender}} unlocked this room"
	if lock {
		body = "{{sender}} locked this room"
	}
	r.say(now, modelMessage{sender: xcUser, action: chat.ActionUpdateRoom, body: body})
	return true, ""
}

// send takes messages whose sender is named by the customer's id.
func (m *model) send(now int64, o service.Outgoing) chat.Code {
	sender := m.users[o.From.XCID]
	if sender == nil {
		return chat.CodeNotFound
	}
	r := m.destination(o, sender)
	if r == nil {
		return chat.CodeNotFound
	}
	if o.LocalID != "" {
		first, repeated := m.sent[o.LocalID]
		if repeated && first != sender.xc {
			return chat.CodeConflict
		}
		if repeated {
			return ""
		}
		m.sent[o.LocalID] = sender.xc
	}
	if r.kind == chat.Personal && m.rooms[r.pair.String()] == nil {
		m.rooms[r.pair.String()] = r // it comes into being with its first message
	}
	parts := chat.SplitBody(o.Body)
	for i, body := range parts {
		msg := modelMessage{sender: sender.xc, body: body, hidden: o.Hidden || o.FilterID != ""}
		if i == len(parts)-1 {
			msg.localID, msg.hidden = o.LocalID, o.Hidden
		}
		r.say(now, msg)
	}
	return ""
}

func (m *model) destination(o service.Outgoing, sender *modelUser) *modelRoom {
	switch {
	case o.XCRoomID != "":
		if r, ok := m.live(o.XCRoomID); ok {
			return r
		}
		return nil
	case o.RoomID != "":
		for _, r := range m.rooms {
			if r.public() == o.RoomID && !r.deleted && (r.kind != chat.Personal || r.pair.Has(sender.id)) {
				return r
			}
		}
		// Nobody has written to the other one yet.
		if ref, ok := chat.ParseRoomID(o.RoomID); ok && ref.Type == chat.Personal && ref.Pair.Has(sender.id) {
			return m.personal(sender, m.userByID(ref.Pair.Other(sender.id)))
		}
		return nil
	}
	return m.personal(sender, m.users[o.To.XCID])
}

func (m *model) userByID(id chat.UserID) *modelUser {
	for _, u := range m.users {
		if u.id == id {
			return u
		}
	}
	return nil
}

func (m *model) personal(a, b *modelUser) *modelRoom {
	if b == nil {
		return nil
	}
	pair := chat.NewPair(a.id, b.id)
	if r, ok := m.rooms[pair.String()]; ok {
		return r
	}
	r := &modelRoom{kind: chat.Personal, pair: pair, joined: []string{a.xc}}
	if a != b {
		r.joined = append(r.joined, b.xc)
	}
	return r
}

func (r *modelRoom) public() string {
	return chat.Room{ID: r.id, Type: r.kind, Pair: r.pair}.PublicID()
}

// The questions. Both sides answer them in lines of text, which show at a glance how
// they differ.

// roomLines is what room/get should say.
func (m *model) roomLines(r *modelRoom) []string {
	lines := []string{roomLine(chat.Room{
		ID: r.id, XCID: r.xc, Type: r.kind, Name: r.name, Photo: chat.Image{Thumbnail: r.photo}, Tags: r.tags,
	}, r.locked)}
	people := slices.Clone(r.joined)
	byRole := []*modelUser{}
	for xc, u := range m.users {
		if m.holds(r, xc) && !slices.Contains(r.joined, xc) {
			byRole = append(byRole, u)
		}
	}
	slices.SortFunc(byRole, func(a, b *modelUser) int { return int(a.id - b.id) })
	for _, u := range byRole {
		people = append(people, u.xc)
	}
	for _, xc := range people {
		lines = append(lines, "  "+m.userLine(xc))
	}
	return append(lines, fmt.Sprintf("  %d in all", len(people)))
}

func detailsLines(d chat.RoomDetails) []string {
	lines := []string{roomLine(d.Room, d.Room.Locked())}
	for _, u := range d.Users {
		lines = append(lines, "  "+userLine(u))
	}
	return append(lines, fmt.Sprintf("  %d in all", d.Total))
}

// modelSummary is a room in somebody's list.
type modelSummary struct {
	room   *modelRoom
	last   modelMessage
	unread int64
}

// list is a user's rooms, the newest visible message first.
func (m *model) list(xc string, only []string) []modelSummary {
	var list []modelSummary
	for _, r := range m.rooms {
		in := slices.Contains(r.joined, xc) || m.holds(r, xc)
		if !in || r.deleted || len(only) > 0 && !slices.Contains(only, r.xc) {
			continue
		}
		sum, visible := modelSummary{room: r}, false
		for _, msg := range r.log {
			if msg.hidden {
				continue
			}
			sum.last, visible = msg, true
			if msg.sender != xc {
				sum.unread++
			}
		}
		if visible { // otherwise there is nothing to show in a list yet
			list = append(list, sum)
		}
	}
	slices.SortFunc(list, func(a, b modelSummary) int {
		if a.last.at != b.last.at {
			return int(b.last.at - a.last.at)
		}
		return int(b.room.id - a.room.id)
	})
	return list
}

// listLines is what get_list_by_user should say.
func (m *model) listLines(xc string, only []string) []string {
	lines := []string{}
	for _, sum := range m.list(xc, only) {
		last := sum.last
		line := fmt.Sprintf("%s unread=%d at=%d by %s %q target=%q localID=%s %q",
			sum.room.public(), sum.unread, last.at, m.userLine(last.sender), last.action, last.target, last.localID, last.body)
		if sum.room.kind == chat.Personal {
			partner := m.userByID(sum.room.pair.Other(m.users[xc].id))
			line += " with " + m.userLine(partner.xc)
		}
		lines = append(lines, line)
	}
	return lines
}

// summaryLine is the same line for what the service said. A localID that Parlor chose
// is left out: the model cannot know it.
func (m *model) summaryLine(sum chat.RoomSummary, open func(*chat.Message) string) string {
	localID := sum.Last.LocalID
	if _, chosen := m.sent[localID]; !chosen {
		localID = ""
	}
	line := fmt.Sprintf("%s unread=%d at=%d by %s %q target=%q localID=%s %q",
		sum.Last.Room.PublicID(), sum.Unread, sum.Last.CreatedAt, userLine(sum.Last.Sender), sum.Last.Action,
		sum.Last.Target.XCID, localID, open(sum.Last.Message))
	if sum.Last.Room.Type == chat.Personal {
		line += " with " + userLine(sum.Last.Partner)
	}
	return line
}

func (m *model) userLine(xc string) string {
	if xc == "" {
		return userLine(&chat.User{ID: m.app.SystemUser, Fullname: m.app.Name})
	}
	u := m.users[xc]
	role := m.roles[u.role]
	role.Code = u.role
	return userLine(&chat.User{ID: u.id, XCID: u.xc, Fullname: u.name, Username: u.username, Role: role})
}

func userLine(u *chat.User) string {
	return fmt.Sprintf("%q (%d, %q, %q, role %q %q)", u.XCID, u.ID, u.Fullname, u.Username, u.Role.Code, u.Role.Name)
}

func roomLine(r chat.Room, locked bool) string {
	return fmt.Sprintf("%s %q name=%q photo=%q tags=%q locked=%t",
		r.PublicID(), r.XCID, r.Name, r.Photo.Thumbnail, r.Tags, locked)
}

// sortedKeys gives drawing and checking an order that does not change from run to run.
func sortedKeys[V any](in map[string]V) []string { return slices.Sorted(maps.Keys(in)) }
