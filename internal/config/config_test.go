package config_test

import (
	"bytes"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"parlor/internal/config"
)

func itoa(n int) string { return strconv.Itoa(n) }

// TestErrorsNameTheSetting gives each setting wrong values in the environment and in the
// flags; the error must begin with the setting's name, and with where it stands if the
// text alone is wrong.
func TestErrorsNameTheSetting(t *testing.T) {
	wrong := map[string][]string{
		"listen":                 {"8080", "localhost", "1.2.3.4:5:6"},
		"database":               {"mysql://h/d", "host=h dbname=d", "/var/lib/x"},
		"server-key":             {"id", ":secret", "id:", ":"},
		"app-key":                {"id", ":secret", "id:", ":"},
		"log-level":              {"loud", "INFO", "information"},
		"log-format":             {"xml", "JSON"},
		"grace":                  {"15", "soon", "0s", "-1s", "61m"},
		"write-queue":            {"0", "-1", "many", "1.5", "1000001", "99999999999999999999"},
		"write-batch":            {"0", "-1", "many", "10001"},
		"audit-retention":        {"30", "59m", "-24h", "forever"},
		"max-sessions":           {"0", "-1", "many", "10000001"},
		"nats":                   {"nats://h:4222", "http://h"}, // the first has no common database beside it
		"ticket-lifetime":        {"1", "soon", "0s", "-1s", "87601h"},
		"access-token-lifetime":  {"0s", "never"},
		"refresh-token-lifetime": {"999ms", "87601h"},
		"push-private-network":   {"yes", "2"},
		"events-keep":            {"59m", "2161h", "-1h"},

		"webhook-private-network": {"yes", "2"},
		"search":                  {"off", "2"},
		"files":                   {"https://h/bucket", "s3://", "s3://b", "s3://Bucket", "s3://bucket//x", "s3://bucket/../x", "s3://bucket/a b"},
		"s3-endpoint":             {"h:443", "ftp://h", "https://", "https://h/bucket", "https://u:p@h"},
		"fcm-url":                 {"http://h", "https://", "https://h/path", "https://u:p@h"},
		"apns-url":                {"http://h", "h:443"},
	}
	for name, values := range wrong {
		for _, v := range values {
			env := "PARLOR_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			_, inEnv := load(t, "", map[string]string{env: v}, nil)
			_, inFlag := load(t, "", nil, map[string]string{name: v})
			for _, err := range []error{inEnv, inFlag} {
				if err == nil || !strings.HasPrefix(err.Error(), name+":") && !strings.HasPrefix(err.Error(), name+" in the ") {
					t.Errorf("%s %q: error %v", name, v, err)
				}
			}
		}
	}
	keys := map[string]string{"PARLOR_APNS_KEY": "/key", "PARLOR_APNS_KEY_ID": "ABCDE12345", "PARLOR_APNS_TEAM_ID": "TEAM123456"}
	if _, err := load(t, "", keys, nil); err == nil || !strings.HasPrefix(err.Error(), "apns-topic:") {
		t.Errorf("an APNs key without a topic: %v", err)
	}
	keys["PARLOR_APNS_TOPIC"], keys["PARLOR_APNS_KEY_ID"] = "com.example", "short"
	if _, err := load(t, "", keys, nil); err == nil || !strings.HasPrefix(err.Error(), "apns-key-id:") {
		t.Errorf("a key's id that is none: %v", err)
	}
	if _, err := load(t, "", map[string]string{"PARLOR_VAPID_KEY": "hunter2"}, nil); err == nil ||
		!strings.HasPrefix(err.Error(), "vapid-contact:") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a VAPID key without a contact: %v", err)
	}
	if _, err := load(t, "", nil, map[string]string{"data": ""}); err == nil || !strings.HasPrefix(err.Error(), "data:") {
		t.Errorf("no data folder: %v", err)
	}
	if _, err := load(t, "", nil, map[string]string{"data": "", "database": "postgres://h/d"}); err != nil {
		t.Errorf("no data folder beside a database: %v", err)
	}
}

