package powertalk

import "strings"

// Route turns a request's path into an Endpoint's, which is what stands behind /v1.
func (Dialect) Route(path string) string {
	path = belowBase(path)
	below, ok := strings.CutPrefix(path, "/v1/")
	if !ok {
		return ""
	}
	return path[len(path)-len(below)-1:]
}

// IsConnect reports whether a request's path is the socket's.
func IsConnect(path string) bool { return belowBase(path) == "/connect" }

// belowBase takes a base URL's part off a path. Base URLs come with and without /api, and with
// a slash at their end, which makes two.
func belowBase(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return strings.TrimPrefix(path, "/api")
}

// FileAddress is what of a file's URL stands behind /files/, "" for the path of anything else.
func FileAddress(path string) string {
	address, ok := strings.CutPrefix(belowBase(path), "/files/")
	if !ok {
		return ""
	}
	return address
}
