// Package config is what an operator can set. Each setting has a default and may come
// from a YAML file, from the environment and from a flag, the later beating the earlier
// (docs/configuration.md).
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"
)

// Config is the settings of one server, valid after Load.
type Config struct {
	Listen     string        // host:port
	Data       string        // folder of the embedded database
	Database   string        // postgres:// address; "" means the embedded database
	NATS       string        // nats:// address of the bus between nodes; "" on a node of its own
	ServerKey  string        // id:secret of a server key that is to exist in the default App
	AppKey     string        // id:secret of an app key, likewise
	AppTitle   string        // of the default App; "" leaves it as it is
	LogLevel   string        // debug, info, warn, error
	LogFormat  string        // text or json
	Grace      time.Duration // how long a stop waits for requests under way
	WriteQueue int           // writes that may wait for their commit
	WriteBatch int           // writes of one commit

	PublicURL     string // what the addresses of files begin with; "" means that they have none
	Files         string // folder of the files' content, s3://bucket/prefix, or NoFiles; "" means a folder in Data
	MaxFileSize   int64  // of an upload, in bytes
	AppFileQuota  int64  // what an App's files may take together, in bytes; 0 is no bound
	UserFileQuota int64  // what one user's files may take together, likewise

	S3Endpoint string // https://host or http://host:port of the object store; needed where Files is in a bucket
	S3Region   string
	S3KeyID    string // likewise needed
	S3Secret   string // likewise

	AuditRetention time.Duration // how long entries of the audit log are kept; 0 means for ever

	MaxSessions     int           // devices connected to this node
	Origins         string        // origins whose pages may connect, separated by commas; "" means all
	TrustedProxies  string        // addresses and networks of proxies, separated by commas
	TicketLifetime  time.Duration // how long an auth ticket may be exchanged
	AccessLifetime  time.Duration // of an access token
	RefreshLifetime time.Duration // of a refresh token

	FCMCredentials     string // file of a service account's key; "" sends nothing to Android
	FCMURL             string // what stands in for FCM; "" is FCM itself
	APNsKey            string // .p8 file; "" sends nothing to iOS
	APNsKeyID          string
	APNsTeam           string
	APNsTopic          string // the app's bundle id
	APNsURL            string // what stands in for APNs and its sandbox; "" is Apple's
	VAPIDKey           string // private, in base64url; "" sends nothing to browsers
	VAPIDContact       string // mailto: or https:
	PushPrivateNetwork bool   // browsers' subscriptions may name private addresses

	EventsKeep            time.Duration // how long events are kept; 0 records none
	WebhookPrivateNetwork bool          // webhooks may have private addresses
	Search                bool          // messages are indexed by their words
}

// Default returns the settings of a server that nobody configured.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080", Data: "./data", LogLevel: "info", LogFormat: "text",
		Grace: 15 * time.Second, WriteQueue: 4096, WriteBatch: 256,
		MaxFileSize: 25 << 20, S3Region: "us-east-1",
		MaxSessions: 100_000, TicketLifetime: time.Hour, AccessLifetime: 24 * time.Hour, RefreshLifetime: 60 * 24 * time.Hour,
		EventsKeep: 7 * 24 * time.Hour, Search: true,
	}
}

// SQLitePath is the file of the embedded database.
func (c Config) SQLitePath() string { return filepath.Join(c.Data, "parlor.db") }

