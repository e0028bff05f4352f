/** Addresses in descriptions of records that are known later: they are checked once they are, as plain ones are at once. */
import * as pulumi from "@pulumi/pulumi";
import {
  checkedAddress,
  type DomainDescription,
  type HostAddresses,
  RecordPlanError,
  type ServerDescription,
} from "../records/index.ts";

type Later = pulumi.Output<string>;

export function settledServer(server: ServerDescription<pulumi.Input<string>>): ServerDescription<Later> {
  const { hostName, addresses, keys, persistentProof } = server;
  return {
    ...server,
    addresses: settledAddresses(hostName, "addresses", addresses),
    keys: keys?.map((key) => ({ ...key, content: pulumi.output(key.content) })),
    persistentProof: persistentProof === undefined ? undefined : settledText(persistentProof),
  };
}

export function settledDomain(
  description: DomainDescription<pulumi.Input<string>>,
): DomainDescription<Later> {
  const { domain, addresses, dkim, web, certificates } = description;
  return {
    ...description,
    addresses: settledAddresses(domain, "addresses", addresses),
    dkim: dkim.map((key) => ({
      ...key,
      content: settledText(key.content),
    })),
    certificates: certificates && {
      ...certificates,
      ordered: certificates.ordered === undefined ? undefined : settledText(certificates.ordered),
      proofs: certificates.proofs && {
        ...certificates.proofs,
        content: settledText(certificates.proofs.content),
      },
    },
    web: web && { ...web, addresses: settledAddresses(domain, "web", web.addresses) },
  };
}

function settledText(text: pulumi.Input<string>): string | Later {
  return isPlain(text) ? text : pulumi.output(text);
}

function isPlain(text: pulumi.Input<string>): text is string {
  return typeof text === "string";
}

function settledAddresses(
  subject: string,
  part: string,
  { ipv4, ipv6 }: HostAddresses<pulumi.Input<string>>,
): HostAddresses<Later> {
  const settle = (family: keyof HostAddresses, address: pulumi.Input<string> | undefined) =>
    address === undefined || isPlain(address)
      ? address
      : pulumi.output(address).apply((known) => addressOf(subject, part, family, known));
  return { ipv4: settle("ipv4", ipv4), ipv6: settle("ipv6", ipv6) };
}

/** @throws RecordPlanError as a plan does for one that is plain. */
export function addressOf(
  subject: string,
  part: string,
  family: keyof HostAddresses,
  address: string,
): string {
  try {
    return checkedAddress(family, address);
  } catch (error) {
    throw new RecordPlanError([{ subject, part, message: (error as Error).message }]);
  }
}
