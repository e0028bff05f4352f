/**
 * The zone of ours that a name is in: the nearest one, as DNS delegates (RFC 1034 section 4.2).
 *
 * Takes time by the labels of a name, however many zones there are.
 */
export class ZoneFinder<Zone extends { readonly name: string }> {
  readonly #zones: ReadonlyMap<string, Zone>;

  constructor(zones: readonly Zone[]) {
    this.#zones = new Map(zones.map((zone) => [zone.name, zone]));
  }

  find(name: string): Zone | undefined {
    for (let suffix = name; ; suffix = suffix.slice(suffix.indexOf(".") + 1)) {
      const zone = this.#zones.get(suffix);
      if (zone !== undefined || !suffix.includes(".")) return zone;
    }
  }
}
