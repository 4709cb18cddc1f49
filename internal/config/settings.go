package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Setting is one thing to set. Its name is the YAML key and the flag; the environment
// variable is PARLOR_ and the name in capitals.
type Setting struct {
	Name string
	Help string
	// Secret settings have no flag: a command line is there for everybody to read.
	Secret bool

	set  func(*Config, string) error
	show func(Config) string // masked
}

// Env is the setting's environment variable.
func (s Setting) Env() string {
	return "PARLOR_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Settings returns everything that can be set, in the order in which it is documented.
func Settings() []Setting {
	return []Setting{
		text("listen", "host:port to serve on", func(c *Config) *string { return &c.Listen }, nil),
		text("data", "folder of the embedded database", func(c *Config) *string { return &c.Data }, nil),
		text("database", "postgres:// address; empty for the embedded database",
			func(c *Config) *string { return &c.Database }, maskURL),
		text("nats", "nats:// address of the bus between nodes; empty for a single node",
			func(c *Config) *string { return &c.NATS }, maskNATS),
		secret(text("server-key", "id:secret of a server key to have in the default app",
			func(c *Config) *string { return &c.ServerKey }, maskKey)),
		secret(text("app-key", "id:secret of an app key to have in the default app",
			func(c *Config) *string { return &c.AppKey }, maskKey)),
		text("app-title", "title of the default app, which people see where it speaks itself; empty to leave it as it is",
			func(c *Config) *string { return &c.AppTitle }, nil),
		text("public-url", "address at which devices reach this server, such as https://chat.example.com; empty for none",
			func(c *Config) *string { return &c.PublicURL }, nil),
		text("files", "folder of uploaded files, s3://bucket/prefix, or none to keep none; empty for a folder in data",
			func(c *Config) *string { return &c.Files }, nil),
		text("s3-endpoint", "https:// address of the object store, where files is in a bucket",
			func(c *Config) *string { return &c.S3Endpoint }, nil),
		text("s3-region", "region of the bucket", func(c *Config) *string { return &c.S3Region }, nil),
		text("s3-key-id", "id of the key to the bucket", func(c *Config) *string { return &c.S3KeyID }, nil),
		secret(text("s3-secret", "secret of that key", func(c *Config) *string { return &c.S3Secret },
			func(string) string { return "***" })),
		size("max-file-size", "bytes of an uploaded file at most", func(c *Config) *int64 { return &c.MaxFileSize }),
		size("app-file-quota", "bytes that the files of an app may take together; 0 for no bound",
			func(c *Config) *int64 { return &c.AppFileQuota }),
		size("user-file-quota", "bytes that the files of a user may take together; 0 for no bound",
			func(c *Config) *int64 { return &c.UserFileQuota }),
		text("log-level", "debug, info, warn or error", func(c *Config) *string { return &c.LogLevel }, nil),
		text("log-format", "text or json", func(c *Config) *string { return &c.LogFormat }, nil),
		duration("grace", "how long a stop waits for requests under way", func(c *Config) *time.Duration { return &c.Grace }),
		number("write-queue", "writes that may wait for their commit", func(c *Config) *int { return &c.WriteQueue }),
		number("write-batch", "writes of one commit at most", func(c *Config) *int { return &c.WriteBatch }),
		duration("audit-retention", "how long entries of the audit log are kept; 0s for ever",
			func(c *Config) *time.Duration { return &c.AuditRetention }),
		number("max-sessions", "devices connected to this node at most", func(c *Config) *int { return &c.MaxSessions }),
		text("origins", "origins whose pages may open a socket, separated by commas; empty for all",
			func(c *Config) *string { return &c.Origins }, nil),
		text("trusted-proxies", "addresses of proxies whose X-Forwarded-For is believed, separated by commas",
			func(c *Config) *string { return &c.TrustedProxies }, nil),
		duration("ticket-lifetime", "how long an auth ticket may be exchanged",
			func(c *Config) *time.Duration { return &c.TicketLifetime }),
		duration("access-token-lifetime", "how long an access token works",
			func(c *Config) *time.Duration { return &c.AccessLifetime }),
		duration("refresh-token-lifetime", "how long a refresh token works",
			func(c *Config) *time.Duration { return &c.RefreshLifetime }),
		text("fcm-credentials", "file with a Firebase service account's key; empty to send nothing to Android",
			func(c *Config) *string { return &c.FCMCredentials }, nil),
		text("fcm-url", "https:// address of what stands in for FCM", func(c *Config) *string { return &c.FCMURL }, nil),
		text("apns-key", ".p8 file with an APNs key; empty to send nothing to iOS",
			func(c *Config) *string { return &c.APNsKey }, nil),
		text("apns-key-id", "id of the APNs key", func(c *Config) *string { return &c.APNsKeyID }, nil),
		text("apns-team-id", "id of the team whose key it is", func(c *Config) *string { return &c.APNsTeam }, nil),
		text("apns-topic", "bundle id of the iOS app", func(c *Config) *string { return &c.APNsTopic }, nil),
		text("apns-url", "https:// address of what stands in for APNs", func(c *Config) *string { return &c.APNsURL }, nil),
		secret(text("vapid-key", "private key for browsers, by `parlor push vapid-key`; empty to send them nothing",
			func(c *Config) *string { return &c.VAPIDKey }, func(string) string { return "***" })),
		text("vapid-contact", "mailto: or https: address for the services of browsers",
			func(c *Config) *string { return &c.VAPIDContact }, nil),
		flag("push-private-network", "let browsers' subscriptions name addresses in private networks",
			func(c *Config) *bool { return &c.PushPrivateNetwork }),
		duration("events-keep", "how long events are kept for backends that ask for them; 0 to record none",
			func(c *Config) *time.Duration { return &c.EventsKeep }),
		flag("webhook-private-network", "let webhooks name addresses in private networks",
			func(c *Config) *bool { return &c.WebhookPrivateNetwork }),
		flag("search", "index messages by their words, so that backends can search them", func(c *Config) *bool { return &c.Search }),
	}
}

func flag(name, help string, field func(*Config) *bool) Setting {
	return Setting{
		Name: name, Help: help,
		set: func(c *Config, v string) (err error) {
			if *field(c), err = strconv.ParseBool(v); err != nil {
				return fmt.Errorf("want true or false, not %q", v)
			}
			return nil
		},
		show: func(c Config) string { return strconv.FormatBool(*field(&c)) },
	}
}

func text(name, help string, field func(*Config) *string, mask func(string) string) Setting {
	return Setting{
		Name: name, Help: help,
		set: func(c *Config, v string) error {
			*field(c) = v
			return nil
		},
		show: func(c Config) string {
			v := *field(&c)
			if mask != nil && v != "" {
				return mask(v)
			}
			return v
		},
	}
}

func duration(name, help string, field func(*Config) *time.Duration) Setting {
	return Setting{
		Name: name, Help: help,
		set: func(c *Config, v string) (err error) {
			*field(c), err = time.ParseDuration(v)
			return err
		},
		show: func(c Config) string { return field(&c).String() },
	}
}

func number(name, help string, field func(*Config) *int) Setting {
	return Setting{
		Name: name, Help: help,
		set: func(c *Config, v string) error {
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("want a whole number, not %q", v)
			}
			*field(c) = n
			return nil
		},
		show: func(c Config) string { return strconv.Itoa(*field(&c)) },
	}
}

// size is a number of bytes.
func size(name, help string, field func(*Config) *int64) Setting {
	return Setting{
		Name: name, Help: help,
		set: func(c *Config, v string) error {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return fmt.Errorf("want a whole number of bytes, not %q", v)
			}
			*field(c) = n
			return nil
		},
		show: func(c Config) string { return strconv.FormatInt(*field(&c), 10) },
	}
}

func secret(s Setting) Setting {
	s.Secret = true
	return s
}
