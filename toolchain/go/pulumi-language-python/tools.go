//go:build tools

// Package tools pins what is built here: `go build github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python`.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
