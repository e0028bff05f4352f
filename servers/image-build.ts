/** What the servers' images are built from beside `images/`: part of their identity, so that a change builds others. */
export interface ImageBuild {
  /**
   * The day as of which the images have Debian's packages; another one asks the archive again.
   *
   * @example "2026-11-28"
   */
  readonly packages: string;
  /**
   * The image that they are built on, with Debian 13 and the archive that its packages come from.
   *
   * @example "debian:trixie-slim"
   */
  readonly base: string;
}

/** That of this version, released on that day. */
export const releasedBuild: ImageBuild = { packages: "2026-11-28", base: "debian:trixie-slim" };

/** The label by which an image says the day of its packages. */
export const PACKAGES_LABEL = "maildomain.packages";

/** What the Dockerfiles take. */
export function buildArguments({ packages, base }: ImageBuild): Record<string, string> {
  return { BASE: base, PACKAGES: packages };
}
