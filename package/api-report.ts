/** What users of the package can name, as `package/api.md` has it: a change of it is seen in review. */
import { join } from "node:path";
import ts from "typescript";
import { projectFolder } from "../toolchain/versions.ts";
import { type Compiled, compile } from "./compile.ts";
import { entries } from "./published.ts";

export const apiReportFile = join(projectFolder, "package/api.md");

/** The components' names, each with its whole declaration, and the types that these name. */
export function apiReport(): string {
  const compiled = compile(Object.values(entries), "declarations");
  const modules = new Modules(compiled);
  const sections = Object.entries(entries).map(([entry, path]) => {
    const exported = modules.exportsOf(`${path}.d.ts`);
    const title = `## maildomain${entry.slice(1)}`;
    // One that lists a module a standard is a library of functions: their names say enough.
    if (entry === "./records") return `${title}\n\n${exported.map(({ name }) => `\`${name}\``).join(", ")}\n`;
    const own = new Set(exported.map(({ key }) => key));
    const named = modules.reachedFrom(exported).filter(({ key }) => !own.has(key));
    return [
      title,
      block(exported.map(({ text }) => text)),
      ...(named.length === 0 ? [] : ["### Types that these name", block(named.map(({ text }) => text))]),
    ].join("\n\n");
  });
  return `# The package's interface

Written by \`npm run package\`, and checked by \`npm run check\`: a change here is a change for everybody who uses it.

${sections.join("\n\n")}`;
}

function block(declarations: readonly string[]): string {
  return `\`\`\`ts\n${declarations.join("\n\n")}\n\`\`\`\n`;
}

interface Declared {
  readonly name: string;
  /** The module and the name that it has there. */
  readonly key: string;
  readonly text: string;
  readonly path: string;
  readonly node: ts.Node;
}

/** Declaration files, read one by one: what a name stands for is followed by the imports alone. */
class Modules {
  readonly #compiled: Compiled;
  readonly #sources = new Map<string, ts.SourceFile>();

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
  }

  /** By their names. */
  exportsOf(path: string): Declared[] {
    const names = [...this.#exportedNames(path)].toSorted();
    return names.map((name) => this.#resolve(path, name)).filter((each) => each !== undefined);
  }

  /** What declarations name, and what these name in turn, by module and name. */
  reachedFrom(declared: readonly Declared[]): Declared[] {
    const found = new Map<string, Declared>();
    const queue = [...declared];
    for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
      if (found.has(each.key)) continue;
      found.set(each.key, each);
      const { path, node } = each;
      queue.push(...namesIn(node).flatMap((name) => this.#resolve(path, name) ?? []));
    }
    return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  #exportedNames(path: string): Set<string> {
    const names = new Set<string>();
    for (const statement of this.#source(path)?.statements ?? []) {
      if (ts.isExportDeclaration(statement)) {
        const { exportClause, moduleSpecifier } = statement;
        if (exportClause !== undefined && ts.isNamedExports(exportClause)) {
          for (const { name } of exportClause.elements) names.add(name.text);
        } else if (moduleSpecifier !== undefined) {
          for (const name of this.#exportedNames(targetOf(path, moduleSpecifier))) names.add(name);
        }
      } else if (
        ts.getCombinedModifierFlags(statement as ts.Declaration & ts.Statement) & ts.ModifierFlags.Export
      ) {
        for (const name of declaredNames(statement)) names.add(name);
      }
    }
    return names;
  }

  #resolve(path: string, name: string): Declared | undefined {
    const source = this.#source(path);
    if (source === undefined) return undefined;
    for (const statement of source.statements) {
      if (declaredNames(statement).includes(name)) {
        return { name, key: `${path} ${name}`, text: print(statement, source), path, node: statement };
      }
    }
    for (const statement of source.statements) {
      const target = this.#importOf(path, statement, name);
      const found = target && this.#resolve(target.path, target.name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #importOf(path: string, statement: ts.Statement, name: string) {
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      if (bindings === undefined || !ts.isNamedImports(bindings)) return undefined;
      const element = bindings.elements.find((each) => each.name.text === name);
      return element && { path: targetOf(path, statement.moduleSpecifier), name: originalName(element) };
    }
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return undefined;
    const target = targetOf(path, statement.moduleSpecifier);
    const { exportClause } = statement;
    if (exportClause === undefined) return { path: target, name };
    if (!ts.isNamedExports(exportClause)) return undefined;
    const element = exportClause.elements.find((each) => each.name.text === name);
    return element && { path: target, name: originalName(element) };
  }

  #source(path: string): ts.SourceFile | undefined {
    const text = this.#compiled.get(path);
    if (text === undefined) return undefined;
    const known = this.#sources.get(path);
    if (known !== undefined) return known;
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    this.#sources.set(path, source);
    return source;
  }
}

function originalName({ name, propertyName }: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (propertyName ?? name).text;
}

function targetOf(path: string, specifier: ts.Expression): string {
  const { text } = specifier as ts.StringLiteral;
  return text.startsWith(".") ? join(path, "..", text).replace(/\.(m?)js$/, ".d.$1ts") : text;
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

/** The first word of each name in a type. */
function namesIn(node: ts.Node): string[] {
  const names: string[] = [];
  const visit = (each: ts.Node): void => {
    if (ts.isTypeReferenceNode(each)) names.push(firstWord(each.typeName));
    if (ts.isTypeQueryNode(each)) names.push(firstWord(each.exprName));
    if (ts.isExpressionWithTypeArguments(each) && ts.isIdentifier(each.expression)) {
      names.push(each.expression.text);
    }
    ts.forEachChild(each, visit);
  };
  visit(node);
  return names;
}

function firstWord(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : firstWord(name.left);
}

const printer = ts.createPrinter({ removeComments: true });

function print(node: ts.Node, source: ts.SourceFile): string {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, source);
  return text.replace(/^export (?:declare )?|^declare /, "").replace(/^ +#private;\n/m, "");
}
