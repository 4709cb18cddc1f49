package socket

import "net/http"

// Query is queryOf, for tests outside of the package.
func Query(raw string) map[string]string { return queryOf(raw) }

// Credentials is credentialsOf.
func Credentials(r *http.Request) (appKey, authorization string) {
	c := credentialsOf(r)
	return c.appKey, c.authorization
}
