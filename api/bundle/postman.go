package bundle

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// collection is a Postman collection, in the format 2.1. Other programs read it, too.
type collection struct {
	Info      collectionInfo     `json:"info"`
	Variables []variable         `json:"variable"`
	Events    []collectionScript `json:"event"`
	Folders   []folder           `json:"item"`
}

type collectionInfo struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Schema      string `json:"schema"`
}

// variable is what a reader fills in.
type variable struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Type        string `json:"type,omitempty"`
}

type collectionScript struct {
	Listen string `json:"listen"`
	Script struct {
		Type string   `json:"type"`
		Exec []string `json:"exec"`
	} `json:"script"`
}

// folder has the calls of one tag.
type folder struct {
	Name        string           `json:"name"`
	Description string           `json:"description"`
	Items       []collectionItem `json:"item"`
}

type collectionItem struct {
	Name      string            `json:"name"`
	Request   collectionRequest `json:"request"`
	Responses []struct{}        `json:"response"` // none: the documentation has them
}

type collectionRequest struct {
	Method      string          `json:"method"`
	Headers     []variable      `json:"header"`
	Body        *collectionBody `json:"body,omitempty"`
	URL         collectionURL   `json:"url"`
	Description string          `json:"description"`
}

type collectionBody struct {
	Mode    string       `json:"mode"`
	Raw     string       `json:"raw,omitempty"`
	Form    []formField  `json:"formdata,omitempty"`
	Options *bodyOptions `json:"options,omitempty"`
}

type bodyOptions struct {
	Raw struct {
		Language string `json:"language"`
	} `json:"raw"`
}

type formField struct {
	Key   string  `json:"key"`
	Type  string  `json:"type"` // text or file
	Value string  `json:"value,omitempty"`
	Src   *string `json:"src,omitempty"` // the reader's choice
}

type collectionURL struct {
	Raw  string   `json:"raw"`
	Host []string `json:"host"`
	Path []string `json:"path"`
}

// variables are what every request is made of.
var variables = []variable{
	{Key: "url", Value: "http://127.0.0.1:8080", Description: "The server's address"},
	{Key: "serverKey", Value: "ID", Description: "The id of a server key"},
	{Key: "serverSecret", Value: "SECRET", Description: "Its secret", Type: "secret"},
	{Key: "appKey", Value: "ID", Description: "The id of an app key, for calls of apps"},
	{Key: "appSecret", Value: "SECRET", Description: "Its secret"},
	{Key: "token", Description: "An access token, for calls of apps; a ticket or refresh token for those that sign in", Type: "secret"},
}

// keyScript makes the headers of keys before each request.
var keyScript = []string{
	"const base64 = require('btoa');",
	"pm.variables.set('serverHeader', base64(pm.variables.replaceIn('{{serverKey}}:{{serverSecret}}')));",
	"pm.variables.set('appHeader', base64(pm.variables.replaceIn('{{appKey}}:{{appSecret}}')));",
}

// schemeHeaders are the headers of credentials, by the names of security schemes.
var schemeHeaders = map[string]variable{
	"ServerKey": {Key: "Server-Key", Value: "{{serverHeader}}"},
	"AppKey":    {Key: "App-Key", Value: "{{appHeader}}"},
	"Token":     {Key: "Authorization", Value: "Bearer {{token}}"},
}

// Postman is a collection of all calls of the document, as Make returns it, each with an example of its
// parameters.
func Postman(document []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(document, &doc); err != nil {
		return nil, err
	}
	c := calls{root: doc.Content[0]}
	made := collection{Variables: variables, Info: collectionInfo{
		Name:        value(c.root, "info", "title"),
		Description: "Made from the OpenAPI document. " + value(c.root, "info", "summary"),
		Schema:      "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
	}}
	script := collectionScript{Listen: "prerequest"}
	script.Script.Type, script.Script.Exec = "text/javascript", keyScript
	made.Events = []collectionScript{script}
	for _, tag := range items(get(c.root, "tags")) {
		f, err := c.folder(tag)
		if err != nil {
			return nil, err
		}
		if len(f.Items) > 0 {
			made.Folders = append(made.Folders, f)
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(made)
	return out.Bytes(), err
}
