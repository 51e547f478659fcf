// The folders of lib/, as docs/architecture.md lists them, against the real imports.

// @ts-types="../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const LIB = new URL("lib/", ROOT);
/** Fewer modules are no folder of their own; more are hard to find one's way in. */
const [MIN_MODULES, MAX_MODULES] = [4, 21];

/** The folders in the order of the table in docs/architecture.md, lowest first. */
function documentedFolders(): string[] {
  const text = Deno.readTextFileSync(new URL("docs/architecture.md", ROOT));
  const [, section] = /^## Folders$([^]*?)^## /m.exec(text)!;
  return [...section.matchAll(/^\| `(\w+)` +\| \S/gm)].map(([, folder]) => folder);
}

function namesIn(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

function modulesOf(folder: string): string[] {
  return namesIn(new URL(`${folder}/`, LIB)).filter((name) => name.endsWith(".ts"));
}

Deno.test("docs/architecture.md lists the folders of lib/, which hold all modules", () => {
  assertEquals(namesIn(LIB), [...documentedFolders(), "std.d.ts"].sort());
  for (const folder of documentedFolders()) {
    const { length } = modulesOf(folder);
    assert(length >= MIN_MODULES && length <= MAX_MODULES, `lib/${folder} has ${length} modules`);
  }
});

Deno.test("a folder of lib/ imports only folders above it in the table, types included", () => {
  const folders = documentedFolders();
  const wrong: string[] = [];
  for (const [index, folder] of folders.entries()) {
    for (const name of modulesOf(folder)) {
      const module = new URL(`${folder}/${name}`, LIB);
      for (const [number, line] of Deno.readTextFileSync(module).split("\n").entries()) {
        for (const [, path] of line.matchAll(/(?:\bfrom |^import |\bimport\()"(\.[^"]+)"/g)) {
          const { href } = new URL(path, module);
          if (!href.startsWith(LIB.href)) continue;
          const [target] = href.slice(LIB.href.length).split("/");
          if (folders.slice(0, index + 1).includes(target)) continue;
          wrong.push(`lib/${folder}/${name}:${number + 1} imports ${path}`);
        }
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("docs name only modules that exist", () => {
  const docs = new URL("docs/", ROOT);
  const wrong: string[] = [];
  for (const name of namesIn(docs).filter((name) => name.endsWith(".md"))) {
    const text = Deno.readTextFileSync(new URL(name, docs));
    for (const [, path] of text.matchAll(/`([\w/.-]+\/[\w.-]+\.(?:ts|js|html|css))`/g)) {
      const found = [LIB, ROOT].some((base) => exists(new URL(path, base)));
      if (!found) wrong.push(`docs/${name} names ${path}`);
    }
  }
  assertEquals(wrong, []);
});

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}
