// The folders of lib/, as docs/architecture.md lists them, against the real imports.

// @ts-types="../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { type Import, modulesIn, readImports } from "../tools/modules.ts";
import { exists, Folder } from "./support/folder.ts";

const ROOT = new URL("../", import.meta.url);
const LIB = new URL("lib/", ROOT);
/** Fewer modules are no folder of their own; more are hard to find one's way in. */
const [MIN_MODULES, MAX_MODULES] = [4, 22];

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

Deno.test("a folder of lib/ imports only folders above it in the table, types included", async () => {
  const folders = documentedFolders();
  const imports = await readImports(ROOT, modulesIn(ROOT, "lib"));
  const level = (path: string) => folders.indexOf(path.split("/")[1]);
  const isRight = ({ from, to }: Import) =>
    to === "deno.json" || to.startsWith("lib/") && level(to) <= level(from);
  const wrong = imports.filter((it) => !isRight(it));
  assertEquals(wrong.map(({ from, line, to }) => `${from}:${line} imports ${to}`), []);
  assert(imports.length > 100);
});

Deno.test("the reader of imports sees every kind of them, with the line", async () => {
  await using folder = new Folder();
  const root = new URL(`file://${folder.path}/`);
  const write = (name: string, text: string) => Deno.writeTextFileSync(new URL(name, root), text);
  write("deno.json", "{}");
  for (const name of ["a", "b", "c", "d", "e", "f"]) write(`${name}.ts`, "export type T = 1;\n");
  const importer = [
    'import "./a.ts";',
    "import {",
    "  type T,",
    '} from "./b.ts";',
    'import type * as c from "./c.ts";',
    'export * from "./d.ts";',
    'export const e = () => import(\n  "./e.ts"\n);',
    'export type F = import("./f.ts").T | T | c.T; // not from "./g.ts"',
  ];
  write("importer.ts", importer.join("\n") + "\n");
  const imports = await readImports(root, ["importer.ts"]);
  assertEquals(imports.map(({ from, line, to }) => `${from}:${line} ${to}`), [
    "importer.ts:1 a.ts",
    "importer.ts:4 b.ts",
    "importer.ts:5 c.ts",
    "importer.ts:6 d.ts",
    "importer.ts:8 e.ts",
    "importer.ts:10 f.ts",
  ]);
});

Deno.test("tests/ has the folders of lib/, and only tests of programs use the compiled ones", async () => {
  const others = ["fuzz", "programs", "support"];
  const folders = [...Deno.readDirSync(new URL("tests/", ROOT))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  const known = [...documentedFolders(), ...others];
  assertEquals(folders.filter((name) => !known.includes(name)), []);
  const users = (await readImports(ROOT, modulesIn(ROOT, "tests")))
    .filter(({ to }) => to === "tests/support/programs.ts").map(({ from }) => from)
    .filter((from) => !/^tests\/(programs|support)\//.test(from));
  assertEquals(users, []);
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
