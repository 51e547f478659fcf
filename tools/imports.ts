/**
 * Draws who imports whom in lib/: a row for each module that imports, a column for each that is
 * imported, in the order of the folders in docs/architecture.md, first to last.
 *
 *     ./denow task imports                      writes docs/imports.svg
 *     ./denow task imports OUT.svg DIR          draws another checkout, as it was at any time
 *
 * Where imports go only to earlier folders, dots right of the diagonal are imports within a folder.
 *
 * @module
 */

import { line, round, svg, text, WIDTH } from "../bench/svg.ts";
import { modulesIn, readImports } from "./modules.ts";

const [out = "docs/imports.svg", dir = "."] = Deno.args;
const root = new URL(`file://${Deno.realPathSync(dir)}/`);
const [LEFT, TOP] = [90, 60];
/** The room of a folder with few modules, in modules: its name is as high. */
const LEAST = 8;

const folders = foldersOf(root);
const level = (path: string) => folders.indexOf(folderOf(path));
const modules = modulesIn(root, "lib").sort((a, b) => level(a) - level(b) || (a < b ? -1 : 1));
const inside = folders.map((folder) => modules.filter((module) => folderOf(module) === folder));
const room = inside.map(({ length }) => Math.max(length, LEAST));
const starts = room.map((_, index) => sum(room.slice(0, index)));
const numbers = new Map(
  inside.flatMap((found, index) => found.map((module, at) => [module, starts[index] + at])),
);
const imports = (await readImports(root, modules))
  .filter(({ from, to }) => numbers.has(from) && numbers.has(to));
await Deno.writeTextFile(out, draw());
console.log(`${out}: ${modules.length} modules, ${imports.length} imports`);

/** The folder of a module, or "" for one right in lib/. */
function folderOf(path: string): string {
  return path.split("/").slice(1, -1).join("/");
}

/** The folders in the order of the architecture, or the only one of a flat lib/. */
function foldersOf(root: URL): string[] {
  const text = Deno.readTextFileSync(new URL("docs/architecture.md", root));
  const [, section = ""] = /^## Folders$([^]*?)^## /m.exec(text) ?? [];
  const found = [...section.matchAll(/^\| `(\w+)` +\| \S/gm)].map(([, folder]) => folder);
  return found.length > 0 ? found : [""];
}

function draw(): string {
  const step = (WIDTH - LEFT) / sum(room);
  const at = (number: number) => number * step;
  const blocks = folders.map((folder, index) => {
    return { folder, start: starts[index], room: room[index], count: inside[index].length };
  });
  const height = TOP + at(sum(room));
  const up = imports.filter(({ from, to }) => level(to) > level(from)).length;
  const title = `${modules.length} modules in ${plural(folders.length, "folder")}, ` +
    `${imports.length} imports` + (folders.length > 1 ? `, ${up} of them to a later folder` : "");

  const parts: string[] = [];
  for (const { from, to } of imports) {
    const [x, y] = [LEFT + at(numbers.get(to)!), TOP + at(numbers.get(from)!)];
    const kind = folderOf(from) === folderOf(to) ? "other" : "ours";
    parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(step - 0.6)}" ` +
        `height="${round(step - 0.6)}" class="${kind}" stroke="none"/>`,
    );
  }
  for (const { folder, start, room, count } of blocks) {
    const [from, to] = [at(start), at(start + room)];
    const name = folder === "" ? "lib" : folder;
    parts.push(text(LEFT - 8, TOP + (from + to) / 2 + 4, `${name} ${count}`, "", "end"));
    for (const edge of [from, to]) {
      parts.push(line(LEFT, TOP + edge, WIDTH, TOP + edge, "grid"));
      parts.push(line(LEFT + edge, TOP, LEFT + edge, height, "grid"));
    }
  }
  parts.push(line(LEFT, TOP, WIDTH, height, "grid"));
  parts.push(
    text(
      0,
      36,
      "A dot: the module of the row imports that of the column. Columns are in the order of the rows.",
      "faint",
    ),
  );
  parts.push(...counts(blocks, at));
  return svg(title, height, parts);
}

/** How many imports go from each folder to each other one. */
function counts(
  blocks: { folder: string; start: number; room: number }[],
  at: (number: number) => number,
): string[] {
  return blocks.flatMap((row) =>
    blocks.flatMap((column) => {
      const count = imports.filter(({ from, to }) =>
        folderOf(from) === row.folder && folderOf(to) === column.folder
      ).length;
      if (count === 0) {
        return [];
      }
      const x = LEFT + at(column.start + column.room / 2);
      const y = TOP + at(row.start + row.room / 2) + 4;
      return [text(x, y, `${count}`, "head", "middle")];
    })
  );
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
