//go:build tools

// Package tools pins what is built here: `go build github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs`.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
