// What the documents quote.

// @ts-types="../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";

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

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(document: string): Set<string> {
  const headings = withoutCode(document).matchAll(/^#+ +(.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-")
    ),
  );
}

function withoutCode(document: string): string {
  return document.replaceAll(/^ *```[^]*?^ *```/gm, "").replaceAll("`", "");
}

Deno.test("links of the documents lead to files and headings that exist", async () => {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "*.md"] }).output();
  const paths = new TextDecoder().decode(stdout).trim().split("\n");
  const broken: string[] = [];
  let checked = 0;
  for (const path of paths) {
    const document = await Deno.readTextFile(path);
    for (const [, link] of withoutCode(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      // The releases are a page of the site that shows the repository.
      if (/^[a-z]+:/.test(link) || link === "../../releases") continue;
      const [file, anchor] = link.split("#");
      const target = file === "" ? path : join(path, file);
      const exists = await Deno.stat(target).then(() => true, () => false);
      if (!exists || anchor && !anchorsOf(await Deno.readTextFile(target)).has(anchor)) {
        broken.push(`${path}: ${link}`);
      }
      checked++;
    }
  }
  assertEquals(broken, []);
  assert(checked > 100, `${checked} links`);
});

/** The path of a link in the document at `path`. */
function join(path: string, link: string): string {
  return new URL(link, `file:///${path}`).pathname.slice(1);
}
