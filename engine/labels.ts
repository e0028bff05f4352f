/** What has a label on an engine, asked by the socket of one on this machine. */
import { askSocket } from "./engine-socket.ts";
import { type AskedContainer, type MarkedObject, nameOf } from "./objects.ts";

/** The part of the API's list of volumes that is read here. */
interface AskedVolumes {
  readonly Volumes: readonly { readonly Name: string; readonly Labels: AskedContainer["Labels"] }[] | null;
}

/** @returns undefined without a good answer: `docker`, asked for the same, then finds out why. */
export async function volumesWithLabel(
  host: string | undefined,
  label: string,
): Promise<MarkedObject[] | undefined> {
  const asked = (await askSocket(host, "/volumes", withLabel(label))) as AskedVolumes | undefined;
  if (asked === undefined) return undefined;
  return (asked.Volumes ?? []).map(({ Name, Labels }) => ({
    kind: "volume",
    id: Name,
    name: Name,
    value: Labels?.[label] ?? "",
  }));
}

/** Also those that do not run. @returns undefined as for volumes */
export async function containersWithLabel(
  host: string | undefined,
  label: string,
): Promise<MarkedObject[] | undefined> {
  const query = { all: "1", ...withLabel(label) };
  const asked = (await askSocket(host, "/containers/json", query)) as readonly AskedContainer[] | undefined;
  return asked?.map((container) => ({
    kind: "container",
    id: container.Id,
    name: nameOf(container),
    value: container.Labels?.[label] ?? "",
  }));
}

function withLabel(label: string): Readonly<Record<string, string>> {
  return { filters: JSON.stringify({ label: [label] }) };
}
