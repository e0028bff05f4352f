import { services } from "../../records/service.ts";
import type { ConfigurationFile } from "../generation/configuration-file.ts";

/** How many connections one of Postfix' services has at a time; the image's `smtp-front` hands them on to it. */
interface Places {
  /** Of clients that have not logged in. The one that says least gives way to a new one. */
  readonly strangers: number;
  /** Beside these, of clients that have logged in. */
  readonly users: number;
}

/** By the name of Postfix' socket. */
export const smtpPlaces = {
  smtpd: { strangers: 100, users: 0 },
  submission: { strangers: 40, users: 60 },
  submissions: { strangers: 40, users: 60 },
} as const satisfies Readonly<Record<string, Places>>;

/** Which port leads to which service, and how it greets; the greeting is Postfix' own. */
export function renderSmtpFront(greeting: string): ConfigurationFile {
  const line = (port: number, service: keyof typeof smtpPlaces, greets: string) =>
    `${port} ${service} ${smtpPlaces[service].strangers} ${smtpPlaces[service].users} ${greets}\n`;
  return {
    path: "postfix/front",
    content:
      line(services.smtp.port, "smtpd", greeting) +
      line(services.submission.port, "submission", greeting) +
      line(services.submissions.port, "submissions", "tls"),
  };
}

/** What a service of Postfix' is given as the most processes. */
export function processesFor(service: keyof typeof smtpPlaces): number {
  return smtpPlaces[service].strangers + smtpPlaces[service].users;
}