// Validate says which setting is wrong, and how.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen: want host:port, such as 127.0.0.1:8080: %w", err)
	}
	if c.Database == "" && c.Data == "" {
		return fmt.Errorf("data: name a folder for the database")
	}
	if c.Database != "" &&
		!strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return fmt.Errorf("database: want postgres://user:password@host:port/name; leave it empty for the embedded database")
	}
	if c.NATS != "" && c.Database == "" {
		return fmt.Errorf("nats: several nodes need a common database; set database to a postgres:// address")
	}
	if c.NATS != "" && !strings.HasPrefix(c.NATS, "nats://") && !strings.HasPrefix(c.NATS, "tls://") {
		return fmt.Errorf("nats: want nats://host:port; leave it empty for a single node")
	}
	for name, key := range map[string]string{"server-key": c.ServerKey, "app-key": c.AppKey} {
		if id, secret, ok := strings.Cut(key, ":"); key != "" && (!ok || id == "" || secret == "") {
			return fmt.Errorf("%s: want id:secret", name)
		}
	}
	if c.AppTitle != strings.TrimSpace(c.AppTitle) || utf8.RuneCountInString(c.AppTitle) > maxTitle ||
		strings.ContainsRune(c.AppTitle, 0) {
		return fmt.Errorf("app-title: want up to %d characters without spaces around them", maxTitle)
	}
	if !oneOf(c.LogLevel, "debug", "info", "warn", "error") {
		return fmt.Errorf("log-level: want debug, info, warn or error, not %q", c.LogLevel)
	}
	if !oneOf(c.LogFormat, "text", "json") {
		return fmt.Errorf("log-format: want text or json, not %q", c.LogFormat)
	}
	if c.Grace <= 0 || c.Grace > time.Hour {
		return fmt.Errorf("grace: want a time up to 1h, such as 15s")
	}
	if c.WriteQueue < 1 || c.WriteQueue > 1_000_000 {
		return fmt.Errorf("write-queue: want 1 to 1000000")
	}
	if c.WriteBatch < 1 || c.WriteBatch > 10_000 {
		return fmt.Errorf("write-batch: want 1 to 10000")
	}
	if err := c.validateFiles(); err != nil {
		return err
	}
	if c.AuditRetention != 0 && c.AuditRetention < time.Hour {
		return fmt.Errorf("audit-retention: want a time of at least 1h, such as 8760h, or 0s to keep everything")
	}
	if c.MaxSessions < 1 || c.MaxSessions > 10_000_000 {
		return fmt.Errorf("max-sessions: want 1 to 10000000")
	}
	if _, err := c.TrustedProxyList(); err != nil {
		return err
	}
	for _, l := range []struct {
		name string
		time time.Duration
	}{
		{"ticket-lifetime", c.TicketLifetime},
		{"access-token-lifetime", c.AccessLifetime},
		{"refresh-token-lifetime", c.RefreshLifetime},
	} {
		if l.time < time.Second || l.time > maxLifetime {
			return fmt.Errorf("%s: want a time from 1s to 87600h, such as 24h", l.name)
		}
	}
	if c.EventsKeep != 0 && (c.EventsKeep < time.Hour || c.EventsKeep > maxEventsKeep) {
		return fmt.Errorf("events-keep: want a time from 1h to 2160h, such as 168h, or 0 to record no events")
	}
	return c.validatePush()
}

// maxEventsKeep is 90 days.
const maxEventsKeep = 90 * 24 * time.Hour

// maxTitle is what an App's title may have, in characters.
const maxTitle = 100

// maxLifetime is ten years.
const maxLifetime = 10 * 365 * 24 * time.Hour

// OriginList is Origins one by one.
func (c Config) OriginList() []string {
	return entries(c.Origins)
}

// TrustedProxyList is TrustedProxies one by one.
func (c Config) TrustedProxyList() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, s := range entries(c.TrustedProxies) {
		network, err := netip.ParsePrefix(s)
		if addr, addrErr := netip.ParseAddr(s); addrErr == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("trusted-proxies: want addresses such as 10.0.0.7 or networks such as 10.0.0.0/8, not %q", s)
		}
		list = append(list, network.Masked())
	}
	return list, nil
}

// entries takes a list with commas apart.
func entries(s string) (list []string) {
	for e := range strings.SplitSeq(s, ",") {
		if e = strings.TrimSpace(e); e != "" {
			list = append(list, e)
		}
	}
	return list
}

func oneOf(s string, list ...string) bool {
	for _, l := range list {
		if s == l {
			return true
		}
	}
	return false
}

// maskURL hides the passwords of an address, or all of it if they cannot be distinguished from
// the rest: a password with a bare slash in it reads as a path.
func maskURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") {
		return "***"
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "***"
	}
	for name := range q {
		if strings.Contains(name, "password") { // that of the client's key, too
			q.Set(name, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}

// maskNATS hides what is secret in a list of NATS addresses: passwords, and a user without
// one, which is a token. A password with a comma in it reads as two addresses.
func maskNATS(list string) string {
	all := strings.Split(list, ",")
	for i, s := range all {
		s = strings.TrimSpace(s)
		if !strings.Contains(s, "://") && strings.Contains(s, "@") {
			return "***"
		}
		if u, err := url.Parse(s); err == nil && u.User != nil {
			if _, hasPassword := u.User.Password(); !hasPassword {
				u.User = url.User("xxxxx")
				s = u.String()
			}
		}
		all[i] = maskURL(s)
	}
	return strings.Join(all, ",")
}

// maskKey hides the secret of id:secret.
func maskKey(s string) string {
	id, _, ok := strings.Cut(s, ":")
	if !ok {
		return s
	}
	return id + ":***"
}
