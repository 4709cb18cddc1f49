package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// updatePush takes what Android and iOS send, each with a token of its own and the other's null
// or empty. Without any the device wants no more notifications.
func updatePush(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	fcm := p.TextOr("fcmToken", chat.MaxPushToken)
	apn := p.TextOr("apnToken", chat.MaxPushToken)
	sandbox := p.IsTrue("isDebug")
	if err := p.Err(); err != nil {
		return nil, err
	}
	var target chat.PushTarget
	var err error
	switch {
	case apn != "":
		target, err = chat.APNsTarget(apn, sandbox)
	case fcm != "":
		target, err = chat.FCMTarget(fcm)
	default:
		return unsubscribed, me.RemovePushTarget(ctx)
	}
	if err != nil {
		return nil, err
	}
	return subscribed, me.SetPushTarget(ctx, target)
}

// updateWebPush takes the JSON of a browser's PushSubscription.
func updateWebPush(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	var p256dh, auth string
	endpoint := p.TextOr("endpoint", chat.MaxEndpoint)
	p.Object("keys", func(p *httpapi.Params) {
		p256dh, auth = p.TextOr("p256dh", chat.MaxEndpoint), p.TextOr("auth", chat.MaxEndpoint)
	})
	if err := p.Err(); err != nil {
		return nil, err
	}
	if endpoint == "" {
		return unsubscribed, me.RemovePushTarget(ctx)
	}
	target, err := chat.WebPushTarget(endpoint, p256dh, auth)
	if err != nil {
		return nil, err
	}
	return subscribed, me.SetPushTarget(ctx, target)
}

var (
	subscribed   = wire.Result{Success: true, Message: "Push notifications are on"}
	unsubscribed = wire.Result{Success: true, Message: "Push notifications are off"}
)
