// Package api holds the description of Parlor's HTTP surface: the document that the
// server publishes, that its documentation is made from and that its answers are
// tested against.
package api

import _ "embed"

//go:generate go run ./bundle/main

// OpenAPI is the OpenAPI 3.1 document, in YAML. It must not be changed.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Postman is a Postman collection of the same calls, in JSON. It must not be changed.
//
//go:embed postman_collection.json
var Postman []byte
