// The manual pages, as mandoc reads them.

// @ts-types="../lib/std.d.ts"
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CALL } from "../lib/options/call_options.ts";
import { RECEIVER } from "../lib/options/receiver_options.ts";
import { SENDER } from "../lib/options/sender_options.ts";
import { writeManuals } from "../tools/manual.ts";
import { Folder } from "./support/folder.ts";

Deno.test("the manual pages are flawless mdoc, and have every option", async () => {
  await using folder = new Folder();
  const pages = `${folder.path}/man1`;
  await Deno.mkdir(pages);
  await writeManuals(pages);
  for (const { name, options } of [SENDER, RECEIVER, CALL]) {
    const mandoc = async (...args: string[]) => {
      const { stdout, stderr } = await new Deno.Command("mandoc", {
        args: [...args, `${name}.1`],
        cwd: pages,
        env: { MANPATH: folder.path }, // where the other pages are
      }).output();
      const decoder = new TextDecoder();
      return decoder.decode(stdout) + decoder.decode(stderr);
    };
    assertEquals(await mandoc("-Tlint"), "");
    // deno-lint-ignore no-control-regex -- bold and underlined text is overstruck
    const text = (await mandoc("-Tutf8")).replaceAll(/.\x08/g, "");
    for (const [option, about] of Object.entries(options)) {
      if (!("hidden" in about)) assertStringIncludes(text, `--${option}`);
    }
  }
});
