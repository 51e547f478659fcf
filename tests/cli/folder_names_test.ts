// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { folderNames } from "../../lib/cli/folder_names.ts";
import { Folder } from "../support/folder.ts";

const CASES: [what: string, cameras: string[], folders: string[]][] = [
  ["plain names", ["door", "Küche 2", "a.b_c-d"], ["door", "Küche 2", "a.b_c-d"]],
  ["paths", ["../up", "/etc", "a\\b", "."], ["%2e.%2fup", "%2fetc", "a%5cb", "%2e"]],
  ["control characters", ["a\nb", "\0"], ["a%ab", "%0"]],
  ["no name", ["", ""], ["camera", "camera-2"]],
  ["the same name", ["door", "door", "door-2"], ["door", "door-2", "door-2-2"]],
  ["capitals", ["Door", "door", "DOOR"], ["Door", "door-2", "DOOR-3"]],
  ["accents written differently", ["\u00e9", "e\u0301"], ["\u00e9", "e%301"]],
  ["devices of Windows", ["con", "NUL.txt", "Console"], ["%63on", "%4eUL.txt", "Console"]],
  ["dots and spaces at the end", ["door.", "door "], ["door%2e", "door%20"]],
];

for (const [what, cameras, folders] of CASES) {
  Deno.test(`folderNames() of ${what}`, () => assertEquals(folderNames(cameras), folders));
}

Deno.test("folderNames() gives long names folders that a file system takes", async () => {
  await using folder = new Folder();
  // A letter of 4 bytes, one that becomes 7 bytes, and names that differ only at the end.
  const long = ["\u{20000}", "\u{1f600}", "x"].map((letter) => letter.repeat(200));
  const cameras = [...long, ...long.map((name) => `${name}!`)];
  const names = folderNames(cameras);
  for (const name of names) await Deno.mkdir(`${folder.path}/${name}`); // each is another one
  assert(names.every((name) => new TextEncoder().encode(name).length <= 205), `${names}`);
});
