// Package device knows what each device of a user has, and gives it the rest: cursors, what
// has arrived over a socket, and whose turn it is.
//
// # Cursors
//
// A device has a cursor: a change number (see store.Store.Horizon) below which everything that
// its user may see was delivered to it. Catching up delivers what is numbered from there up to
// a horizon, room by room, oldest first, in pages that are bounded by messages and bytes. A
// page moves the walk (store.Progress), and the end of the walk moves the cursor; both only
// once the page has reached the device. So whatever breaks in the middle goes on from there,
// and nothing is skipped: not by a limit, not by a clock, not by a database that fell back.
//
// Where another transaction holds the horizon, what was committed beyond it is delivered, too,
// and remembered by message and state until the horizon has passed it.
//
// SDKs ask once per connection and for no further page. So the rest follows over the socket
// (see Devices.Feed) as ordinary messages and updates.
//
// # Live messages
//
// A connected device is notified of changes as they happen. Its session began at some number
// and misses nothing from there on. Once the cursor has got there, what the device confirms of
// the session's frames moves the cursor further. Until then, what has arrived is remembered by
// message and state, so that catching up does not repeat it: it would count as unread twice.
package device
