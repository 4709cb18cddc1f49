package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/powertalk"
	"parlor/internal/push"
	"parlor/internal/push/apns"
	"parlor/internal/push/courier"
	"parlor/internal/push/fcm"
	"parlor/internal/push/webpush"
	"parlor/internal/service"
	"parlor/internal/store"
)

// pushSetup is what push notifications are sent with.
type pushSetup struct {
	senders push.Senders
	webKey  string // with which browsers subscribe, "" where none can
}

// setUpPush reads the keys of push notifications. roots are whose certificates are believed, nil
// for those of the machine.
func setUpPush(cfg config.Config, roots *x509.CertPool) (p pushSetup, err error) {
	p.senders = push.Senders{}
	dial := push.Dial{Roots: roots}
	if cfg.FCMCredentials != "" {
		p.senders[chat.PushFCM], err = openFCM(cfg, dial)
		if err != nil {
			return p, fmt.Errorf("fcm-credentials: %w", err)
		}
	}
	if cfg.APNsKey != "" {
		sender, err := openAPNs(cfg, dial)
		if err != nil {
			return p, fmt.Errorf("apns-key: %w", err)
		}
		p.senders[chat.PushAPNs], p.senders[chat.PushAPNsSandbox] = sender, sender
	}
	if cfg.VAPIDKey != "" {
		key, err := webpush.ParseKey(cfg.VAPIDKey)
		if err != nil {
			return p, fmt.Errorf("vapid-key: %w", err)
		}
		p.webKey = key.Public
		p.senders[chat.PushWeb] = webpush.New(webpush.Options{
			Key: key, Contact: cfg.VAPIDContact, Dial: dial, Private: cfg.PushPrivateNetwork,
		})
	}
	return p, nil
}

func openFCM(cfg config.Config, dial push.Dial) (*fcm.Sender, error) {
	file, err := os.ReadFile(cfg.FCMCredentials)
	if err != nil {
		return nil, err
	}
	account, err := fcm.ParseAccount(file)
	if err == nil {
		var sender *fcm.Sender
		if sender, err = fcm.New(fcm.Options{Account: account, URL: cfg.FCMURL, Dial: dial}); err == nil {
			return sender, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", cfg.FCMCredentials, err)
}

func openAPNs(cfg config.Config, dial push.Dial) (*apns.Sender, error) {
	file, err := os.ReadFile(cfg.APNsKey)
	if err != nil {
		return nil, err
	}
	key, err := apns.ParseKey(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.APNsKey, err)
	}
	return apns.New(apns.Options{
		Key: key, KeyID: cfg.APNsKeyID, Team: cfg.APNsTeam, Topic: cfg.APNsTopic, URL: cfg.APNsURL, Dial: dial,
	}), nil
}

var errNoPush = errors.New("no push notifications are set up; see fcm-credentials, apns-key and vapid-key")

// WithPush runs do on an open database, beside a running server if there is one, with all that it
// takes to send push notifications.
func WithPush(ctx context.Context, cfg config.Config, do func(*service.Service, *courier.Courier) error) error {
	setup, err := setUpPush(cfg, nil)
	if err != nil {
		return err
	}
	if len(setup.senders) == 0 {
		return errNoPush
	}
	return withStore(ctx, cfg, func(st *store.Store) error {
		return do(service.New(st, powertalk.Dialect{}, service.Options{}),
			courier.New(courier.Options{Store: st, Senders: setup.senders}))
	})
}
