package clientapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func userByID(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("id")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.UserByID(ctx, id)
	return wire.OneUser{User: user}, err
}

func userByXCID(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	xc := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.UserByXCID(ctx, xc)
	return wire.OneUser{User: user}, err
}

func userByUsername(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	name := p.Text("username", chat.MaxUsername)
	ignoreCase := p.IsTrue("ignoreCase")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.UserByUsername(ctx, name, ignoreCase)
	return wire.OneUser{User: user}, err
}

func usersByID(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	ids := userIDs(p, "ids")
	if err := p.Err(); err != nil {
		return nil, err
	}
	users, err := me.UsersByID(ctx, ids)
	return wire.Users{Users: users}, err
}

func updateBio(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	bio := p.OptionalText("bio", chat.MaxBio) // an empty one is meant
	if bio == nil {
		p.Fail(chat.Required("bio"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.SetBio(ctx, *bio)
	return wire.OneUser{User: user}, err
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

func contacts(ctx context.Context, me service.Member, _ *httpapi.Params) (httpapi.Answer, error) {
	users, err := me.Contacts(ctx)
	return wire.ContactList{Users: users}, err
}

func addContact(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.AddContact(ctx, id)
	return wire.OneUser{User: user, Result: &wire.Result{Success: true, Message: "Contact added"}}, err
}

func addContactsByPhone(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	if !p.Has("phones") {
		p.Fail(chat.Required("phones"))
	}
	phones := p.IDs("phones", chat.MaxPhones) // texts or numbers
	if err := p.Err(); err != nil {
		return nil, err
	}
	users, err := me.AddContactsByPhone(ctx, phones)
	return wire.Users{Users: users}, err
}

func removeContact(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	return wire.Result{Success: true, Message: "Contact removed"}, me.RemoveContact(ctx, id)
}
