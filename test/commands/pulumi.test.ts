import { expect, test } from "vitest";
import { explain, holdsSecretsSettings } from "../../commands/pulumi.ts";

const own = { folder: "/data/state", passphraseFile: "/data/passphrase" };
const theirs = { folder: undefined, passphraseFile: undefined };

test.each([
  [
    "a wrong passphrase of ours",
    "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
    own,
    "The passphrase in /data/passphrase does not open the state of stack lab. Nothing was changed. Restore the file that the stack was created with, or set PULUMI_CONFIG_PASSPHRASE_FILE to it.",
  ],
  [
    "a wrong passphrase of the user's",
    "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
    theirs,
    "Your passphrase does not open the state of stack lab. Nothing was changed. Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was created with.",
  ],
  [
    "a stack file that does not parse",
    "error: getting stack configuration: invalid YAML file: yaml: line 2: did not find expected node content",
    own,
    "stacks/Pulumi.lab.yaml is not valid YAML: line 2: did not find expected node content. Nothing was changed.",
  ],
  ["anything else", "error: update canceled", own, undefined],
])("%s", (_, output, place, explanation) => {
  expect(explain(output, "lab", place)).toBe(explanation);
});

test.each([
  ["config:\n  maildomain:lab: true\n", false],
  ["encryptionsalt: v1:abc\nconfig: {}\n", true],
  ["config: {}\nsecretsprovider: awskms://alias/mail\nencryptedkey: abc\n", true],
  ["config:\n  maildomain:note: 'encryptionsalt: no'\n", false],
])("whether %j says how its secrets are protected", (text, says) => {
  expect(holdsSecretsSettings(text)).toBe(says);
});
