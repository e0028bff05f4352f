/** The package's schema, as Pulumi's CLI makes SDKs of it: from the components' types, and what is documented there. */
import { join } from "node:path";
import ts from "typescript";
import { foreignArguments, foreignComponents, nativeArguments, tokenOf } from "../languages/components.ts";
import project from "../package.json" with { type: "json" };
import { projectFolder } from "../toolchain/versions.ts";
import { compilerOptions } from "./compile.ts";

export const schemaFile = join(projectFolder, "languages/schema.json");

export interface Property {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly plain?: true;
  readonly secret?: true;
  readonly description?: string;
}

interface ObjectType {
  readonly type: "object";
  readonly description?: string;
  readonly properties: Record<string, Property>;
  readonly required: string[];
}

interface ComponentType {
  readonly isComponent: true;
  readonly description: string;
  readonly inputProperties: Readonly<Record<string, Property>>;
  readonly requiredInputs: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

export interface PackageSchema {
  readonly name: string;
  readonly description: string;
  readonly types: Readonly<Record<string, ObjectType>>;
  readonly resources: Readonly<Record<string, ComponentType>>;
}

/** @throws Error that names every argument that is not documented, or that no other language could give. */
export function packageSchema(): PackageSchema {
  return new SchemaWriter().write();
}

/** What is secret, by its name. */
const secretName = /^(?:passwords?|passwordHash|privateKey)$/;
/** Bytes are more than 32 bits hold, and processors are shared. */
const fractionName = /bytes$|^cpus$/i;

class SchemaWriter {
  readonly #checker: ts.TypeChecker;
  readonly #exported: ReadonlyMap<string, ts.Type>;
  readonly #types = new Map<string, ObjectType>();
  readonly #problems: string[] = [];
  /** Whether what is read is there to be written: only that needs a default and an example. */
  #isArgument = true;

