package client

import "context"

// WebPush is what a browser says of its subscription to notifications, such as the JSON of its PushSubscription.
// The key to subscribe with is Configs.Project["webPushPublicKey"].
type WebPush struct {
	Endpoint string `json:"endpoint"` // an https address
	Keys     struct {
		P256DH string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

type pushTokens struct {
	FCM     string `json:"fcmToken"`
	APNs    string `json:"apnToken"`
	Sandbox bool   `json:"isDebug"`
}

// PushByFCM has the device sent notifications of messages through FCM, which knows it by token, for as long as its
// login stands. Like the other two it takes the place of what the device had before. Whether the server sends any
// is up to its operator.
func (d *Device) PushByFCM(ctx context.Context, token string) error {
	return d.push(ctx, pushTokens{FCM: token})
}

// PushByAPNs has the device sent notifications through APNs, which knows it by token, in hexadecimal digits. sandbox
// says that the token is of the sandbox of APNs.
func (d *Device) PushByAPNs(ctx context.Context, token string, sandbox bool) error {
	return d.push(ctx, pushTokens{APNs: token, Sandbox: sandbox})
}

// PushByBrowser has the device sent notifications through the service of a browser.
func (d *Device) PushByBrowser(ctx context.Context, s WebPush) error {
	return d.do(ctx, "client/push_notification/update_web", s, nil)
}

// StopPush has the device sent no more notifications, by whomever they came.
func (d *Device) StopPush(ctx context.Context) error { return d.push(ctx, pushTokens{}) }

func (d *Device) push(ctx context.Context, t pushTokens) error {
	return d.do(ctx, "client/push_notification/update", t, nil)
}
