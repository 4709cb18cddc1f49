package courier

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/push"
	"parlor/internal/view"
)

// Trial is what one device would be sent, for an operator to look at.
type Trial struct {
	Device       chat.PushDevice
	Notification push.Notification
	IsSetUp      bool // there is a sender for it
}

// Trials makes what the devices of a user, by the customer's id, would be sent of the newest message
// that the user sees, whether or not they have it. It is CodeNotFound for a user without messages.
func (c *Courier) Trials(ctx context.Context, app chat.AppID, xc string) ([]Trial, error) {
	user, err := c.o.Store.UserByXCID(ctx, app, xc)
	if err != nil {
		return nil, err
	}
	devices, err := c.o.Store.PushDevices(ctx, user.App, []chat.UserID{user.ID})
	if err != nil || len(devices) == 0 {
		return nil, err
	}
	lines, _, err := c.o.Store.RoomList(ctx, user, nil, chat.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, chat.Errorf(chat.CodeNotFound, "the user has no message that could be shown; send one first")
	}
	l := lines[0]
	v := view.Message(l.Message, l.Room, l.Receipts, user.ID)
	v.Sender, v.Partner = l.Sender, l.Partner
	trials := make([]Trial, len(devices))
	for i, device := range devices {
		n, err := c.make(ctx, v, user, device.Target.Kind)
		if err != nil {
			return nil, err
		}
		_, is := c.o.Senders[device.Target.Kind]
		trials[i] = Trial{Device: device, Notification: n, IsSetUp: is}
	}
	return trials, nil
}

// Try sends what a trial says. Nothing is changed by what the vendor answers.
func (c *Courier) Try(ctx context.Context, t Trial) push.Result {
	return c.o.Senders[t.Device.Target.Kind].Send(ctx, t.Device.Target, t.Notification)
}
