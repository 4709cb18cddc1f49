// Package webhook calls the addresses that backends have registered about the events of their Apps.
//
// A webhook is called by one process at a time, which holds its lease (store.LeaseWebhooks): any node
// can be that, and another takes over when it dies. The process reads the App's feed behind the
// webhook's place (store.FeedEvents) into a window of a few hundred events and calls the address for
// each, several at a time, but those of a lane, such as a room, one after the other. The place moves
// over what was taken. So a backlog of any length costs no memory: it is the feed itself.
//
// An event that is not taken is parked (store.SaveWebhook), and so is what follows in its lane; the
// place moves on and other lanes with it. What is parked is tried again, each time later, for 72
// hours, and then kept as a dead letter. When calls fail in one lane after the other, the webhook rests
// and is only probed; then little is read, and little parked.
//
// Delivery is at least once: after a crash the last events, up to a window, may be told again, with
// the same ids.
package webhook
