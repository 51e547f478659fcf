// The map of the modules in docs/architecture.md.

// @ts-types="../lib/std.d.ts"
import { assertEquals } from "@std/assert";

Deno.test("docs/architecture.md has every module on its map, once, and no other", async () => {
  const text = await Deno.readTextFile(new URL("../docs/architecture.md", import.meta.url));
  const [, map] = /^## Layers$([^]*?)^Where to add what/m.exec(text)!;
  const rows = map.split("\n- ").slice(2); // the first are the programs
  const listed = rows.join().match(/(?<=`)\w+(?=`)/g)!.sort();
  const modules = [...Deno.readDirSync(new URL("../lib/", import.meta.url))]
    .map(({ name }) => name)
    .filter((name) => /^\w+\.ts$/.test(name))
    .map((name) => name.replace(/\.ts$/, ""));
  assertEquals(listed, modules.sort());
});
