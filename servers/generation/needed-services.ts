import type { ConfigurationFile } from "./configuration-file.ts";

/**
 * The services of its image that a generation cannot do without. During an upgrade it reaches the container of the image
 * before: that one refuses it by this list, instead of taking its daemons away to try it.
 *
 * @param group - whom the list is for. Images from before there was such a list do not have the group, and refuse for
 * want of it.
 */
export function renderNeededServices(services: readonly string[], group: string): ConfigurationFile {
  return {
    path: "services",
    content: services.map((service) => `${service}\n`).join(""),
    owner: `root:${group}`,
    mode: 0o640,
  };
}