// TestErrorsShowNoSecret: an error goes to logs and bug reports.
func TestErrorsShowNoSecret(t *testing.T) {
	for name, v := range map[string]string{
		"server-key": "hunter2", "app-key": ":hunter2", "database": "mysql://u:hunter2@h/d",
	} {
		_, err := load(t, "", nil, map[string]string{name: v})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestPrintMasksSecrets(t *testing.T) {
	tests := []struct {
		name, setting, value, want string
	}{
		{"server key", "server-key", "srv1:hunter2:more", "server-key: srv1:***"},
		{"app key", "app-key", "app1:hunter2", "app-key: app1:***"},
		{"no key", "app-key", "", `app-key: ""`},
		{
			"password", "database", "postgres://u:hunter2@h:5432/d?sslmode=disable",
			"database: postgres://u:xxxxx@h:5432/d?sslmode=disable",
		},
		{"no password", "database", "postgres://u@h/d", "database: postgres://u@h/d"},
		{
			"password among the options", "database", "postgres://u@h/d?password=hunter2",
			"database: postgres://u@h/d?password=xxxxx",
		},
		{
			"password of the client's key", "database", "postgres://u@h/d?sslpassword=hunter2",
			"database: postgres://u@h/d?sslpassword=xxxxx",
		},
		{"options that are none", "database", "postgres://u@h/d?password=hunter2;x", "database: '***'"},
		{"options badly escaped", "database", "postgres://u@h/d?a=%zz&password=hunter2", "database: '***'"},
		{"password with a slash", "database", "postgres://u:1/hunter2@h/d", "database: '***'"},
		{"password with a hash", "database", "postgres://u:1#hunter2@h/d", "database: '***'"},
		{"address that is none", "database", "postgres://u:hunter2@h:port/d", "database: '***'"},
		{"NATS password", "nats", "nats://u:hunter2@h:4222", "nats: nats://u:xxxxx@h:4222"},
		{"NATS token", "nats", "nats://hunter2@h:4222", "nats: nats://xxxxx@h:4222"},
		{
			"NATS list", "nats", "nats://hunter2@a:1, tls://u:hunter2@b:2,nats://c:3",
			"nats: nats://xxxxx@a:1,tls://u:xxxxx@b:2,nats://c:3",
		},
		{"NATS list without schemes", "nats", "nats://a:1,hunter2@b:2", "nats: '***'"},
		{"NATS token with a slash", "nats", "nats://1/hunter2@h:4222", "nats: '***'"},
		{"NATS password with a comma", "nats", "nats://u:1,hunter2@h:4222", "nats: '***'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			flags := map[string]string{tt.setting: tt.value}
			if tt.setting == "nats" { // which wants a common database
				flags["database"] = "postgres://h/d"
			}
			c, err := load(t, "", nil, flags)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := c.Print(&out); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(out.String(), "hunter2") {
				t.Errorf("the secret is shown:\n%s", &out)
			}
			if !strings.Contains(out.String(), "\n"+tt.want+"\n") {
				t.Errorf("no line %q in\n%s", tt.want, &out)
			}
		})
	}
}

// TestPrintCanBeLoaded: what is printed is a file to start from.
func TestPrintCanBeLoaded(t *testing.T) {
	want := config.Config{
		Listen: "[::1]:0", Data: "/var/lib/parlor: data", Database: "postgres://u@h/d?sslmode=disable",
		LogLevel: "debug", LogFormat: "json", Grace: 90 * time.Second, WriteQueue: 7, WriteBatch: 8, AuditRetention: 48 * time.Hour,
		AppTitle: "The Shop", TrustedProxies: "10.0.0.0/8",
		PublicURL: "https://chat.example.com", Files: "/mnt/files", MaxFileSize: 4096, S3Region: "eu-1", AppFileQuota: 2, UserFileQuota: 1,
		NATS: "nats://h:4222", MaxSessions: 9, Origins: "https://a.example,https://b.example",
		TicketLifetime: time.Minute, AccessLifetime: 2 * time.Minute, RefreshLifetime: 3 * time.Minute,
	}
	var out bytes.Buffer
	if err := want.Print(&out); err != nil {
		t.Fatal(err)
	}
	got, err := load(t, out.String(), nil, nil)
	if err != nil || got != want {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
	for _, s := range config.Settings() {
		if !strings.Contains(out.String(), s.Help+" ("+s.Env()+")\n") {
			t.Errorf("the help of %s is missing", s.Name)
		}
	}
}

func TestSecretsHaveNoFlag(t *testing.T) {
	secret := map[string]bool{"server-key": true, "app-key": true, "vapid-key": true, "s3-secret": true}
	for _, s := range config.Settings() {
		if s.Secret != secret[s.Name] {
			t.Errorf("%s: secret %v", s.Name, s.Secret)
		}
	}
}

// TestBucket: what files in a bucket need, and where they are then.
func TestBucket(t *testing.T) {
	needed := map[string]string{
		"PARLOR_FILES": "s3://my-bucket/some/where", "PARLOR_S3_ENDPOINT": "https://s3.example.com",
		"PARLOR_S3_KEY_ID": "KEY", "PARLOR_S3_SECRET": "hunter2",
	}
	for _, setting := range []string{"s3-endpoint", "s3-key-id", "s3-secret"} {
		less := maps.Clone(needed)
		delete(less, "PARLOR_"+strings.ToUpper(strings.ReplaceAll(setting, "-", "_")))
		_, err := load(t, "", less, nil)
		if err == nil || !strings.HasPrefix(err.Error(), setting+":") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("without %s: %v", setting, err)
		}
	}
	for files, want := range map[string]string{
		"s3://my-bucket": "", "s3://my-bucket/": "", "s3://my-bucket/some/where": "some/where/", "s3://my-bucket/some/where/": "some/where/",
	} {
		needed["PARLOR_FILES"] = files
		c, err := load(t, "", needed, nil)
		if err != nil {
			t.Fatal(err)
		}
		if bucket, prefix := c.FilesBucket(); bucket != "my-bucket" || prefix != want || c.FilesFolder() != "" {
			t.Errorf("%s is %s and %q, and the folder %q", files, bucket, prefix, c.FilesFolder())
		}
		var out bytes.Buffer
		if err := c.Print(&out); err != nil || strings.Contains(out.String(), "hunter2") {
			t.Errorf("printed (%v):\n%s", err, &out)
		}
	}
	if _, err := load(t, "", needed, map[string]string{"data": "", "database": "postgres://h/d"}); err == nil ||
		!strings.HasPrefix(err.Error(), "data:") {
		t.Errorf("without a folder for the spool: %v", err)
	}
}
