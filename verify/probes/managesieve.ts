import type { Service } from "../services.ts";
import { openDialogue } from "./dialogue.ts";
import type { Login } from "./smtp.ts";
import { openTls } from "./tls.ts";

/**
 * What a server says of one of its abilities (RFC 5804 section 1.7): `""` for one that has no value.
 *
 * @param listing - its greeting, or what it says after STARTTLS.
 */
export function capability(listing: string, name: string): string | undefined {
  for (const line of listing.split("\n")) {
    const [, found, value = ""] = /^"([^"]*)"(?: "(.*)")?$/.exec(line) ?? [];
    if (found?.toUpperCase() === name) return value;
  }
  return undefined;
}

/** The command for a login by PLAIN (RFC 4616). */
export function authenticateCommand({ user, password }: Login): string {
  return `AUTHENTICATE "PLAIN" "${Buffer.from(`\0${user}\0${password}`).toString("base64")}"`;
}

/** Logs in under TLS. @returns the server's refusal, or nothing when the login went well. */
export async function logInToSieve(service: Service, login: Login): Promise<string | undefined> {
  // The capabilities come once more under TLS (RFC 5804 section 2.2), as a greeting does.
  await using dialogue = await openDialogue("managesieve", service, await openTls(service));
  const reply = await dialogue.ask(authenticateCommand(login));
  if (!/^OK\b/i.test(reply)) return reply;
  await dialogue.ask("LOGOUT").catch(() => {});
  return undefined;
}
