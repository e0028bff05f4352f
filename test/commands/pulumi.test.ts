import { expect, test } from "vitest";
import { explain } from "../../commands/pulumi.ts";

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
  [
    "an update elsewhere, of a state in a bucket",
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  s3://states/.pulumi/locks/x.json: created by ana@runner-7 (pid 4711) at 2027-01-31T12:00:00Z",
    theirs,
    expect.stringMatching(
      /^Another up has been running for \d+ \w+ on runner-7 \(process 4711\)\. Nothing was changed\./,
    ),
  ],
  [
    "an update elsewhere, of a state in Pulumi Cloud",
    "error: [409] Conflict: Another update is currently in progress.",
    theirs,
    expect.stringMatching(/^Another up has been running on another machine or in another terminal\./),
  ],
  ["anything else", "error: update canceled", own, undefined],
])("%s", (_, output, place, explanation) => {
  expect(explain(output, "lab", place)).toEqual(explanation);
});
