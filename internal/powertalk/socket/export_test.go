package socket

import (
	"net/http"

	"parlor/internal/httpapi"
	"parlor/internal/service"
)

// Query is queryOf, for tests outside of the package.
func Query(raw string) map[string]string { return queryOf(raw) }

// Credentials is credentialsOf.
func Credentials(r *http.Request) (appKey, authorization string) {
	c := credentialsOf(r)
	return c.appKey, c.authorization
}

// Draft is draftOf.
func Draft(p *httpapi.Params) service.Draft { return draftOf(p) }
