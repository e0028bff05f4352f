/** The zone in which a stack's names are proved (DNS-01), where its own name server answers for it. */
import * as pulumi from "@pulumi/pulumi";
import { stackResources } from "../../naming/resources.ts";
import { GeneratedSecret } from "../../provider/resources.ts";
import { renderZone } from "../../publishers/local/zone.ts";
import type { ServedZone } from "../../publishers/publisher.ts";
import type { UpdateKey } from "../../servers/dns-server/knot.ts";
import type { StackSettings } from "../schema/config.ts";
import { ownChallengeZone } from "./acme-settings.ts";
import { nameServerAddress } from "./zones.ts";

/** Characters of 6 bits: as many bits as the algorithm works with. */
const keyLength = 43;
/** In seconds: nothing but proofs is in the zone. */
const ttl = 60;

/** The zone, and the key that changes it, which is made here and that nobody else has. */
export interface OwnChallengeZone {
  readonly served: ServedZone;
  readonly key: pulumi.Output<UpdateKey>;
}

/** @returns nothing where names are not proved so, or somebody else answers for the zone. */
export function declareChallengeZone(settings: StackSettings): OwnChallengeZone | undefined {
  const zone = ownChallengeZone(settings);
  if (zone === undefined) return undefined;
  const { secret } = new GeneratedSecret(stackResources.challengeKey, { length: keyLength });
  const key = pulumi.secret(secret).apply((made) => ({
    name: `agent.${zone}`,
    algorithm: "hmac-sha256",
    secret: Buffer.from(made).toString("base64"),
  }));
  const text = renderZone({ zone, groups: [], nameServerAddress: nameServerAddress(settings), ttl });
  return { served: { zone, text, signingKey: undefined, ds: undefined, updateKey: key }, key };
}
