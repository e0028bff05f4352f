/** What a preview for people says on the side: the log of its events, in the form that a review reads. */
import { parseUrn } from "../naming/urn.ts";
import { listOf, PreviewError, type Properties, propertiesOf } from "./preview.ts";

/** Pulumi's mark of an object that stands for a value of its own; a secret's has its value encrypted. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** `--json` leaves these out: what stays, and the halves of a replacement that has an event of its own. */
const left = ["same", "create-replacement", "delete-replaced", "discard-replaced"];

const INCOMPLETE = "The preview's log of events is not complete.";

/**
 * Turns what `pulumi preview --event-log` writes into what `pulumi preview --json` prints of the same preview.
 *
 * @param log - one event per line
 * @throws PreviewError whose message repeats nothing of the text
 */
export function previewFromEvents(log: string): string {
  const events = log.split("\n").flatMap((line) => (line === "" ? [] : [parse(line)]));
  if (!events.some(({ summaryEvent }) => summaryEvent !== undefined)) throw new PreviewError(INCOMPLETE);
  const [config] = events.flatMap(({ preludeEvent }) => propertiesOf(preludeEvent).config ?? []);
  const steps = events
    .flatMap(({ resourcePreEvent }) => propertiesOf(resourcePreEvent).metadata ?? [])
    .map(propertiesOf)
    .filter(({ op, urn }) => !left.includes(String(op)) && !isDefaultProvider(String(urn)))
    .map(({ op, urn, keys, old: oldState, new: newState }) => ({
      op,
      urn,
      replaceReasons: listOf(keys),
      oldState,
      newState,
    }));
  const diagnostics = events
    .flatMap(({ diagnosticEvent }) => diagnosticEvent ?? [])
    .filter((event) => propertiesOf(event).severity !== "debug");
  return JSON.stringify({ config, steps, diagnostics }, (_, value: unknown) =>
    propertiesOf(value)[SIGNATURE] === SECRET ? "[secret]" : value,
  );
}

/** Pulumi makes it by itself, and shows it to nobody. */
function isDefaultProvider(urn: string): boolean {
  const { type, name } = parseUrn(urn);
  return type.startsWith("pulumi:providers:") && /^default(?:_|$)/.test(name);
}

function parse(line: string): Properties {
  try {
    return propertiesOf(JSON.parse(line));
  } catch {
    throw new PreviewError(INCOMPLETE);
  }
}
