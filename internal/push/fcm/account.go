package fcm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// scope is what a token is asked for.
const scope = "https://www.googleapis.com/auth/firebase.messaging"

// Account is a service account of a Firebase project, as its key file says.
type Account struct {
	Project string
	config  jwt.Config
}

// ParseAccount reads a service account's key file.
func ParseAccount(file []byte) (Account, error) {
	var f struct {
		Type, ProjectID, PrivateKeyID, PrivateKey, ClientEmail, TokenURI string
	}
	fields := map[string]*string{
		"type": &f.Type, "project_id": &f.ProjectID, "private_key_id": &f.PrivateKeyID, "private_key": &f.PrivateKey,
		"client_email": &f.ClientEmail, "token_uri": &f.TokenURI,
	}
	var values map[string]any
	if err := json.Unmarshal(file, &values); err != nil {
		return Account{}, errors.New("it is no JSON object") // the error might quote the key
	}
	for name, to := range fields {
		if *to, _ = values[name].(string); *to == "" {
			return Account{}, fmt.Errorf("it has no %s; take the file of a service account's key", name)
		}
	}
	if f.Type != "service_account" {
		return Account{}, fmt.Errorf("it is of type %q; take the file of a service account's key", f.Type)
	}
	return Account{Project: f.ProjectID, config: jwt.Config{
		Email: f.ClientEmail, PrivateKey: []byte(f.PrivateKey), PrivateKeyID: f.PrivateKeyID, TokenURL: f.TokenURI,
		Scopes: []string{scope},
	}}, nil
}

// tokens keeps the token with which calls are made.
type tokens struct {
	config jwt.Config
	client *http.Client

	mu    sync.Mutex // held while a token is asked for: others wait for the same one
	token *oauth2.Token
}

// get returns a token that is valid, and not the one that was refused, if any.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Valid() && t.token.AccessToken != refused {
		return t.token.AccessToken, nil
	}
	// Who asked for it first must not take it from the others by leaving: the client's own
	// timeout bounds the call.
	ctx = context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, t.client)
	token, err := t.config.TokenSource(ctx).Token()
	if err != nil {
		return "", err
	}
	t.token = token
	return token.AccessToken, nil
}
