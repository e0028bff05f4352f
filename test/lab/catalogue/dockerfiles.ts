import { appendFile } from "node:fs/promises";
import { join } from "node:path";

/** Changes what an image is built from, and nothing of what it holds. */
export function commentIn(checkout: string, image: string, text: string): Promise<void> {
  return appendFile(join(checkout, "images", image, "Dockerfile"), `# ${text}\n`);
}
