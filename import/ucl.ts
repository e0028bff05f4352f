/**
 * Rspamd's configuration language, as far as people write it (libucl's README): comments, sections with names, lists,
 * the three kinds of text. A value stays the text that it is; a key that is there twice has a list.
 */
export type UclValue = string | UclObject | readonly UclValue[];
export interface UclObject {
  readonly [key: string]: UclValue;
}

export interface UclFile {
  readonly settings: UclObject;
  /** What the file includes, or does otherwise by a macro, as it is written. */
  readonly macros: readonly string[];
}

/** @throws RangeError with the line that is wrong */
export function parseUcl(text: string): UclFile {
  return new Parser(text.replace(/^\uFEFF/, "")).file();
}

/** The members of a value that may be one or a list. */
export function listOf(value: UclValue | undefined): readonly UclValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly UclValue[]) : [value];
}

export function isObject(value: UclValue | undefined): value is UclObject {
  return typeof value === "object" && !Array.isArray(value);
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

class Parser {
  readonly #text: string;
  readonly #macros: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  file(): UclFile {
    this.#skip();
    const braced = this.#take(/\{/y) !== undefined;
    const settings = this.#members(braced ? "}" : undefined);
    this.#skip();
    if (this.#at < this.#text.length) this.#fail("something follows its last section");
    return { settings, macros: this.#macros };
  }

  #members(end: "}" | undefined): UclObject {
    const members: Record<string, UclValue> = {};
    for (;;) {
      this.#skip(/[\s;,]*/y);
      if (this.#at >= this.#text.length) {
        if (end !== undefined) this.#fail("a section is not closed");
        return members;
      }
      if (end !== undefined && this.#take(/\}/y) !== undefined) return members;
      const macro = this.#take(/\.[a-z_]+\s*(?:\([^()]*\))?[^\n;]*/y);
      if (macro !== undefined) {
        this.#macros.push(macro.trim());
        continue;
      }
      const key = this.#quoted() ?? this.#take(/[^\s"'{}[\];:=,#]+/y);
      if (key === undefined) this.#fail("a key is missing");
      add(members, key ?? "", this.#named());
    }
  }

  /** What follows a key: a value, or the name of a section, `domain example.org { … }`. */
  #named(): UclValue {
    this.#skip();
    const assigned = this.#take(/[=:]/y) !== undefined;
    this.#skip();
    if (!assigned) {
      const start = this.#at;
      const name = this.#quoted() ?? this.#take(/[^\s"'{}[\];:=,#]+/y);
      this.#skip();
      if (name !== undefined && /[{[]|[^\s;]+\s*\{/y.test(this.#text.slice(this.#at, this.#at + 300))) {
        return { [name]: this.#named() };
      }
      this.#at = start;
    }
    return this.#value();
  }

  #value(): UclValue {
    if (this.#take(/\{/y) !== undefined) return this.#members("}");
    if (this.#take(/\[/y) !== undefined) return this.#elements();
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    const heredoc = this.#take(/<<[A-Z]+\r?\n/y);
    if (heredoc !== undefined) {
      const start = this.#at - 1;
      const last = new RegExp(`\\n${heredoc.slice(2).trim()}(?=[\\s;,]|$)`).exec(this.#text.slice(start));
      if (last === null) this.#fail("a text is not closed");
      const text = this.#text.slice(start + 1, start + Math.max(1, last?.index ?? 0));
      this.#at = start + (last?.index ?? 0) + (last?.[0].length ?? 0);
      return text;
    }
    const bare = this.#take(/[^\n;,}\]#]+/y);
    if (bare === undefined) this.#fail("a value is missing");
    return (bare ?? "").trim();
  }

  #elements(): readonly UclValue[] {
    const elements: UclValue[] = [];
    for (;;) {
      this.#skip(/[\s;,]*/y);
      if (this.#at >= this.#text.length) this.#fail("a list is not closed");
      if (this.#take(/\]/y) !== undefined) return elements;
      elements.push(this.#value());
    }
  }

  #quoted(): string | undefined {
    const double = this.#take(/"(?:[^"\\]|\\[\s\S])*"/y);
    if (double !== undefined) {
      return double
        .slice(1, -1)
        .replaceAll(/\\(?:u([0-9a-f]{4})|([\s\S]))/gi, (_, code?: string, letter = "") =>
          code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
        );
    }
    return this.#take(/'(?:[^'\\]|\\[\s\S])*'/y)
      ?.slice(1, -1)
      .replaceAll("\\'", "'");
  }

  /** White space and comments: `#` to the end of the line, and `/* … *\/`, which may be nested. */
  #skip(space = /\s*/y): void {
    for (;;) {
      const start = this.#at;
      this.#take(space);
      this.#take(/#[^\n]*/y);
      if (this.#text.startsWith("/*", this.#at)) this.#skipBlock();
      if (this.#at === start) return;
    }
  }

  #skipBlock(): void {
    let depth = 0;
    do {
      const sign = this.#text.slice(this.#at, this.#at + 2);
      if (sign === "") this.#fail("a comment is not closed");
      if (sign === "/*") depth += 1;
      if (sign === "*/") depth -= 1;
      this.#at += sign === "/*" || sign === "*/" ? 2 : 1;
    } while (depth > 0);
  }

  /** @param form - sticky, so that it is matched here and nowhere else */
  #take(form: RegExp): string | undefined {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text)?.[0];
    if (found === undefined || found === "") return undefined;
    this.#at += found.length;
    return found;
  }

  #fail(what: string): never {
    throw new RangeError(`line ${this.#text.slice(0, this.#at).split("\n").length}: ${what}`);
  }
}

/** Sections of one key are one section; other values of it are a list. */
function add(members: Record<string, UclValue>, key: string, value: UclValue): void {
  const before = Object.hasOwn(members, key) ? members[key] : undefined;
  if (before === undefined) members[key] = value;
  else if (isObject(before) && isObject(value)) {
    const merged = { ...before };
    for (const [name, inner] of Object.entries(value)) add(merged, name, inner);
    members[key] = merged;
  } else members[key] = [...listOf(before), ...listOf(value)];
}
