/** The package's schema, as Pulumi's CLI makes SDKs of it: from the components' types, and what is documented there. */
import { join } from "node:path";
import ts from "typescript";
import {
  foreignArguments,
  foreignComponents,
  foreignResources,
  nativeArguments,
  tokenOf,
} from "../languages/components.ts";
import project from "../package.json" with { type: "json" };
import { projectFolder } from "../toolchain/versions.ts";
import { compilerOptions } from "./compile.ts";

export const schemaFile = join(projectFolder, "languages/schema.json");

export interface Property {
  readonly type?: string;
  readonly $ref?: string;
  /** One of several. */
  readonly oneOf?: readonly Property[];
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
  readonly required?: readonly string[];
}

interface ResourceType {
  readonly isComponent?: true;
  readonly description: string;
  readonly inputProperties: Readonly<Record<string, Property>>;
  readonly requiredInputs: readonly string[];
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

export interface PackageSchema {
  readonly name: string;
  readonly description: string;
  /** The provider has no settings. */
  readonly config: Readonly<Record<string, never>>;
  /** Settings of the generators of SDKs. */
  readonly language: Readonly<Record<string, object>>;
  readonly types: Readonly<Record<string, ObjectType>>;
  readonly resources: Readonly<Record<string, ResourceType>>;
}

/** An SDK has the version of the package, and asks for the provider of that version. */
const version = { respectSchemaVersion: true };
const language = {
  csharp: version,
  // Without them its generator uses types of arguments that it does not write: those of what is plain.
  go: { ...version, generateExtraInputTypes: true },
  nodejs: version,
  python: version,
};

/** @throws Error that names every argument that is not documented, or that no other language could give. */
export function packageSchema(): PackageSchema {
  return new SchemaWriter().write();
}

/** What may be any value, a component or resource among them. */
export const anything = "pulumi.json#/Any";

/** What is secret, by its name. */
const secretName = /^(?:passwords?|passwordHash|(?:ca)?privateKey|accountKey|externalAccount)$/i;
/** Bytes are more than 32 bits hold, and processors are shared. */
const fractionName = /bytes$|^cpus$/i;

class SchemaWriter {
  readonly #checker: ts.TypeChecker;
  readonly #exported: ReadonlyMap<string, ts.Type>;
  readonly #types = new Map<string, ObjectType>();
  readonly #problems: string[] = [];
  /** Whether what is read is there to be written: only that needs a default and an example. */
  #isArgument = true;
  /** How many objects deep what is read is. */
  #depth = 0;

  constructor() {
    const entries = ["provider/resources.ts", "components/index.ts"].map((file) => join(projectFolder, file));
    const program = ts.createProgram(entries, compilerOptions());
    this.#checker = program.getTypeChecker();
    this.#exported = new Map(entries.flatMap((entry) => this.#exportsOf(program.getSourceFile(entry))));
  }

  #exportsOf(file: ts.SourceFile | undefined): [string, ts.Type][] {
    const module = this.#checker.getSymbolAtLocation(file as ts.Node) as ts.Symbol;
    return this.#checker.getExportsOfModule(module).map((symbol) => {
      const original = symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
      return [symbol.name, this.#checker.getDeclaredTypeOfSymbol(original)];
    });
  }

  write(): PackageSchema {
    const components = Object.entries(foreignComponents).map(([name, { outputs }]) => [
      tokenOf(name),
      { isComponent: true, ...this.#resource(name, outputs) },
    ]);
    const provided = Object.entries(foreignResources).map(([name, { outputs }]) => [
      tokenOf(name),
      this.#providedResource(name, outputs),
    ]);
    if (this.#problems.length > 0) throw new Error(this.#problems.join("\n"));
    const { name, description } = project;
    const types = Object.fromEntries([...this.#types].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const resources = Object.fromEntries([...components, ...provided]);
    return { name, description, config: {}, language, types, resources };
  }

  #resource(name: string, outputs: readonly string[]): ResourceType {
    const resource = this.#type(name);
    const args = this.#exported.get(`${name}Inputs`) ?? this.#type(`${name}Args`);
    this.#isArgument = true;
    const { properties, required = [] } = this.#properties(args, name, foreignArguments[name]);
    this.#isArgument = false;
    const values = outputs.map((output) => {
      const symbol = resource.getProperty(output);
      if (symbol === undefined) throw new Error(`${name} has no ${output}`);
      const property = this.#property(symbol, output);
      return [output, withoutPlain({ ...property, description: this.#text(symbol) || describedBy(output) })];
    });
    return {
      description: this.#text(resource.symbol),
      inputProperties: properties,
      requiredInputs: required,
      properties: Object.fromEntries(values),
      required: outputs,
    };
  }

  /** Nothing that a provider is given has to be plain, and its arguments are values of the resource, too. */
  #providedResource(name: string, outputs: readonly string[]): ResourceType {
    const { inputProperties, requiredInputs, properties, required, ...resource } = this.#resource(
      name,
      outputs,
    );
    const inputs = Object.fromEntries(
      Object.entries(inputProperties).map(([each, property]) => [each, withoutPlain(property)]),
    );
    return {
      ...resource,
      inputProperties: inputs,
      requiredInputs,
      properties: { ...inputs, ...properties },
      required: [...requiredInputs, ...required],
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
      const description = this.#described(symbol, `${owner}.${name}`, isOptional);
      properties[name] = { ...property, ...(description && { description }) };
      if (!isOptional) required.push(name);
    }
    return { properties, ...(required.length > 0 && { required }) };
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
    if (symbol.name in foreignComponents || symbol.name in foreignResources) {
      // In Python the module of the types and the component's would each import the other.
      return this.#depth > 0 ? { $ref: anything, plain: true } : reference(symbol.name);
    }
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
      this.#types.set(token, { type: "object", properties: {} });
      const description = this.#text(symbol);
      this.#depth += 1;
      const properties = this.#properties(type, symbol.name);
      this.#depth -= 1;
      this.#types.set(token, { type: "object", ...(description && { description }), ...properties });
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

/** A component or resource, one of several, or a list of them. */
function reference(name: string): Property {
  if (name.endsWith("[]")) return { type: "array", plain: true, items: reference(name.slice(0, -2)) };
  if (name.includes("|")) return { oneOf: name.split("|").map(reference), plain: true };
  return { $ref: `#/resources/${tokenOf(name)}`, plain: true };
}

/** An output has nothing to be plain about. */
function withoutPlain({ plain: _, items, additionalProperties, ...property }: Property): Property {
  return {
    ...property,
    ...(items && { items: withoutPlain(items) }),
    ...(additionalProperties && { additionalProperties: withoutPlain(additionalProperties) }),
  };
}
