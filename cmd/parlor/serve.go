package main

import (
	"context"
	"errors"
	"os"

	"parlor/internal/server"
)

type serveCmd struct {
	dataFlags
	Listen      *string `help:"host:port to serve on (default 127.0.0.1:8080)." placeholder:"ADDR"`
	AppTitle    *string `help:"Title of the default app, which people see where it speaks itself." placeholder:"TITLE"`
	PublicURL   *string `name:"public-url" help:"Address at which devices reach this server, such as https://chat.example.com." placeholder:"URL"`
	Files       *string `help:"Folder of uploaded files, s3://bucket/prefix, or none (default a folder in data)." placeholder:"DIR"`
	MaxFileSize *string `help:"Bytes of an uploaded file at most (default 26214400)." placeholder:"N"`
	LogLevel    *string `help:"debug, info, warn or error (default info)." placeholder:"LEVEL"`
	LogFormat   *string `help:"text or json (default text)." placeholder:"FORMAT"`
	Grace       *string `help:"How long a stop waits for requests under way (default 15s)." placeholder:"TIME"`
	WriteQueue  *string `help:"Writes that may wait for their commit (default 4096)." placeholder:"N"`
	WriteBatch  *string `help:"Writes of one commit at most (default 256)." placeholder:"N"`
	NATS        *string `name:"nats" help:"nats:// address of the bus between nodes; needs --database." placeholder:"ADDR"`
	MaxSessions *string `help:"Devices connected to this node at most (default 100000)." placeholder:"N"`
	Origins     *string `help:"Origins whose pages may open a socket, separated by commas (default all)." placeholder:"LIST"`

	S3Endpoint *string `name:"s3-endpoint" help:"https:// address of the object store, where --files is in a bucket." placeholder:"URL"`
	S3Region   *string `name:"s3-region" help:"Region of the bucket (default us-east-1)." placeholder:"REGION"`
	S3KeyID    *string `name:"s3-key-id" help:"Id of the key to the bucket; its secret is PARLOR_S3_SECRET." placeholder:"ID"`

	AppFileQuota  *string `help:"Bytes that the files of an app may take together (default 0, no bound)." placeholder:"N"`
	UserFileQuota *string `help:"Bytes that the files of a user may take together (default 0, no bound)." placeholder:"N"`

	AuditRetention *string `help:"How long entries of the audit log are kept (default 0s, for ever)." placeholder:"TIME"`

	TrustedProxies *string `help:"Addresses of proxies whose X-Forwarded-For is believed, separated by commas." placeholder:"LIST"`

	TicketLifetime       *string `help:"How long an auth ticket may be exchanged (default 1h)." placeholder:"TIME"`
	AccessTokenLifetime  *string `help:"How long an access token works (default 24h)." placeholder:"TIME"`
	RefreshTokenLifetime *string `help:"How long a refresh token works (default 1440h)." placeholder:"TIME"`

	FCMCredentials     *string `name:"fcm-credentials" help:"File with a Firebase service account's key, for Android." type:"path" placeholder:"FILE"`
	FCMURL             *string `name:"fcm-url" help:"https:// address of what stands in for FCM." placeholder:"URL"`
	APNsKey            *string `name:"apns-key" help:".p8 file with an APNs key, for iOS." type:"path" placeholder:"FILE"`
	APNsKeyID          *string `name:"apns-key-id" help:"Id of the APNs key." placeholder:"ID"`
	APNsTeam           *string `name:"apns-team-id" help:"Id of the team whose key it is." placeholder:"ID"`
	APNsTopic          *string `name:"apns-topic" help:"Bundle id of the iOS app." placeholder:"ID"`
	APNsURL            *string `name:"apns-url" help:"https:// address of what stands in for APNs." placeholder:"URL"`
	VAPIDContact       *string `name:"vapid-contact" help:"mailto: or https: address for the services of browsers." placeholder:"ADDR"`
	PushPrivateNetwork *string `help:"true: browsers' subscriptions may name addresses in private networks." placeholder:"BOOL"`
	EventsKeep         *string `help:"How long events are kept for backends that ask for them; 0 to record none." placeholder:"TIME"`

	WebhookPrivateNetwork *string `help:"true: webhooks may name addresses in private networks." placeholder:"BOOL"`

	Search *string `help:"false: do not index messages, so that they cannot be searched (default true)." placeholder:"BOOL"`

	// Profile is for builds that are guided by what a server does: see scripts/pgo.
	Profile string `hidden:"" help:"Write a CPU profile to a file, until the stop." type:"path" placeholder:"FILE"`

	PrintConfig bool `help:"Print the settings, secrets masked, and exit."`
}

// Run serves until the process is asked to stop.
func (c serveCmd) Run(ctx context.Context) (err error) {
	cfg, err := c.load(map[string]*string{
		"listen": c.Listen, "app-title": c.AppTitle, "trusted-proxies": c.TrustedProxies,
		"public-url": c.PublicURL, "files": c.Files, "max-file-size": c.MaxFileSize,
		"app-file-quota": c.AppFileQuota, "user-file-quota": c.UserFileQuota,
		"s3-endpoint": c.S3Endpoint, "s3-region": c.S3Region, "s3-key-id": c.S3KeyID,
		"audit-retention": c.AuditRetention,
		"log-level":       c.LogLevel, "log-format": c.LogFormat,
		"grace": c.Grace, "write-queue": c.WriteQueue, "write-batch": c.WriteBatch,
		"nats": c.NATS, "max-sessions": c.MaxSessions, "origins": c.Origins, "ticket-lifetime": c.TicketLifetime,
		"access-token-lifetime": c.AccessTokenLifetime, "refresh-token-lifetime": c.RefreshTokenLifetime,
		"fcm-credentials": c.FCMCredentials, "fcm-url": c.FCMURL, "apns-key": c.APNsKey, "apns-key-id": c.APNsKeyID,
		"apns-team-id": c.APNsTeam, "apns-topic": c.APNsTopic, "apns-url": c.APNsURL,
		"vapid-contact": c.VAPIDContact, "push-private-network": c.PushPrivateNetwork,
		"events-keep": c.EventsKeep, "webhook-private-network": c.WebhookPrivateNetwork,
		"search": c.Search,
	})
	if err != nil {
		return err
	}
	if c.PrintConfig {
		return cfg.Print(os.Stdout)
	}
	stop, err := profileTo(c.Profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return server.Run(ctx, cfg, server.Options{
		Version: version, Out: os.Stdout, Log: server.NewLogger(cfg, os.Stderr),
	})
}
