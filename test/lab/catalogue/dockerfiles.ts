import { appendFile } from "node:fs/promises";
import { join } from "node:path";

/** Adds an instruction or a comment at the end of an image's Dockerfile. */
export function addLine(checkout: string, image: string, line: string): Promise<void> {
  return appendFile(join(checkout, "images", image, "Dockerfile"), `${line}\n`);
}
