package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func signOut(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	device := p.TextOr("deviceID", chat.MaxDeviceID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	ended, err := b.SignOut(ctx, xcUser, device)
	return wire.SignedOut{Logins: ended}, err
}

func deactivate(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return setDeactivated(ctx, b, p, true, "The user has been deactivated", "The user is already deactivated")
}

func reactivate(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	return setDeactivated(ctx, b, p, false, "The user has been reactivated", "The user is not deactivated")
}

func setDeactivated(
	ctx context.Context, b service.Backend, p *httpapi.Params, on bool, done, already string,
) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	changed, err := b.SetDeactivated(ctx, xcUser, on)
	message := done
	if !changed {
		message = already
	}
	return wire.Result{Success: changed, Message: message}, err
}

func setUserData(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	data := ownData(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "The data has been stored"}, b.SetUserData(ctx, xcUser, data)
}
