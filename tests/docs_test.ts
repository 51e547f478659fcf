// What the documents quote.

// @ts-types="../lib/std.d.ts"
import { assert } from "@std/assert";

/** All string literals of the programs, joined where the source breaks them, with … for values. */
async function textsIn(folder: string): Promise<string> {
  let texts = "";
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts += await textsIn(path);
    else if (name.endsWith(".ts")) texts += await Deno.readTextFile(path);
  }
  return texts.replaceAll(/["`] \+\s+(?:\(.*\n.*\? )?["`]/g, "").replaceAll(/\$\{[^}]*\}/g, "…");
}

Deno.test("docs/troubleshooting.md quotes messages that the programs print", async () => {
  const texts = await textsIn("lib");
  const document = (await Deno.readTextFile("docs/troubleshooting.md")).replaceAll("\n  ", " ");
  const quotes = [...document.matchAll(/^- `(Cannot [^`]+)`/gm)].map(([, quote]) => quote);
  assert(quotes.length > 15);
  for (const quote of quotes) {
    const pieces = quote.split("…").map((piece) => piece.trim()).filter((it) => it.length > 5);
    for (const piece of pieces) {
      // The system's own words come after this.
      assert(texts.includes(piece) || piece === ": Connection refused", `${quote}: ${piece}`);
    }
  }
});
