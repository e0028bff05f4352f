import { type Check, failed, ok } from "../check.ts";
import { handshake } from "../probes/tls.ts";
import type { Service, TlsPort } from "../services.ts";
import { shortTime } from "./short-time.ts";

/** `up` renews when a third is left; at half of that something keeps it from doing so. */
const minShareLeft = 1 / 6;

/** What to do where little of a certificate's life is left, or it has ended. */
export const renewals = {
  private:
    "Run `npm run up`, which renews it once a third of its life is left; find out why none has run since.",
  acme: "See why the agent has not renewed it: the check of its last result says so (docs/certificates.md).",
  files:
    "Write the renewed certificate in place of the one in `certificates.files`, and run `npm run up` (docs/certificates.md).",
} as const;

/**
 * A current TLS version, a chain to the authority, and a certificate that holds the name of the service.
 *
 * @param renewal - what to do where little of its life is left.
 */
export function certificateCheck(service: TlsPort & { readonly name: string }, renewal: string): Check {
  const { host, port, serverName } = service;
  return {
    id: `tls.${service.name}.${serverName}`,
    group: "Service",
    title: `TLS on ${service.name} ${port} for ${serverName}`,
    why: "Clients refuse a certificate that they cannot trace or that lacks the name they connect to (RFC 9525).",
    remedy: `See it with \`openssl s_client -connect ${host}:${port} -servername ${serverName}\`. Names that are missing come with \`npm run up\`. If it has expired: ${renewal}`,
    run: async () => {
      const { version, certificate } = await handshake(service);
      const [from, to] = [Date.parse(certificate.valid_from), Date.parse(certificate.valid_to)];
      const left = to - Date.now();
      if (left > (to - from) * minShareLeft) return ok(`${version}, ${shortTime(left)} left`);
      return failed(
        left > 0 ? `${shortTime(left)} left of ${shortTime(to - from)}` : `it ended ${shortTime(-left)} ago`,
        renewal,
      );
    },
  };
}

/** Nothing older than TLS 1.2. */
export function oldTlsCheck(service: Service): Check {
  return {
    id: `tls.old.${service.name}`,
    group: "Service",
    title: `no TLS 1.1 on ${service.name} ${service.port}`,
    why: "TLS 1.0 and 1.1 must not be used any longer (RFC 8996).",
    remedy: "Check that the service can be reached at all.",
    run: async () => {
      const refusal = await refusalOf(service);
      if (refusal !== undefined) return ok(`refused: ${refusal}`);
      return failed("TLS 1.1 was accepted", "Set the oldest version to TLS 1.2 in the mail server's image.");
    },
  };
}

async function refusalOf(service: Service): Promise<string | undefined> {
  // Without a handshake that works, a refusal of the old version would say nothing.
  await handshake(service);
  try {
    // OpenSSL itself refuses TLS 1.1 unless its security level is lowered.
    await handshake(service, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return code
      .replace(/^ERR_SSL_/, "")
      .toLowerCase()
      .replaceAll("_", " ");
  }
}
