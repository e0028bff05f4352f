import type { SealedFile } from "./configuration-file.ts";
import { TLS_PAIR_PATH } from "./container-paths.ts";

/** A server's key with its certificate and the chain above it, PEM. */
export interface TlsPair {
  readonly privateKey: string;
  readonly certificate: string;
  readonly chain: string;
}

/**
 * Key, certificate and chain in one file, which every daemon reads in this order: the pair can only ever change as a
 * whole.
 *
 * @param owner - whoever opens it.
 */
export function tlsPairFile(owner: string): SealedFile<TlsPair> {
  return {
    path: TLS_PAIR_PATH,
    owner,
    mode: 0o600,
    render: ({ privateKey, certificate, chain }) => [privateKey, certificate, chain].map(endLine).join(""),
  };
}

/** A PEM text that ends its line, so that another can follow it; nothing stays nothing. */
export function endLine(pem: string): string {
  const text = pem.trim();
  return text === "" ? "" : `${text}\n`;
}
