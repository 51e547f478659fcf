/**
 * Runs test files, each in a process of its own, on all cores:
 *
 *     deno run -A tools/test.ts [PATH...] [--without PATH]
 *
 * A process of its own, because tests look at theirs: its children, its open files, its
 * environment. What each prints is shown when it has ended. The last line counts all tests, and
 * the exit status is 1 unless all of them passed.
 *
 * @module
 */

import { parseArgs } from "node:util";

/** Tests that need the machine for themselves, because they measure what it can do. */
const ALONE = [
  "tests/programs/http_limits_test.ts",
  "tests/programs/security_test.ts",
  "tests/programs/slow_link_test.ts",
  "tests/programs/storm_test.ts",
];

/** What `deno test` printed and how it ended. */
interface Run {
  name: string;
  success: boolean;
  output: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: "string", multiple: true, default: [] } },
});
const paths = positionals.length > 0 ? positionals : ["tests"];
const started = performance.now();

// Those that drive programs take longest: they begin, so that no core is idle at the end.
const files = paths.flatMap(testsIn).filter((file) => !values.without.some((it) => isIn(file, it)))
  .sort((a, b) => Number(isIn(b, "tests/programs")) - Number(isIn(a, "tests/programs")));
const shared = files.filter((file) => !ALONE.includes(file));
const alone = files.filter((file) => ALONE.includes(file));

const runs: Run[] = [];
// Most wait for pictures, windows and sounds half of the time.
const atOnce = Math.min(Math.ceil(1.5 * navigator.hardwareConcurrency), 6);
const running = new Map<string, Promise<void>>();
while (shared.length > 0) {
  const next = shared.findIndex((file) => ![...running.keys()].some((it) => disturb(it, file)));
  if (running.size < atOnce && next >= 0) {
    const [file] = shared.splice(next, 1);
    running.set(file, run(file).then(() => void running.delete(file)));
  } else await Promise.race(running.values());
}
await Promise.all(running.values());
for (const file of alone) await run(file);
report();

/** The test files at a path, in alphabetical order. */
function testsIn(path: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  const names = [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1);
  return names.flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testsIn(`${path}/${name}`);
    return name.endsWith("_test.ts") ? [`${path}/${name}`] : [];
  });
}

function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

/** Chromium breaks off all that it loads whenever a network of this machine comes or goes. */
function disturb(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => Deno.readTextFileSync(file));
  const isBrowser = (text: string) => text.includes("support/chromium.ts");
  const isNetwork = (text: string) => /bench\/link\.ts|support\/network\.ts/.test(text);
  return isBrowser(a) && isNetwork(b) || isNetwork(a) && isBrowser(b);
}

/** Types have been checked before. */
async function run(file: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "-A", file],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  console.log(output.trimEnd());
  runs.push({ name: file, success, output });
}

/** Prints what all of them say together, and sets the exit status. */
function report(): void {
  // deno-lint-ignore no-control-regex -- the colours of a terminal
  const outputs = runs.map(({ output }) => output.replaceAll(/\x1b\[[0-9;]*m/g, ""));
  const skipped = new Set(outputs.flatMap((text) => text.match(/^SKIPPED: .*$/gm) ?? []));
  if (skipped.size > 0) console.log(`\n${[...skipped].join("\n")}`);

  const failures = outputs.flatMap((text) => {
    const [, list] = text.split(/^ FAILURES $/m);
    return list?.match(/^.* => .*$/gm) ?? [];
  });
  const failed = runs.filter(({ success }) => !success).map(({ name }) => name);
  if (failed.length > 0) console.log(`\n FAILURES \n\n${[...failures, ...failed].join("\n")}`);

  const count = (what: string) =>
    outputs.reduce(
      (sum, text) =>
        sum + Number(new RegExp(`^(?:ok|FAILED) \\|.* (\\d+) ${what}`, "m").exec(text)?.[1] ?? 0),
      0,
    );
  const isFine = failed.length === 0 && count("passed") > 0;
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(
    `\n${isFine ? "ok" : "FAILED"} | ${count("passed")} passed | ${count("failed")} failed | ` +
      `${count("ignored")} ignored | ${runs.length} files ` +
      `(${Math.floor(seconds / 60)}m${seconds % 60}s)`,
  );
  if (!isFine) Deno.exit(1);
}
