import { expect, test } from "vitest";
import { passwordHashProblem } from "../../keys/password-scheme.ts";

/** One of each scheme, made by `doveadm pw -p "old secret words"` of Dovecot 2.4.1. */
const hashes = `
{SHA512-CRYPT}$6$LzzEDfzna/lUwwBV$95VrtdGnfQK7gfZGXKwVIlLh4COsMIviBdi0G4W3jUCNRXiAP9P3OQqzM0VfuqtKAk9Fu/RsEtwtqBitQpNDh1
{SHA256-CRYPT}$5$zXJZffsmgOC7xdxK$ipfkGcMEhPxB5/2ss3bcc65ELzq0S8ScYeMpRKSVrpB
{BLF-CRYPT}$2y$05$.xLJp/7g4oDwv2Qfd2bqiOtg/VRlV2mqNMEgevBdipoZJBfIkexJ2
{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$TeYUVLLNHsRQFWeijNAaCg$uX2LevNjSP+xrXII+12WxWmaZSKOmr7q71flvZKgpSA
{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$V8+uLvzKdkVjDjfjEeZNBw$KXroj1SOZSUiZYGRNSCU6fyZn3SmmnpsNE4KeS+PdKE
{SSHA512}QMl1ZEUfLYXL5SjQUkJjxVdTd7CCaSrA1SFRQ7MXMEQ7pxYZLkgYI8xFl78i41/gKSGpY0UvRuTuE4qJAhdhy3YgK8c=
{SSHA256}r6hLf7qhaeTE7W2Ic2ZeggmKKWIgMUaaV3RxCikqBqGHGY6j
{PBKDF2}$1$vw6iMC22qP9rS.7O$5000$4b599161d55ebcc0d1d22ee0b4f91bb43e9411f6
{SCRAM-SHA-256}4096,/d0yMpMofl1Hhzp/R5Td3Q==,INlVqX2gUeLne5OowF8RXD6ASq1Ukl6Yv7Dc7uVWVeI=,4efy6NPLSBFS+1nn3OtVHjgQmSEBXDX/w0zxEIdXr4Q=
{CRYPT}$2y$05$ZWCcmMSEc6J/qU5/6JSAzuS8nBrKlMLjuZ7Nm2VIPJguBtiPTJQym
`
  .trim()
  .split("\n");

test.each(hashes)("%s is accepted, and half of it is not", (hash) => {
  expect(passwordHashProblem(hash)).toBeUndefined();
  expect(passwordHashProblem(hash.slice(0, (hash.length * 3) / 4))).toMatch(/may have been cut off$/);
  for (const more of [":", "\n", " x"]) expect(passwordHashProblem(hash + more)).toBeDefined();
});

test("what is not a hash, or too weak a one", () => {
  const refused = [
    "secret",
    "$6$salt$hash",
    "{PLAIN}secret",
    "{MD5-CRYPT}$1$pSgiyPFU$pbiUyUmvNw/1G9nMt4jhs0",
    "{sha512-crypt}$6$a$b",
    "{constructor}x",
    "{CRYPT}vpvKh.SaNbR6s",
  ];
  const reported = refused.map((hash) => `${hash.slice(0, 14)}: ${passwordHashProblem(hash)?.slice(0, 60)}`);
  expect(reported.join("\n")).toMatchInlineSnapshot(`
    "secret: has no scheme: write one before the hash, such as {SHA512-CR
    $6$salt$hash: has no scheme: write one before the hash, such as {SHA512-CR
    {PLAIN}secret: {PLAIN} is not an accepted scheme, being too weak or unknown
    {MD5-CRYPT}$1$: {MD5-CRYPT} is not an accepted scheme, being too weak or unk
    {sha512-crypt}: {sha512-crypt} is not an accepted scheme, being too weak or 
    {constructor}x: {constructor} is not an accepted scheme, being too weak or u
    {CRYPT}vpvKh.S: is not a complete hash of the scheme CRYPT: it may have been"
  `);
});
