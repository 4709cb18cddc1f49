package client

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// App is an app that people sign in on, known by its app key, which is no secret.
type App struct{ server *endpoint }

// NewApp returns an App. It calls nobody yet; the error is a fault in the Config.
func NewApp(c Config) (*App, error) {
	e, err := newEndpoint(c, "App-Key")
	if err != nil {
		return nil, err
	}
	return &App{e}, nil
}

// Tokens are a device's credentials. Keep them as you would keep a password.
type Tokens struct {
	UserID        UserID `json:"userID"` // whose they are
	Access        string `json:"accessToken"`
	AccessExpiry  Time   `json:"accessTokenExpiry"`
	Refresh       string `json:"refreshToken"`
	RefreshExpiry Time   `json:"refreshTokenExpiry"`
}

// DeviceOptions describe a device.
type DeviceOptions struct {
	// ID names the device among those of its user, in up to 255 bytes. It stays the same over restarts:
	// the server remembers by it what the device has. Without one nothing is caught up on.
	ID string
	// Platform is "android", "ios" or "web", or "" for none of them.
	Platform string
	// OnTokens is called with each new pair of tokens, before it is used, so that a program can keep
	// them and go on with Resume. It must not call the Device.
	OnTokens func(Tokens)
}

// SignIn buys a login with a ticket of [Backend.RequestTicket], which is used up by it.
func (a *App) SignIn(ctx context.Context, ticket string, o DeviceOptions) (*Device, error) {
	d := &Device{app: a, o: o}
	// Twice would be an error: the ticket works once.
	tokens, err := d.exchange(ctx, "auth/access_token/request", ticket, true)
	if err != nil {
		return nil, err
	}
	d.keep(tokens)
	return d, nil
}

// Resume returns a device that has signed in before. It calls nobody yet.
func (a *App) Resume(t Tokens, o DeviceOptions) *Device {
	return &Device{app: a, o: o, tokens: t, refreshAt: refreshTime(t, time.Now())}
}

// Configs are the settings that SDKs ask for before anybody has signed in.
type Configs struct {
	Core    map[string]string `json:"core"`
	Project map[string]string `json:"project"`
	Custom  map[string]string `json:"custom"`
}

// Configs returns the settings.
func (a *App) Configs(ctx context.Context) (c Configs, err error) {
	return c, a.server.do(ctx, call{path: "client/project_configs"}, &c)
}

// Device is a signed-in user on one device. Its methods may be used concurrently. It refreshes its tokens
// by itself, before they expire or when the server says that they have. When that is refused, as after a
// sign-out elsewhere, [IsSignedOut] holds of the error.
type Device struct {
	app *App
	o   DeviceOptions

	mu         sync.Mutex
	tokens     Tokens
	refreshAt  time.Time // zero: only when the server says so
	refreshing *refresh  // nil for none under way
}

// refresh is an exchange of tokens that several calls may wait for.
type refresh struct {
	done chan struct{} // closed when err is set
	err  error
}

// UserID is the signed-in user.
func (d *Device) UserID() UserID { return d.Tokens().UserID }

// Tokens returns the newest tokens.
func (d *Device) Tokens() Tokens {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tokens
}

// SignOut ends the login: its tokens stop working, and its sockets close. To repeat it is no error.
func (d *Device) SignOut(ctx context.Context) error {
	err := d.do(ctx, "client/logout", nil, nil)
	if CodeOf(err) == CodeSignedOut {
		return nil
	}
	return err
}

// Call makes a call that this package has no method for, such as "chat/message/get_details", and decodes
// the answer's data into out, unless out is nil. It is not repeated, except where the server has done nothing.
func (d *Device) Call(ctx context.Context, path string, in, out any) error {
	return d.call(ctx, call{path: path, in: in, once: true}, out)
}

// do makes a call that may be repeated.
func (d *Device) do(ctx context.Context, path string, in, out any) error {
	return d.call(ctx, call{path: path, in: in}, out)
}

func (d *Device) call(ctx context.Context, c call, out any) error {
	tokens, err := d.fresh(ctx)
	if err != nil {
		return err
	}
	c.header = d.headers(tokens.Access)
	if err = d.app.server.do(ctx, c, out); CodeOf(err) != CodeTokenExpired {
		return err
	}
	if tokens, err = d.renew(ctx, tokens); err != nil {
		return err
	}
	c.header = d.headers(tokens.Access)
	return d.app.server.do(ctx, c, out)
}

func (d *Device) headers(token string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + token}}
	if d.o.ID != "" {
		h.Set("Device-Identifier", d.o.ID)
	}
	if d.o.Platform != "" {
		h.Set("Device-Platform", d.o.Platform)
	}
	return h
}
