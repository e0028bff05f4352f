import { type Brand, LogoError, logoUrl } from "../../clients/brand.ts";
import type { StackSettings } from "../schema/config.ts";

/**
 * What the pages for people look like, with the logo itself in place of its file.
 *
 * @param readFile - what a file in `stacks/` holds; undefined if there is none
 * @returns the problem with its path, if there is one, in place of the brand.
 */
export function brandFrom(
  { web: { brand } }: Pick<StackSettings, "web">,
  readFile: (file: string) => Buffer | undefined,
):
  | { readonly brand: Brand; readonly problem?: undefined }
  | { readonly brand?: undefined; readonly problem: string } {
  const { logo: file, ...rest } = brand;
  if (file === undefined) return { brand: rest };
  const problem = (text: string) => ({ problem: `web.brand.logo: file stacks/${file} ${text}` });
  const content = readFile(file);
  if (content === undefined) return problem("does not exist: create it, or leave this out");
  try {
    return { brand: { ...rest, logo: logoUrl(content) } };
  } catch (error) {
    if (error instanceof LogoError) return problem(error.message);
    throw error;
  }
}
