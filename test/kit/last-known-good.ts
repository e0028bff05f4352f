import { expect } from "vitest";
import type { ConfigurationFile } from "../../servers/generation/configuration-file.ts";
import { docker } from "./engine.ts";
import type { ServerContainer } from "./server-container.ts";

/**
 * Starts a server with a generation that it cannot use: it serves what it served before, and says so; then it takes a good
 * one again.
 *
 * @param good - what it served before
 * @param damage - leaves in the volume what the next start finds, and gives the reason that the server is to name
 * @param serves - fails unless clients are served
 */
export async function startWithBadGeneration(
  server: ServerContainer,
  good: readonly ConfigurationFile[],
  damage: () => Promise<RegExp>,
  serves: () => Promise<void>,
): Promise<void> {
  const id = await server.upload(good);
  expect(await server.settles(new RegExp(`^${id}$`))).toBe(id);
  await docker("stop", server.name);
  const reason = await damage();
  await docker("start", server.name);
  expect(await server.settles(reason)).toMatch(reason);
  // Whoever has found it healthy before learns of a fault at once.
  const check = () =>
    server.exec(
      "touch /run/maildomain/healthy; timeout 5 /usr/lib/maildomain/healthcheck; echo exit status $?",
    );
  const still = new RegExp(`${reason.source}.*; generation ${id} is still served\\nexit status 1$`, "s");
  await expect.poll(check).toMatch(still);
  await serves();
  expect(await docker("logs", "--tail", "100", server.name)).toMatch(
    new RegExp(`refused: .*${reason.source}`),
  );
  await server.upload(good);
  expect(await server.settles(new RegExp(`^${id}$`))).toBe(id);
}
