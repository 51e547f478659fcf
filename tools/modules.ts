/**
 * The imports of modules, as Deno itself reads them: of values and of types, over any number of
 * lines, `export ... from` and `import()` too.
 *
 * @module
 */

/** One module imports another one. */
export interface Import {
  /** The path of the module that imports, from the root. */
  from: string;
  /** The line where it does, from 1. */
  line: number;
  /** The path of the module that it imports, from the root. */
  to: string;
}

/** The part of what `deno info --json` prints that is used here. */
interface Info {
  modules: { specifier: string; error?: string; dependencies?: Dependency[] }[];
}

interface Dependency {
  code?: Resolved;
  type?: Resolved;
}

interface Resolved {
  specifier?: string;
  span: { start: { line: number } };
}

/** The paths, from the root, of all modules in a folder and in the folders in it. */
export function modulesIn(root: URL, folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return modulesIn(root, `${folder}/${name}`);
    return name.endsWith(".ts") && !name.endsWith(".d.ts") ? [`${folder}/${name}`] : [];
  }).sort();
}

/** The imports among all modules at or below a root that these modules lead to. */
export async function readImports(root: URL, modules: string[]): Promise<Import[]> {
  const folder = await Deno.makeTempDir({ prefix: "camcat-imports-" });
  try {
    // A module that imports all of them, because `deno info` reads one and what it leads to.
    const entry = `${folder}/all.ts`;
    const lines = modules.map((module) => `import "${new URL(module, root)}";\n`);
    await Deno.writeTextFile(entry, lines.join(""));
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", new URL("deno.json", root).pathname, entry],
      stderr: "inherit",
    }).output();
    if (!success) throw new Error("Cannot read the imports: deno info must succeed, see above");
    return importsOf(root, JSON.parse(new TextDecoder().decode(stdout)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function importsOf({ href }: URL, { modules }: Info): Import[] {
  return modules.filter(({ specifier }) => specifier.startsWith(href)).flatMap(
    ({ specifier, dependencies = [], error }) => {
      if (error !== undefined) throw new Error(`Cannot read ${specifier}: ${error}`);
      return dependencies.flatMap(({ code, type }) => [code, type]).flatMap((resolved) => {
        if (!resolved?.specifier?.startsWith(href)) return [];
        const [from, to] = [specifier, resolved.specifier].map((it) => it.slice(href.length));
        return [{ from, line: resolved.span.start.line + 1, to }];
      });
    },
  );
}
