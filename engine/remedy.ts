/**
 * What a person does about an engine that cannot be asked.
 *
 * @param address - the engine's, undefined where it is not known
 * @param isChosen - whether the stack names it, and not the environment
 * @param said - what the client said
 */
export function remedyFor(address: string | undefined, isChosen: boolean, said: string): string {
  if (address?.startsWith("ssh://")) return remedyOverSsh(address, said);
  return isChosen
    ? `Check that \`docker --host ${address} ps\` works here.`
    : "Run this where the Docker Engine of the stack answers (`docker ps`), or set `maildomain:dockerHost`.";
}

function remedyOverSsh(address: string, said: string): string {
  const ssh = `ssh ${address}`;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said))
    return `The machine shows another host key than before. Find out why; only if it was installed again, remove the old key with \`ssh-keygen -R\` and accept the new one with \`${ssh}\`.`;
  if (/host key verification failed/i.test(said))
    return `Its host key is not known here. Run \`${ssh}\` once and accept the key if it is the machine's own (\`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` there shows it).`;
  if (/permission denied \(/i.test(said))
    return `The login was refused. Name the right user in \`maildomain:dockerHost\`, and see that \`${ssh}\` logs in by a key without a question (an agent, or \`IdentityFile\` in ~/.ssh/config).`;
  if (/docker: (?:command )?not found|exit status 127/i.test(said))
    return "Install Docker Engine on that machine: https://docs.docker.com/engine/install/";
  if (/permission denied while trying to connect/i.test(said))
    return "Log in as root in `maildomain:dockerHost`, or let the user there use the engine (`sudo usermod -aG docker USER`).";
  if (/cannot connect to the docker daemon/i.test(said))
    return "Start the Docker Engine on that machine: `sudo systemctl start docker`.";
  return `Check that \`docker --host ${address} ps\` works here.`;
}
