package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parlor/internal/config"
)

// load is config.Load with a file of this text, unless it is "", and this environment.
func load(t *testing.T, file string, env, flags map[string]string) (config.Config, error) {
	t.Helper()
	name := ""
	if file != "" {
		name = write(t, file)
	}
	var environ []string
	for key, value := range env {
		environ = append(environ, key+"="+value)
	}
	return config.Load(name, environ, flags)
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "parlor.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDefaults(t *testing.T) {
	got, err := load(t, "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: "127.0.0.1:8080", Data: "./data", LogLevel: "info", LogFormat: "text",
		Grace: 15 * time.Second, WriteQueue: 4096, WriteBatch: 256,
		MaxFileSize: 25 << 20, S3Region: "us-east-1",
		MaxSessions: 100_000, TicketLifetime: time.Hour, AccessLifetime: 24 * time.Hour, RefreshLifetime: 1440 * time.Hour,
		EventsKeep: 168 * time.Hour, Search: true,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestPrecedence sets every setting in each source in turn, and then in all of them: the
// later source wins, and a source that is silent leaves the earlier one's value.
func TestPrecedence(t *testing.T) {
	values := map[string][3]string{ // in the file, the environment and the flags
		"listen":                 {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"},
		"data":                   {"/file", "/env", "/flag"},
		"database":               {"postgres://file/d", "postgres://env/d", "postgresql://flag/d"},
		"public-url":             {"https://file", "https://env", "https://flag/chat"},
		"files":                  {"/file", "/env", "none"},
		"s3-endpoint":            {"https://file", "http://env:1", "https://flag:2"},
		"s3-region":              {"file-1", "env-1", "flag-1"},
		"s3-key-id":              {"FILE", "ENV", "FLAG"},
		"s3-secret":              {"secret of file", "secret of env", "secret of flag"},
		"max-file-size":          {"2001", "2002", "2003"},
		"app-file-quota":         {"1", "2", "3"},
		"user-file-quota":        {"4", "5", "6"},
		"server-key":             {"file:s", "env:s", "flag:s"},
		"app-key":                {"file:a", "env:a", "flag:a"},
		"app-title":              {"File Shop", "Env Shop", "Flag Shop"},
		"trusted-proxies":        {"10.0.0.1", "10.0.0.2,::1", "10.0.0.0/8"},
		"log-level":              {"debug", "warn", "error"},
		"log-format":             {"json", "text", "json"},
		"grace":                  {"1s", "2s", "1m0s"},
		"write-queue":            {"1", "2", "3"},
		"write-batch":            {"4", "5", "6"},
		"audit-retention":        {"24h0m0s", "48h0m0s", "72h0m0s"},
		"max-sessions":           {"7", "8", "9"},
		"nats":                   {"nats://file:1", "nats://env:1", "tls://flag:1"},
		"origins":                {"https://file.example", "https://env.example", "https://flag.example"},
		"ticket-lifetime":        {"1m0s", "2m0s", "3m0s"},
		"access-token-lifetime":  {"4m0s", "5m0s", "6m0s"},
		"refresh-token-lifetime": {"7m0s", "8m0s", "9m0s"},
		"fcm-credentials":        {"/file/account", "/env/account", "/flag/account"},
		"fcm-url":                {"https://file:1", "https://env:1", "https://flag:1"},
		"apns-key":               {"/file/key", "/env/key", "/flag/key"},
		"apns-key-id":            {"KEYOFFILE1", "KEYOFENV01", "KEYOFFLAG1"},
		"apns-team-id":           {"TEAMOFFILE", "TEAMOFENV1", "TEAMOFFLAG"},
		"apns-topic":             {"file.example", "env.example", "flag.example"},
		"apns-url":               {"https://file:2", "https://env:2", "https://flag:2"},
		"vapid-key":              {"key of file", "key of env", "key of flag"},
		"vapid-contact":          {"mailto:file@example.com", "mailto:env@example.com", "https://flag.example"},
		"push-private-network":   {"false", "true", "false"},
		"events-keep":            {"1h0m0s", "2h0m0s", "3h0m0s"},

		"webhook-private-network": {"false", "true", "false"},
		"search":                  {"false", "true", "false"},
	}
	for _, s := range config.Settings() {
		v, ok := values[s.Name]
		if !ok {
			t.Errorf("setting %s is not tested", s.Name)
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			file := s.Name + ": " + v[0] + "\n"
			env := map[string]string{s.Env(): v[1]}
			flags := map[string]string{s.Name: v[2]}
			for _, tt := range []struct {
				name       string
				file       string
				env, flags map[string]string
				want       string
			}{
				{"file", file, nil, nil, v[0]},
				{"environment", "", env, nil, v[1]},
				{"flag", "", nil, flags, v[2]},
				{"environment over file", file, env, nil, v[1]},
				{"flag over file", file, nil, flags, v[2]},
				{"flag over both", file, env, flags, v[2]},
			} {
				for name, value := range beside(s) {
					tt.env = with(tt.env, name, value)
				}
				c, err := load(t, tt.file, tt.env, tt.flags)
				if err != nil {
					t.Errorf("%s: %v", tt.name, err)
				} else if got := fields(c)[s.Name]; got != tt.want {
					t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
				}
			}
		})
	}
}

// beside are the variables without which a setting is refused.
func beside(s config.Setting) map[string]string {
	switch s.Name {
	case "nats":
		return map[string]string{"PARLOR_DATABASE": "postgres://h/d"}
	case "vapid-key":
		return map[string]string{"PARLOR_VAPID_CONTACT": "mailto:a@example.com"}
	case "apns-key", "apns-key-id", "apns-team-id", "apns-topic":
		others := map[string]string{
			"PARLOR_APNS_KEY": "/key", "PARLOR_APNS_KEY_ID": "ABCDE12345", "PARLOR_APNS_TEAM_ID": "TEAM123456",
			"PARLOR_APNS_TOPIC": "com.example",
		}
		delete(others, s.Env())
		return others
	}
	return nil
}

func with(env map[string]string, name, value string) map[string]string {
	out := map[string]string{name: value}
	maps.Copy(out, env)
	return out
}

// fields are a configuration's values as one would write them.
func fields(c config.Config) map[string]string {
	out := map[string]string{
		"listen": c.Listen, "data": c.Data, "database": c.Database, "server-key": c.ServerKey,
		"app-key": c.AppKey, "log-level": c.LogLevel, "log-format": c.LogFormat, "grace": c.Grace.String(),
		"app-title": c.AppTitle, "trusted-proxies": c.TrustedProxies,
		"nats": c.NATS, "origins": c.Origins, "ticket-lifetime": c.TicketLifetime.String(),
		"access-token-lifetime": c.AccessLifetime.String(), "refresh-token-lifetime": c.RefreshLifetime.String(),
		"fcm-credentials": c.FCMCredentials, "fcm-url": c.FCMURL, "apns-key": c.APNsKey, "apns-key-id": c.APNsKeyID,
		"apns-team-id": c.APNsTeam, "apns-topic": c.APNsTopic, "apns-url": c.APNsURL, "vapid-key": c.VAPIDKey,
		"s3-endpoint": c.S3Endpoint, "s3-region": c.S3Region, "s3-key-id": c.S3KeyID, "s3-secret": c.S3Secret,
		"vapid-contact": c.VAPIDContact, "push-private-network": strconv.FormatBool(c.PushPrivateNetwork),
		"events-keep": c.EventsKeep.String(), "webhook-private-network": strconv.FormatBool(c.WebhookPrivateNetwork),
		"search": strconv.FormatBool(c.Search),
	}
	maps.Copy(out, map[string]string{
		"write-queue": itoa(c.WriteQueue), "write-batch": itoa(c.WriteBatch), "max-sessions": itoa(c.MaxSessions),
		"audit-retention": c.AuditRetention.String(),
		"public-url":      c.PublicURL, "files": c.Files, "max-file-size": itoa(int(c.MaxFileSize)),
		"app-file-quota": itoa(int(c.AppFileQuota)), "user-file-quota": itoa(int(c.UserFileQuota)),
	})
	return out
}

func TestFileIsNamedInTheEnvironment(t *testing.T) {
	name := write(t, "listen: 127.0.0.1:1\n")
	c, err := load(t, "", map[string]string{"PARLOR_CONFIG": name}, nil)
	if err != nil || c.Listen != "127.0.0.1:1" {
		t.Errorf("listen %q, %v", c.Listen, err)
	}
	c, err = load(t, "listen: 127.0.0.1:2\n", map[string]string{"PARLOR_CONFIG": name}, nil)
	if err != nil || c.Listen != "127.0.0.1:2" {
		t.Errorf("the file of the flag: listen %q, %v", c.Listen, err)
	}
}

// TestEmptyEnvironment: containers pass on variables that nobody has set.
func TestEmptyEnvironment(t *testing.T) {
	c, err := load(t, "data: /file\n", map[string]string{"PARLOR_DATA": "", "PARLOR_GRACE": ""}, nil)
	if err != nil || c.Data != "/file" {
		t.Errorf("data %q, %v", c.Data, err)
	}
}

// TestUnknownVariable: a variable that begins as ours do and is none stops the start, like
// a flag or a name in the file. What Kubernetes sets beside a service of our name does not.
func TestUnknownVariable(t *testing.T) {
	for name, want := range map[string]string{
		"PARLOR_LISTN":    "the environment has PARLOR_LISTN, which is no setting; did you mean PARLOR_LISTEN?",
		"PARLOR_LOGLEVEL": "did you mean PARLOR_LOG_LEVEL?",
		"PARLOR_CONFG":    "did you mean PARLOR_CONFIG?",
		"PARLOR_DATABASE_URL": "the environment has PARLOR_DATABASE_URL, which is no setting; " +
			"there are PARLOR_CONFIG, PARLOR_LISTEN, ",
		"PARLOR_": "the environment has PARLOR_, which is no setting",
	} {
		for _, value := range []string{"hunter2", ""} {
			_, err := load(t, "", map[string]string{name: value}, nil)
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: error %v, want one with %q", name, err, want)
			}
		}
	}
	for _, name := range []string{
		"PARLOR_SERVICE_HOST", "PARLOR_SERVICE_PORT", "PARLOR_SERVICE_PORT_HTTP", "PARLOR_PORT", "PARLOR_PORT_8080_TCP",
		"PARLOR_PORT_8080_TCP_ADDR", "PARLOR_NATS_SERVICE_HOST", "PARLOR_NATS_PORT_4222_TCP_PROTO",
		"MY_PARLOR_LISTN", "parlor_listn",
	} {
		if _, err := load(t, "", map[string]string{name: "x"}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"unknown name", "lisen: 127.0.0.1:1\n", `there is no setting "lisen"; did you mean listen?`},
		{"strange name", "colour: red\n", `there is no setting "colour"; there are listen, data, `},
		{"environment's spelling", "PARLOR_DATA: x\n", `there is no setting "PARLOR_DATA"`},
		{"not a mapping", "- listen\n", `want lines of the form "name: value"`},
		{"nested", "listen:\n  host: x\n", `want lines of the form "name: value"`},
		{"twice", "data: a\ndata: b\n", "already defined"},
		{"no YAML", "\t{", `want lines of the form "name: value"`},
		{"a wrong value", "grace: soon\n", "grace in "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := write(t, tt.file)
			_, err := config.Load(name, nil, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), name) {
				t.Errorf("error %v, want one with %q and the file's name", err, tt.want)
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := config.Load(missing, nil, nil); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a file that does not exist: %v", err)
	}
}
