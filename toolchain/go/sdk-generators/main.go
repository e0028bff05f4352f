// Writes the SDKs that Pulumi's generators make of a schema.
//
// usage: sdk-generators LANGUAGE SCHEMA FOLDER
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/blang/semver"
	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	// What an SDK for Go imports: the test that compiles one takes its modules from here.
	_ "github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const tool = "maildomain"

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: sdk-generators LANGUAGE SCHEMA FOLDER"))
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func write(language, schemaFile, folder string) error {
	pkg, err := read(schemaFile)
	if err != nil {
		return err
	}
	files, err := generate(language, pkg)
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func read(schemaFile string) (*schema.Package, error) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, noOther{}, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	// A warning is a fault of the schema, too.
	if len(diagnostics) > 0 {
		return nil, diagnostics
	}
	return pkg, nil
}

func generate(language string, pkg *schema.Package) (map[string][]byte, error) {
	switch language {
	case "python":
		return python.GeneratePackage(tool, pkg, nil, noOther{})
	case "nodejs":
		return nodejs.GeneratePackage(tool, pkg, nil, nil, true, noOther{})
	case "go":
		return gogen.GeneratePackage(tool, pkg, nil)
	}
	return nil, fmt.Errorf("no generator for %q: use python, nodejs or go", language)
}

// The schema refers to no other package, which a loader would have to find.
type noOther struct{}

var errOther = errors.New("the schema refers to another package")

func (noOther) LoadPackage(string, *semver.Version) (*schema.Package, error) {
	return nil, errOther
}

func (noOther) LoadPackageV2(context.Context, *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, errOther
}

func (noOther) LoadPackageReference(string, *semver.Version) (schema.PackageReference, error) {
	return nil, errOther
}

func (noOther) LoadPackageReferenceV2(context.Context, *schema.PackageDescriptor) (schema.PackageReference, error) {
	return nil, errOther
}
