import * as pulumi from "@pulumi/pulumi";
import { sealed } from "../../components/configuration-volume.ts";
import { placeServer, type ServerNodes } from "../../components/server-container.ts";
import type { SealedFile } from "../../servers/generation/configuration-file.ts";
import { renderListeners } from "../../servers/generation/listening.ts";

/** What a server of this kind keeps to itself. */
export const stubSecret: SealedFile<string> = {
  path: "stub/secret",
  owner: "root:stub",
  mode: 0o640,
  render: (secret) => `${secret}\n`,
};

/**
 * A kind of server that does not exist, made of what every kind is made of and of nothing else. It keeps the seams
 * open: a further kind needs no other knowledge of containers, volumes or secrets than this.
 */
export class StubServer extends pulumi.ComponentResource {
  readonly containerName: pulumi.Output<string>;
  readonly generation: pulumi.Output<string>;
  readonly #nodes: ServerNodes<"database">;

  constructor(name: string, secret: pulumi.Output<string>, opts?: pulumi.ComponentResourceOptions) {
    super("maildomain:test:StubServer", name, {}, opts);
    this.#nodes = placeServer(this, name, {
      image: "sha256:stub",
      limits: { memoryBytes: 2 ** 28, cpus: 2 },
      files: [renderListeners(["tcp 7"]), ...sealed([stubSecret], secret)],
      volumes: { database: { path: "/var/lib/stub", keep: true } },
      ports: [{ internal: 7, external: 7007, ip: "127.0.0.1", protocol: "tcp" }],
    });
    this.containerName = this.#nodes.container.name;
    this.generation = this.#nodes.configuration.generation;
    this.registerOutputs({ containerName: this.containerName, generation: this.generation });
  }

  get nodes(): ServerNodes<"database"> {
    return this.#nodes;
  }
}
