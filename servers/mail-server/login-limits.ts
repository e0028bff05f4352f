import type { ConfigurationFile } from "../generation/configuration-file.ts";
import type { LoginLimits, MailServerDescription } from "./description.ts";

/** What is in force where nothing is declared. */
export const DEFAULT_LOGIN_LIMITS: LoginLimits = { perLogin: 100, perAddress: 100 };

/** What the image's `login-limits` reads, again whenever it changes. */
export function renderLoginLimits({
  loginLimits = DEFAULT_LOGIN_LIMITS,
}: MailServerDescription): ConfigurationFile[] {
  const { perLogin, perAddress } = loginLimits;
  for (const bound of [perLogin, perAddress]) {
    if (!Number.isInteger(bound) || bound < 4 || bound > 10_000) {
      throw new RangeError(`${bound} is not a valid number of wrong passwords per hour: 4 to 10000`);
    }
  }
  return [{ path: "logins/limits", content: `login ${perLogin}\naddress ${perAddress}\n` }];
}