  constructor() {
    const entry = join(projectFolder, "components/index.ts");
    const program = ts.createProgram([entry], compilerOptions());
    this.#checker = program.getTypeChecker();
    const module = this.#checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.Node) as ts.Symbol;
    this.#exported = new Map(
      this.#checker.getExportsOfModule(module).map((symbol) => {
        const original =
          symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
        return [symbol.name, this.#checker.getDeclaredTypeOfSymbol(original)];
      }),
    );
  }

  write(): PackageSchema {
    const resources = Object.keys(foreignComponents).map((name) => [tokenOf(name), this.#component(name)]);
    if (this.#problems.length > 0) throw new Error(this.#problems.join("\n"));
    const types = [...this.#types].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const { name, description } = project;
    return { name, description, types: Object.fromEntries(types), resources: Object.fromEntries(resources) };
  }

  #component(name: string): ComponentType {
    const component = this.#type(name);
    this.#isArgument = true;
    const { properties, required } = this.#properties(
      this.#type(`${name}Args`),
      name,
      foreignArguments[name],
    );
    this.#isArgument = false;
    const outputs = (foreignComponents[name]?.outputs ?? []).map((output) => {
      const symbol = component.getProperty(output);
      if (symbol === undefined) throw new Error(`${name} has no ${output}`);
      const { plain: _, ...property } = this.#property(symbol, output);
      return [output, withoutPlain({ ...property, description: this.#text(symbol) || describedBy(output) })];
    });
    return {
      isComponent: true,
      description: this.#text(component.symbol),
      inputProperties: properties,
      requiredInputs: required,
      properties: Object.fromEntries(outputs),
      required: [...(foreignComponents[name]?.outputs ?? [])],
    };
  }

  #type(name: string): ts.Type {
    const type = this.#exported.get(name);
    if (type === undefined) throw new Error(`components/index.ts does not export ${name}`);
    return type;
  }

  #properties(type: ts.Type, owner: string, foreign: Readonly<Record<string, string>> = {}) {
    const properties: Record<string, Property> = {};
    const required: string[] = [];
    for (const symbol of type.getProperties().toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = symbol;
      if (nativeArguments.includes(name)) continue;
      const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      const component = foreign[name];
      const property = component === undefined ? this.#property(symbol, name) : reference(component);
      properties[name] = {
        ...property,
        description: this.#described(symbol, `${owner}.${name}`, isOptional),
      };
      if (!isOptional) required.push(name);
    }
    return { properties, required };
  }

  #property(symbol: ts.Symbol, name: string): Property {
    const property = this.#typed(this.#checker.getTypeOfSymbol(symbol), name);
    return secretName.test(name) ? { ...property, secret: true } : property;
  }

  #typed(type: ts.Type, name: string): Property {
    const members = (type.isUnion() ? type.types : [type]).filter(
      ({ flags }) => (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0,
    );
    const now = members.filter((member) => !isLater(member));
    if (now.length === 0 && members[0] !== undefined) return this.#typed(this.#insideOf(members[0]), name);
    const plain = now.length === members.length ? ({ plain: true } as const) : {};
    const [first] = now;
    if (first === undefined) return this.#refuse(type, name);
    if (now.every(({ flags }) => flags & ts.TypeFlags.StringLike)) return { type: "string", ...plain };
    if (now.every(({ flags }) => flags & ts.TypeFlags.BooleanLike)) return { type: "boolean", ...plain };
    if (now.every(({ flags }) => flags & ts.TypeFlags.NumberLike)) {
      return { type: fractionName.test(name) ? "number" : "integer", ...plain };
    }
    return now.length > 1 ? this.#refuse(type, name) : this.#structured(first, name);
  }

  #structured(type: ts.Type, name: string): Property {
    if (this.#checker.isArrayType(type)) {
      const [element] = this.#checker.getTypeArguments(type as ts.TypeReference);
      const items = this.#typed(element as ts.Type, name);
      return { type: "array", items, ...(items.plain && { plain: true }) };
    }
    const { symbol } = type;
    if (symbol.name in foreignComponents) return reference(symbol.name);
    const [declaration] = symbol.declarations ?? [];
    if (declaration !== undefined && ts.isInterfaceDeclaration(declaration) && !isForeignFile(declaration)) {
      return this.#object(type, symbol);
    }
    const [member] = type.getProperties();
    const value = type.getStringIndexType() ?? (member && this.#checker.getTypeOfSymbol(member));
    if (value === undefined || isForeignFile(declaration)) return this.#refuse(type, name);
    const additionalProperties = this.#typed(value, name);
    return { type: "object", additionalProperties, ...(additionalProperties.plain && { plain: true }) };
  }

  #object(type: ts.Type, symbol: ts.Symbol): Property {
    const token = tokenOf(symbol.name.replace(/Args$/, ""));
    if (!this.#types.has(token)) {
      const empty: ObjectType = { type: "object", properties: {}, required: [] };
      this.#types.set(token, empty);
      const description = this.#text(symbol);
      const { properties, required } = this.#properties(type, symbol.name);
      this.#types.set(token, { ...empty, ...(description && { description }), properties, required });
    }
    const isPlain = Object.values(this.#types.get(token)?.properties ?? {}).every(
      ({ plain }) => plain === true,
    );
    return { $ref: `#/types/${token}`, ...(isPlain && { plain: true }) };
  }

  /** What an Output or a promise is of. */
  #insideOf(type: ts.Type): ts.Type {
    const [inside] = this.#checker.getTypeArguments(type as ts.TypeReference);
    return inside ?? type.aliasTypeArguments?.[0] ?? type;
  }

  #refuse(type: ts.Type, name: string): Property {
    this.#problems.push(`${name}: ${this.#checker.typeToString(type)} has no form in other languages`);
    return {};
  }

  /** The documentation of an argument, with its default and an example where its type does not show one. */
  #described(symbol: ts.Symbol, path: string, isOptional: boolean): string {
    const text = this.#text(symbol);
    const tags = new Map(
      symbol.getJsDocTags(this.#checker).map((tag) => [tag.name, ts.displayPartsToString(tag.text)]),
    );
    const standard = tags.get("default");
    const example = tags.get("example");
    const missing = [
      text === "" ? "what it is" : [],
      isOptional && standard === undefined ? "@default" : [],
      example === undefined && this.#needsExample(symbol, standard) ? "@example" : [],
    ].flat();
    if (this.#isArgument && missing.length > 0)
      this.#problems.push(`${path}: document ${missing.join(", ")}`);
    return [
      text,
      ...(standard === undefined ? [] : [`Default: ${standard}.`]),
      ...(example === undefined ? [] : [`Example: \`${example}\``]),
    ].join(" ");
  }

  /** A default in JSON is an example of its own; truth values, words and objects show theirs. */
  #needsExample(symbol: ts.Symbol, standard: string | undefined): boolean {
    if (standard !== undefined && isJson(standard)) return false;
    const type = this.#checker.getTypeOfSymbol(symbol);
    const shown = ts.TypeFlags.BooleanLike | ts.TypeFlags.Literal | ts.TypeFlags.Undefined;
    return (type.isUnion() ? type.types : [type]).some(
      (member) =>
        (member.flags & shown) === 0 &&
        ((member.flags & ts.TypeFlags.Object) === 0 || this.#checker.isArrayType(member)),
    );
  }

  #text(symbol: ts.Symbol): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
    return text.replace(/\{@link (\w+) ?\}/g, "$1");
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isLater({ symbol, aliasSymbol }: ts.Type): boolean {
  return ["Promise", "OutputInstance", "Output"].includes((aliasSymbol ?? symbol)?.name ?? "");
}

function isForeignFile(declaration: ts.Declaration | undefined): boolean {
  return declaration?.getSourceFile().fileName.includes("/node_modules/@pulumi/") ?? false;
}

function describedBy(output: string): string {
  return `Its ${output}.`;
}

/** A component, or a list of them. */
function reference(component: string): Property {
  const $ref = `#/resources/${tokenOf(component.replace("[]", ""))}`;
  return component.endsWith("[]")
    ? { type: "array", plain: true, items: { $ref, plain: true } }
    : { $ref, plain: true };
}

/** An output has nothing to be plain about. */
function withoutPlain({ plain: _, items, additionalProperties, ...property }: Property): Property {
  return {
    ...property,
    ...(items && { items: withoutPlain(items) }),
    ...(additionalProperties && { additionalProperties: withoutPlain(additionalProperties) }),
  };
}
