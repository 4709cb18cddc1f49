package powertalk

import "net/http"

// Headers that browsers require before they let a page's calls through. Names are listed, since
// a star never covers Authorization.
var corsHeaders = map[string][]string{
	"Access-Control-Allow-Origin":  {"*"},
	"Access-Control-Allow-Methods": {"GET, POST, OPTIONS"},
	"Access-Control-Allow-Headers": {"App-Key, Authorization, Device-Identifier, Device-Model, Device-Platform, " +
		"Device-OS-Version, App-Identifier, App-Version, SDK-Version, Server-Key, User-Agent, Content-Type, Accept, Range, " +
		"Idempotency-Key, Parlor-Strict"},
	"Access-Control-Expose-Headers": {
		"Content-Type, Content-Length, Content-Range, Accept-Ranges, Content-Disposition, X-Request-Id, " +
			"Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed",
	},
	"Access-Control-Max-Age": {"600"},
}

// CORS lets pages of every origin call next: calls carry no cookies, so an origin proves
// nothing. Preflights are answered here, on every path.
func CORS(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range corsHeaders {
			h[name] = value
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}
