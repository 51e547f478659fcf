/**
 * Tells the bundler what is loaded before each part that a program loads when it needs it.
 *
 * esbuild puts modules into one file if the same entry points reach them. Every `await import()`
 * names another entry point, and any may come first, for all that esbuild knows. So what parts share
 * becomes files of its own, also where the program has loaded it long before: a sender with 12 parts
 * had 50 files and read 31 to start, each for a quarter of a millisecond. A part that also imports
 * all that is there before it reaches what the others reach. Bundled again, what loads together is
 * one file.
 *
 * @module
 */

/** What a file of a bundle imports: names of other files of the bundle. */
interface Imports {
  /** Loaded before it. */
  static: string[];
  /** Parts: loaded when it asks for them. */
  dynamic: string[];
}

// esbuild writes its imports in no other way.
const STATIC = /^(?:import|\} from) "\.\/([\w.-]+\.js)";$/gm;
const DYNAMIC = /\bimport\("\.\/([\w.-]+\.js)"\)/g;
const OF_PACKAGE = /\bimport\("((?!\.|node:)[^"]+)"\)/g;
/** How a bundle of Deno's gives CommonJS modules `require()`, at every start. */
const EAGER_REQUIRE =
  /^import \{ createRequire as (\w+) \} from "node:module";\nvar __require = \1\(import\.meta\.url\);$/m;
/** The same without `node:module`, which takes a millisecond: only built-in modules are left to ask for. */
const LAZY_REQUIRE = "\nvar __require = (name) => process.getBuiltinModule(name);";

/**
 * Rewrites a bundle to be bundled again: each part imports all that is loaded before it. Only the
 * entry may await at its top level.
 *
 * @param folder what `deno bundle --code-splitting` made
 * @param entry the name of the program's file there
 * @returns the packages that parts import if they are installed, which are not in the bundle
 */
export async function linkParts(folder: string, entry: string): Promise<string[]> {
  const files = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".js")) files.set(name, await Deno.readTextFile(`${folder}/${name}`));
  }
  const imports = new Map<string, Imports>();
  for (const [name, text] of files) {
    imports.set(name, { static: matches(text, STATIC), dynamic: matches(text, DYNAMIC) });
  }
  const before = loadedBefore(imports, entry);
  for (const [name, text] of files) {
    const added = Array.from(before.get(name) ?? [], (known) => `import "./${known}";`);
    // On the first line, and the other for two: source maps count lines.
    const linked = added.sort().join(" ") + text.replace(EAGER_REQUIRE, LAZY_REQUIRE);
    await Deno.writeTextFile(`${folder}/${name}`, linked);
  }
  return Array.from(files.values()).flatMap((text) => matches(text, OF_PACKAGE));
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, name]) => name);
}

/**
 * What is loaded before each part, whichever way the program takes to it.
 *
 * @param imports the files of a bundle by name
 * @param entry the file that a program starts with
 * @returns files by the name of the part; without the entry and the parts that import it, which
 *   may still be waiting for it
 */
export function loadedBefore(
  imports: ReadonlyMap<string, Imports>,
  entry: string,
): Map<string, Set<string>> {
  const before = new Map([[entry, new Set<string>()]]);
  // A part's set gets smaller with every way to it that is found, until no way is new.
  for (let changed = true; changed;) {
    changed = false;
    for (const [root, known] of before) {
      const loaded = reached(imports, root);
      const there = known.union(loaded).difference(new Set([root]));
      for (const part of Array.from(loaded).flatMap((name) => imports.get(name)!.dynamic)) {
        const earlier = before.get(part);
        const now = earlier?.intersection(there) ?? there;
        changed ||= now.size !== earlier?.size;
        before.set(part, now);
      }
    }
  }
  return before;
}

/** A file, and all that it loads with it. */
function reached(imports: ReadonlyMap<string, Imports>, root: string): Set<string> {
  const all = new Set([root]);
  for (const name of all) {
    for (const next of imports.get(name)!.static) all.add(next);
  }
  return all;
}
