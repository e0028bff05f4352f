import { join, relative } from "node:path";
import ts from "typescript";
import { projectFolder } from "../toolchain/versions.ts";

/** Nothing is written there: elsewhere than the sources, or the compiler would not emit the modules that are JavaScript. */
const outFolder = join(projectFolder, ".maildomain", "compiled");

/** What the compiler makes of the modules that are published: texts by their paths in the package. */
export type Compiled = ReadonlyMap<string, string>;

/** The project's own, without its list of files. */
export function compilerOptions(): ts.CompilerOptions {
  const file = join(projectFolder, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [] },
    ts.sys,
    projectFolder,
  );
  return options;
}

/**
 * JavaScript and declarations of modules and all that they import.
 *
 * @param modules - paths in the project, without extension.
 * @throws Error with the compiler's words.
 */
export function compile(modules: readonly string[], emit: "everything" | "declarations"): Compiled {
  const program = ts.createProgram(
    modules.map((module) => join(projectFolder, `${module}.ts`)),
    {
      ...compilerOptions(),
      noEmit: false,
      rootDir: projectFolder,
      outDir: outFolder,
      declaration: true,
      emitDeclarationOnly: emit === "declarations",
      rewriteRelativeImportExtensions: true,
    },
  );
  const compiled = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (path, text) => {
    compiled.set(relative(outFolder, path), path.endsWith("ts") ? withoutTypeScriptExtensions(text) : text);
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, formatHost));
  return compiled;
}

const formatHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => projectFolder,
  getNewLine: () => "\n",
};

/** The compiler rewrites the imports of JavaScript only, and no consumer has the `.ts` files. */
function withoutTypeScriptExtensions(declarations: string): string {
  return declarations.replace(/((?:from|import) ?\(?")(\.{1,2}\/[^"]+)\.(m?)ts"/g, '$1$2.$3js"');
}

/** The modules of the package that others reach from these by their imports, themselves included: paths of texts. */
export function reachedFrom(roots: readonly string[], compiled: Compiled): Set<string> {
  const reached = new Set<string>();
  const queue = [...roots];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const text = compiled.get(path);
    if (reached.has(path) || text === undefined) continue;
    reached.add(path);
    const isDeclaration = /\.d\.m?ts$/.test(path);
    for (const specifier of importsOf(text).filter((each) => each.startsWith("."))) {
      const target = join(path, "..", specifier);
      queue.push(isDeclaration ? target.replace(/\.(m?)js$/, ".d.$1ts") : target);
    }
  }
  return reached;
}

/** The npm packages that a text imports. */
export function packagesOf(text: string): string[] {
  const specifiers = importsOf(text).filter((each) => !/^\.|^node:/.test(each));
  return specifiers.map((each) => each.split("/", each.startsWith("@") ? 2 : 1).join("/"));
}

function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}
