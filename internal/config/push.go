package config

import (
	"fmt"
	"net/url"
	"strings"
)

// validatePush looks at the settings of push notifications, but into no file.
func (c Config) validatePush() error {
	apns := []struct{ name, value string }{
		{"apns-key", c.APNsKey}, {"apns-key-id", c.APNsKeyID}, {"apns-team-id", c.APNsTeam}, {"apns-topic", c.APNsTopic},
	}
	for _, given := range apns {
		for _, missing := range apns {
			if given.value != "" && missing.value == "" {
				return fmt.Errorf("%s: is needed as well, where %s is set", missing.name, given.name)
			}
		}
	}
	for _, id := range apns[1:3] {
		if id.value != "" && (len(id.value) != 10 || strings.ContainsAny(id.value, " \t\r\n")) {
			return fmt.Errorf("%s: want the 10 characters that Apple shows", id.name)
		}
	}
	if c.VAPIDKey != "" && !strings.HasPrefix(c.VAPIDContact, "mailto:") && !strings.HasPrefix(c.VAPIDContact, "https://") {
		return fmt.Errorf("vapid-contact: want mailto:you@example.com or an https:// address, where vapid-key is set")
	}
	for name, address := range map[string]string{"fcm-url": c.FCMURL, "apns-url": c.APNsURL} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.User != nil) {
			return fmt.Errorf("%s: want https://host:port; leave it empty for the vendor's own", name)
		}
	}
	return nil
}
