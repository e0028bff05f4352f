//go:build tools

// Package tools pins what is built here: `go build github.com/letsencrypt/pebble/v2/cmd/pebble`.
package tools

import _ "github.com/letsencrypt/pebble/v2/cmd/pebble"
