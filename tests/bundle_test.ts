// How a program is bundled, with real bundles.

// @ts-types="../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bundleProgram } from "../tools/bundle_program.ts";
import { Folder } from "./support/folder.ts";

/** A program with two parts, each of which shares something else with it. */
const PROGRAM = {
  "main.ts": `
    import { one } from "./one.ts";
    import { two } from "./two.ts";
    import { three } from "./three.ts";
    const { run } = await import("./command.ts");
    console.log(one.add() + two.add() + three.add(), await run());`,
  "one.ts": "class One { #n = 0; add() { return ++this.#n; } }\nexport const one = new One();",
  "two.ts": "class Two { #n = 0; add() { return ++this.#n; } }\nexport const two = new Two();",
  "three.ts":
    "class Three { #n = 0; add() { return ++this.#n; } }\nexport const three = new Three();",
  "command.ts": `
    import { one } from "./one.ts";
    export async function run() {
      const { a } = await import("./a.ts");
      const { b } = await import("./b.ts");
      return [one.add(), a(), b(), a()].join();
    }`,
  "a.ts": 'import { two } from "./two.ts";\nexport const a = () => two.add();',
  "b.ts": `
    import { three } from "./three.ts";
    interface Bug { name: string }
    export function b() {
      if (Deno.args.length > 0) throw new TypeError("a bug");
      return three.add();
    }`,
};

Deno.test("bundleProgram() names the sources of a program that loads parts later", async () => {
  await using folder = new Folder();
  for (const [name, text] of Object.entries(PROGRAM)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, text);
  }
  const [first, second] = ["first", "second"].map((name) => `${folder.path}/${name}`);
  const { main, maps } = await bundleProgram(`${folder.path}/main.ts`, first);
  const files = Array.from(Deno.readDirSync(first), ({ name }) => name);
  assertEquals(maps.length, files.filter((name) => name.endsWith(".js")).length);

  const run = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", main, ...args],
      env: { NO_COLOR: "1" },
    }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const { success, stdout, stderr } = await run();
  assert(success, text(stderr));
  assertEquals(text(stdout), "3 2,2,2,3\n"); // each is there once
  assertStringIncludes(text((await run("bug")).stderr), "/b.ts:5:");

  await bundleProgram(`${folder.path}/main.ts`, second);
  for (const name of files) {
    assertEquals(
      await Deno.readTextFile(`${second}/${name}`),
      await Deno.readTextFile(`${first}/${name}`),
      name,
    );
  }
});
