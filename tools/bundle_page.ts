/**
 * Makes `lib/http/page/pairing.js` from `lib/pairing/page_entry.ts`:
 *
 *     ./denow run -A tools/bundle_page.ts
 *
 * The file is checked in, so that a sender that runs from its sources has it too.
 *
 * @module
 */

const ENTRY = new URL("../lib/pairing/page_entry.ts", import.meta.url);
/** What is made. */
export const BUNDLE = new URL("../lib/http/page/pairing.js", import.meta.url);
/** Another Deno has another bundler, which may choose other names. */
const HEADER =
  `// Made by tools/bundle_page.ts with Deno ${Deno.version.deno} from lib/pairing/page_entry.ts.\n`;

/** Whether this Deno made the file that is there: another one need not make the same. */
export async function isOfThisDeno(): Promise<boolean> {
  return (await Deno.readTextFile(BUNDLE)).startsWith(HEADER);
}

/** Bundles the module and the packages it uses into one small file. @returns its text */
export async function bundlePage(): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "--platform=browser", ENTRY.pathname],
    cwd: new URL("../", import.meta.url).pathname,
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return HEADER + new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(BUNDLE, await bundlePage());
