package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// BehindProxies puts the caller's address into r.RemoteAddr for next if the peer is one of the
// trusted proxies: the one in X-Forwarded-For that the last of them has seen. What stands
// before it is the caller's own word and is ignored.
func BehindProxies(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if peer, ok := addressOf(r.RemoteAddr); ok && isTrusted(trusted, peer) {
			if caller, ok := forwardedFor(r.Header.Values("X-Forwarded-For"), trusted); ok {
				r.RemoteAddr = caller.String()
			}
		}
		next.ServeHTTP(w, r)
	})
}

// forwardedFor walks the list from its end to the first address that is not a trusted
// proxy's or, if all are, to the first in the list.
func forwardedFor(headers []string, trusted []netip.Prefix) (caller netip.Addr, ok bool) {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for _, hop := range slices.Backward(hops) {
		addr, valid := addressOf(strings.TrimSpace(hop))
		if !valid {
			break
		}
		caller, ok = addr, true
		if !isTrusted(trusted, addr) {
			break
		}
	}
	return caller, ok
}

// addressOf reads an address, with or without a port.
func addressOf(s string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return addr.Unmap(), err == nil
}

func isTrusted(trusted []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr.WithZone("")) })
}
