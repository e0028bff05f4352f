import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProviderStack, type StateResource, type Wanted } from "../kit/provider-stack.ts";

const first: Wanted = {
  algorithm: "ed25519",
  authorityName: "Test authority",
  hostNames: ["mail.example.test", "imap.example.test"],
  passwords: { "ana@example.test": "plain-secret-ana", "bob@example.test": "plain-secret-bob" },
  generate: ["carl@example.test", "dora@example.test"],
};

/** The provider under the real engine. The steps build on one another, in order. */
describe("provider", () => {
  let stack: ProviderStack;
  let before: Awaited<ReturnType<ProviderStack["outputs"]>>;
  beforeAll(async () => {
    stack = await ProviderStack.create(first);
  });
  afterAll(async () => {
    await stack.takeDown();
  });

  test("a first preview shows every resource and address, though nothing of it exists", async () => {
    expect(await stack.preview()).toMatchInlineSnapshot(`
      "+ pulumi:pulumi:Stack: (create)
          + maildomain:index:DkimKey: (create)
              algorithm: "ed25519"
          + maildomain:index:CertificateAuthority: (create)
              commonName: "Test authority"
              days      : 3650
              issuedAt  : <time>
          + maildomain:index:ServerCertificate: (create)
              caCertificate: [unknown]
              caPrivateKey : [secret]
              days         : 90
              hostNames    : [
                  [0]: "mail.example.test"
                  [1]: "imap.example.test"
              ]
              issuedAt     : <time>
              keys         : {
                  key1: {
                      nextFrom: <time>
                      since   : <time>
                      stage   : "serving"
                  }
              }
          + maildomain:index:Credentials: (create)
              changedAt: {
                  ana@example.test: <time>
                  bob@example.test: <time>
              }
              generate : {
                  carl@example.test: <time>
                  dora@example.test: <time>
              }
              hashed   : [secret]
              passwords: [secret]
          + maildomain:index:Credentials: (create)
              generate : {}
              hashed   : [secret]
              passwords: [secret]
          --outputs:--
          authorityCertificate: [unknown]
          certificate         : [unknown]
          fingerprint         : [unknown]
          generated           : [unknown]
          hashes              : [secret]
          privateKey          : [unknown]
          publicKey           : [unknown]
          spkiSha256          : [unknown]
      Resources:
          + 6 to create
      "
    `);
  });

  test("up makes them, and again changes nothing", async () => {
    await stack.up();
    before = await stack.outputs();
    await stack.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(await stack.outputs()).toEqual(before);
    expect(Object.keys(before.hashes)).toEqual([
      "ana@example.test",
      "bob@example.test",
      "carl@example.test",
      "dora@example.test",
    ]);
  });

  test("no secret lies in the state in plain text", async () => {
    const state = await stack.exportState();
    const secrets = [...Object.values(first.passwords), ...Object.values(before.generated)];
    for (const secret of secrets) expect(state).not.toContain(secret);
    expect(state).not.toMatch(/PRIVATE KEY|argon2id/);

    const secretOutputs: Record<string, readonly string[]> = {
      "maildomain:index:DkimKey": ["privateKey"],
      "maildomain:index:CertificateAuthority": ["privateKey"],
      "maildomain:index:ServerCertificate": ["caPrivateKey", "privateKey", "privateKeys"],
      "maildomain:index:Credentials": ["generated", "hashes"],
    };
    const resources = (JSON.parse(state).deployment.resources as StateResource[]).filter(
      ({ type }) => type in secretOutputs,
    );
    expect(resources).toHaveLength(5);
    for (const { type, outputs } of resources) {
      const sealed = Object.keys(outputs).filter((name) =>
        JSON.stringify(outputs[name]).match(/^\{[^{]*"ciphertext":/),
      );
      expect(sealed.sort(), type).toEqual(secretOutputs[type]);
    }
  });

  test("a preview names who and what changes, and nothing that stays", async () => {
    await stack.want({
      ...first,
      hostNames: ["smtp.example.test", "mail.example.test", "imap.example.test"],
      passwords: { "ana@example.test": "another", "carl@example.test": "declared now" },
      generate: ["dora@example.test", "bob@example.test", "eva@example.test"],
    });
    expect(await stack.preview()).toMatchInlineSnapshot(`
      "  pulumi:pulumi:Stack: (same)
          ~ maildomain:index:ServerCertificate: (update)
              caCertificate: <PEM>
              caPrivateKey : [secret]
              days         : 90
            ~ hostNames    : [
                  [0]: "mail.example.test"
                  [1]: "imap.example.test"
                + [2]: "smtp.example.test"
              ]
            ~ issuedAt     : <time> => <time>
              keys         : {
                  key1: {
                      nextFrom: <time>
                      since   : <time>
                      stage   : "serving"
                  }
              }
          ~ maildomain:index:Credentials: (update)
            ~ changedAt: {
                ~ ana@example.test : <time> => <time>
                - bob@example.test : <time>
                + carl@example.test: <time>
              }
            ~ generate : {
                + bob@example.test : <time>
                - carl@example.test: <time>
                  dora@example.test: <time>
                + eva@example.test : <time>
              }
              hashed   : [secret]
              passwords: [secret]
      Resources:
          ~ 2 to update
          4 unchanged
      "
    `);
  });

  test("up changes exactly that", async () => {
    await stack.up();
    const after = await stack.outputs();
    const [ana, bob, carl, dora, eva] = ["ana", "bob", "carl", "dora", "eva"].map(
      (name) => `${name}@example.test`,
    ) as [string, string, string, string, string];
    expect(Object.keys(after.generated)).toEqual([bob, dora, eva]);
    expect(after.generated[dora]).toBe(before.generated[dora]);
    expect(after.hashes[dora]).toBe(before.hashes[dora]);
    for (const changed of [ana, bob, carl]) expect(after.hashes[changed]).not.toBe(before.hashes[changed]);

    expect(after).toMatchObject({
      publicKey: before.publicKey,
      authorityCertificate: before.authorityCertificate,
      privateKey: before.privateKey,
      spkiSha256: before.spkiSha256,
    });
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect(new X509Certificate(String(after.certificate)).subjectAltName).toBe(
      "DNS:mail.example.test, DNS:imap.example.test, DNS:smtp.example.test",
    );
    before = after;
  });

  test("a refresh finds no difference", async () => {
    await stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    await stack.pulumi("preview", "--expect-no-changes");
  });

  test("a renewal that is due shows in a plain preview, and keeps the keys", async () => {
    const age = async (days: number, type: string) => {
      const state = JSON.parse(await stack.exportState());
      const then = new Date(Date.now() - days * 86_400_000).toISOString();
      for (const resource of state.deployment.resources as StateResource[]) {
        if (resource.type !== `maildomain:index:${type}`) continue;
        for (const properties of [resource.inputs, resource.outputs]) {
          properties.issuedAt = then.replace(/\.\d+Z/, "Z");
        }
      }
      await stack.importState(JSON.stringify(state));
    };
    await age(59, "ServerCertificate");
    await stack.pulumi("preview", "--expect-no-changes");
    await age(61, "ServerCertificate");
    expect(await stack.preview()).toMatchInlineSnapshot(`
      "  pulumi:pulumi:Stack: (same)
          ~ maildomain:index:ServerCertificate: (update)
              caCertificate: <PEM>
              caPrivateKey : [secret]
              days         : 90
              hostNames    : [
                  [0]: "mail.example.test"
                  [1]: "imap.example.test"
                  [2]: "smtp.example.test"
              ]
            ~ issuedAt     : <time> => <time>
              keys         : {
                  key1: {
                      nextFrom: <time>
                      since   : <time>
                      stage   : "serving"
                  }
              }
      Resources:
          ~ 1 to update
          5 unchanged
      "
    `);
    await stack.up();

    await age(2440, "CertificateAuthority");
    expect(await stack.preview()).toMatchInlineSnapshot(`
      "  pulumi:pulumi:Stack: (same)
          ~ maildomain:index:CertificateAuthority: (update)
              commonName: "Test authority"
              days      : 3650
            ~ issuedAt  : <time> => <time>
          ~ maildomain:index:ServerCertificate: (update)
            ~ caCertificate: <PEM> => [unknown]
              caPrivateKey : [secret]
              days         : 90
              hostNames    : [
                  [0]: "mail.example.test"
                  [1]: "imap.example.test"
                  [2]: "smtp.example.test"
              ]
            ~ issuedAt     : <time> => [unknown]
              keys         : {
                  key1: {
                      nextFrom: <time>
                      since   : <time>
                      stage   : "serving"
                  }
              }
      Resources:
          ~ 2 to update
          4 unchanged
      "
    `);
    await stack.up();
    await stack.pulumi("preview", "--expect-no-changes");

    const after = await stack.outputs();
    expect(after).toMatchObject({ privateKey: before.privateKey, spkiSha256: before.spkiSha256 });
    const authorities = [before, after].map(
      ({ authorityCertificate }) => new X509Certificate(String(authorityCertificate)),
    );
    const leaf = new X509Certificate(String(after.certificate));
    for (const authority of authorities) {
      expect(leaf.checkIssued(authority)).toBe(true);
      expect(leaf.verify(authority.publicKey)).toBe(true);
    }
    expect(authorities[0]?.raw.equals(authorities[1]?.raw ?? Buffer.of())).toBe(false);
  });

  test("another authority replaces, and says so", async () => {
    await stack.want({ ...first, authorityName: "Other authority" });
    expect(await stack.pulumi("preview")).toMatch(
      /CertificateAuthority authority replace \[diff: ~commonName/,
    );
    await stack.up();
    const after = await stack.outputs();
    expect(after.publicKey).toBe(before.publicKey);
    expect(new X509Certificate(String(after.certificate)).issuer).toBe("CN=Other authority");
    expect(after.spkiSha256).toBe(before.spkiSha256);
  });

  test.each<[string, Partial<Wanted>, readonly string[]]>([
    [
      "dkim",
      { algorithm: "dsa" },
      [
        'DkimKey resource \'dkim\' has a problem: algorithm: must be one of "rsa-2048", "ed25519", "rsa", not "dsa"',
      ],
    ],
    ["dkim's algorithm", { algorithm: "rsa-2048" }, ["algorithm: cannot change from ed25519 to rsa-2048"]],
    [
      "credentials",
      {
        passwords: { ana: "plain-secret-ana", "bob@example.test": "plain\0secret" },
        generate: ["Dora@example.test"],
      },
      [
        'passwords["ana"]: "ana" is not a valid address: use local-part@domain',
        'passwords["bob@example.test"]: has a control character',
        'generate[0]: "Dora@example.test" must be lower case: dora@example.test',
      ],
    ],
  ])(
    "bad input of %s is refused: all of it at once, and without the secrets",
    async (_name, bad, problems) => {
      await stack.want({ ...first, ...bad });
      const refused = await stack.pulumi("preview").then(
        () => "accepted",
        (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
      );
      for (const problem of problems) expect(refused).toContain(problem);
      expect(refused).not.toMatch(/plain.{0,4}secret/);
    },
  );

  test("destroy removes everything from the state", async () => {
    await stack.pulumi("destroy", "--yes", "--skip-preview");
    expect(JSON.parse(await stack.exportState()).deployment.resources ?? []).toEqual([]);
  });
});
