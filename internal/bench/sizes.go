package bench

import (
	"image"
	"time"
)

// sizes is how much data the rows work on.
type sizes struct {
	rooms     int   // of room-get and of updates
	users     int   // whom those rooms' participants are taken from
	inRoom    int   // participants of each of them
	sendRooms int   // rooms that the senders write into
	senders   int   // of them
	listShort int   // rooms of the user with the short list
	listLong  int   // and of the one with the long list
	fewRooms  int   // rooms in all, in the small database of the lists
	manyRooms int   // and in the large one
	messages  int   // in each room of those
	crowd     int   // participants of the big room
	crowds    []int // connected members of the rooms of fan-out, rising
	flood     int   // connected members of the room that is flooded
	old       int   // messages of an old database that is made for it
	oldRooms  int   // in each

	// What the curves of growth are over, rising.
	histories, members, roomCounts, socketCounts []int

	photo     image.Point   // pixels of the photo of thumbnails
	scheduled int           // messages that are due one after the other
	spread    time.Duration // over which they are due
	lead      time.Duration // from when they have probably been scheduled until the first is due
	jobs      int           // messages that are due at once
	pushed    int           // messages that people get a notification of
	offline   int           // of those people
	told      int           // calls of webhooks in one round
	backlog   int           // messages that a webhook was not told of

	idle    []int         // idle sessions, rising
	linger  time.Duration // after which idle sessions are weighed
	storm   int           // sessions that come back at once
	loops   int           // connections on which one user calls without a pause
	soakers int           // people of a soak
	pace    time.Duration // after which each of them does something
	starts  int           // how often the server is started
	settle  time.Duration // before an idle process' memory is read
}

func fullSizes() sizes {
	return sizes{
		rooms: 1000, users: 1000, inRoom: 10, sendRooms: 100, senders: 64,
		listShort: 100, listLong: 1000, fewRooms: 1000, manyRooms: 100_000, messages: 10,
		crowd: 100_000, crowds: []int{1000, 5000}, flood: 1000, old: 1_000_000, oldRooms: OldRooms, idle: []int{2000, 10_000}, linger: 25 * time.Second, storm: 2000, loops: 1100,
		histories: []int{10_000, 100_000, 1_000_000}, members: []int{10, 100, 1000, 10_000, 100_000},
		roomCounts: []int{1000, 10_000, 100_000}, socketCounts: []int{0, 1000, 5000, 10_000},
		photo: image.Pt(4000, 3000), scheduled: 100_000, spread: time.Minute, lead: 5 * time.Second, jobs: 20_000, pushed: 200, offline: 100, told: 20_000, backlog: 100_000,
		soakers: 100, pace: time.Second, starts: 10, settle: 5 * time.Second,
	}
}

func quickSizes() sizes {
	return sizes{
		rooms: 50, users: 50, inRoom: 10, sendRooms: 20, senders: 64,
		listShort: 10, listLong: 50, fewRooms: 50, manyRooms: 500, messages: 3,
		crowd: 300, crowds: []int{10, 50}, flood: 20, old: 2000, oldRooms: 100, idle: []int{20, 60}, linger: 100 * time.Millisecond, storm: 50, loops: 100,
		histories: []int{200, 1000}, members: []int{10, 50}, roomCounts: []int{50, 100}, socketCounts: []int{0, 20},
		photo: image.Pt(800, 600), scheduled: 300, spread: 500 * time.Millisecond, lead: time.Second, jobs: 200, pushed: 5, offline: 10, told: 400, backlog: 500,
		soakers: 15, pace: 20 * time.Millisecond, starts: 2, settle: 100 * time.Millisecond,
	}
}

// How many connections call at once.
const (
	getConnections   = 32
	writeConnections = 64
	listConnections  = 8 // an answer is a megabyte; more of them would only queue
	setupConnections = 32
)
