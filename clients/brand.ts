/** What the pages for people look like: whose they are, and in which colour. */
export interface Brand {
  /** Whose the pages are. @default the domain's own name @example "Padaria do Bairro" */
  readonly name?: string | undefined;
  /** Of the band at the top and of buttons: `#rrggbb`. Text on it is black or white. @default {@link defaultColor} @example "#7a1f2b" */
  readonly color?: string | undefined;
  /** A picture as a `data:` URL, see {@link logoUrl}. @default none @example logoUrl(readFileSync("logo.svg")) */
  readonly logo?: string | undefined;
}

/** A dark blue. */
export const defaultColor = "#1d3f72";

/** In bytes: with it, a page stays below 30 kB. */
export const LARGEST_LOGO = 8192;

/** How the files begin; for SVG, whatever may stand before its first element. */
const types: readonly (readonly [type: string, begins: (content: Buffer) => boolean])[] = [
  ["image/png", (content) => content.toString("hex", 0, 8) === "89504e470d0a1a0a"],
  ["image/jpeg", (content) => content.toString("hex", 0, 3) === "ffd8ff"],
  ["image/webp", (content) => /^RIFF.{4}WEBP/s.test(content.toString("latin1"))],
  ["image/svg+xml", (content) => /^(\s|<[?!][^>]*>)*<svg[\s>/]/.test(content.toString("utf8"))],
];

/**
 * A picture as the pages carry it.
 *
 * @throws LogoError if it is too large, or not a picture that every browser shows.
 */
export function logoUrl(content: Buffer): string {
  if (content.length > LARGEST_LOGO) {
    throw new LogoError(
      `has ${content.length} bytes: write a picture of at most ${LARGEST_LOGO}, which every page carries`,
    );
  }
  const type = types.find(([, begins]) => begins(content))?.[0];
  if (type === undefined) throw new LogoError("is not a picture: write a PNG, JPEG, WebP or SVG file");
  return `data:${type};base64,${content.toString("base64")}`;
}

export class LogoError extends Error {
  override readonly name = "LogoError";
}

/** Black or white, whichever is easier to read on a colour: the contrast is 4.5:1 at least (WCAG 2.2 section 1.4.3). */
export function textOn(color: string): "#000" | "#fff" {
  const luminance = luminanceOf(color);
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? "#000" : "#fff";
}

/** Relative luminance (WCAG 2.2). */
function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
