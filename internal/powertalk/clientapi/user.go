package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
)

func (a *api) userByID(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("id")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := a.svc.UserByID(ctx, c, id)
	return wire.OneUser{User: user}, err
}

func (a *api) userByXCID(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	xc := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := a.svc.UserByXCID(ctx, c, xc)
	return wire.OneUser{User: user}, err
}

func (a *api) userByUsername(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	name := p.Text("username", chat.MaxUsername)
	ignoreCase := p.IsTrue("ignoreCase")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := a.svc.UserByUsername(ctx, c, name, ignoreCase)
	return wire.OneUser{User: user}, err
}

func (a *api) usersByID(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	ids := userIDs(p, "ids")
	if err := p.Err(); err != nil {
		return nil, err
	}
	users, err := a.svc.UsersByID(ctx, c, ids)
	return wire.Users{Users: users}, err
}

// userIDs reads a list of user ids and passes over what is none.
func userIDs(p *httpapi.Params, name string) []chat.UserID {
	var ids []chat.UserID
	for _, text := range p.IDs(name, chat.MaxIDs) {
		if id, ok := chat.ParseUserID(text); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func (a *api) contacts(ctx context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
	users, err := a.svc.Contacts(ctx, c)
	return wire.ContactList{Users: users}, err
}

func (a *api) addContact(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := a.svc.AddContact(ctx, c, id)
	return wire.OneUser{User: user, Result: &wire.Result{Success: true, Message: "Contact added"}}, err
}

func (a *api) removeContact(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "Contact removed"}, a.svc.RemoveContact(ctx, c, id)
}
