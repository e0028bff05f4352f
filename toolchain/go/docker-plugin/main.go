// Command pulumi-resource-docker is the plugin of @pulumi/docker, bridged from the Terraform provider
// kreuzwerker/docker the way Pulumi's own build does it, without docker.Image, which that build adds.
package main

import (
	"encoding/json"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/contract"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// Version is set by the build to the version of the npm package @pulumi/docker.
var Version = "0.0.0"

func main() {
	info := providerInfo()
	discard := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	// In-memory docs: else each start would ask `go mod download` where the upstream provider's docs are.
	generated, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo: info, DiagnosticsSink: discard, XInMemoryDocs: true,
	})
	contract.AssertNoErrorf(err, "generating the schema")
	bytes, err := json.Marshal(generated.PackageSpec)
	contract.AssertNoErrorf(err, "encoding the schema")
	tfbridge.Main("docker", Version, info, bytes)
}

func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            shimv2.NewProvider(provider.New(Version)()),
		Name:         "docker",
		Version:      Version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Config: map[string]*tfbridge.SchemaInfo{
			"host": {Default: &tfbridge.DefaultInfo{
				EnvVars: []string{"DOCKER_HOST"},
				Value:   "unix:///var/run/docker.sock",
			}},
			"registry_auth": {Name: "registryAuth"},
		},
		// What the automatic rules would name otherwise than @pulumi/docker does.
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_container": {Fields: map[string]*tfbridge.SchemaInfo{
				"command":           {Name: "command"},
				"networks_advanced": {Name: "networksAdvanced"},
			}},
			"docker_image": {
				Tok:    "docker:index/remoteImage:RemoteImage",
				Fields: map[string]*tfbridge.SchemaInfo{"name": {Name: "name"}},
			},
			"docker_config":         {Tok: "docker:index/serviceConfig:ServiceConfig"},
			"docker_registry_image": {Tok: "docker:index/registryImage:RegistryImage"},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image": {Tok: "docker:index/getRemoteImage:getRemoteImage"},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	// After the tokens: it only names the resources that are there already.
	info.SetAutonaming(255, "-")
	return info
}
