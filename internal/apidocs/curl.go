package apidocs

import (
	"net/http"
	"regexp"
	"strings"
)

// baseURL is where a server listens unless told otherwise. In its place a reader sees the
// address that they have come by.
const baseURL = "http://127.0.0.1:8080"

// plainHost is a host that needs no quotes in a shell and hides nothing in a page. What a
// caller writes into a header may be anything.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?$`)

// address is the base URL under which a page was asked for.
func address(r *http.Request) string {
	if !plainHost.MatchString(r.Host) {
		return baseURL
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// headers are the credentials of a call, by the names of security schemes.
var headers = map[string]string{ //nolint:gosec // G101: where readers put their own secret
	"ServerKey": " \\\n  -H \"Server-Key: $(printf %s 'ID:SECRET' | base64 | tr -d '\\n')\"",
	"AppKey":    " \\\n  -H \"App-Key: $(printf %s 'ID:SECRET' | base64 | tr -d '\\n')\"",
	"Token":     " \\\n  -H 'Authorization: Bearer TOKEN'",
}

// curl is a command that can be pasted into a shell. base64 breaks the lines of a long
// key and a header must not have any, hence the tr.
func curl(method, path string, schemes []string, body string) string {
	var out strings.Builder
	out.WriteString("curl " + baseURL + path)
	for _, scheme := range schemes {
		out.WriteString(headers[scheme])
	}
	if method == "GET" {
		return out.String()
	}
	out.WriteString(" \\\n  -H 'Content-Type: application/json'")
	out.WriteString(" \\\n  -d " + shellQuote(body))
	return out.String()
}

// curlForm is curl for a form.
func curlForm(path string, schemes, fields []string) string {
	var out strings.Builder
	out.WriteString("curl " + baseURL + path)
	for _, scheme := range schemes {
		out.WriteString(headers[scheme])
	}
	for _, f := range fields {
		out.WriteString(" \\\n  -F " + shellQuote(f))
	}
	return out.String()
}

// shellQuote makes one word of s; a single quote has to leave the quotes for a moment.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
