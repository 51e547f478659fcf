/**
 * Runs programs with arguments that they must refuse, and looks at their ends.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Folder } from "./folder.ts";
import { TEST_ENV } from "./programs.ts";

/** Programs that run at the same time. */
const AT_ONCE = 4;

/** A command line, its exit status, and what the message says. */
export type Case = [args: string[], status: 1 | 2, message: RegExp];

/** Exit status and standard error of a program that must not start to work. */
export async function run(program: string, args: string[], env = {}) {
  await using folder = new Folder(); // for files that they should not write
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["-s", "KILL", "120", program, ...args],
    cwd: folder.path,
    env: { ...TEST_ENV, XDG_CONFIG_HOME: folder.path, DISPLAY: "", WAYLAND_DISPLAY: "", ...env },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

/** What is wrong with the end of a program. */
function* faultsOf(
  [args, status, message]: Case,
  { code, out, err }: Awaited<ReturnType<typeof run>>,
) {
  if (code !== status) yield `status ${code} instead of ${status}`;
  if ((out !== "") !== args.includes("--json")) yield "something on standard output";
  if (!message.test(out + err)) yield `not ${message}`;
  if (err.split("\n").length > 2) yield "more than one line";
  if (/^\s+at |Uncaught|file:\/\/|\[object/m.test(err)) yield "not for users";
  // deno-lint-ignore no-control-regex -- these drive terminals
  if (/[\x00-\x09\x0b-\x1f\x7f\u202e]/.test(err)) yield "unprintable";
}

/** Runs cases, and makes sure that no secret is printed. */
export async function check(program: string, cases: Case[], secrets: string[] = [], env = {}) {
  const left = [...cases];
  const faults: string[] = [];
  const work = async () => {
    for (let next; (next = left.shift()) !== undefined;) {
      const end = await run(program, ["--quiet", ...next[0]], env);
      const found = [...faultsOf(next, end)];
      if (secrets.some((secret) => (end.out + end.err).includes(secret))) {
        found.push("a secret is printed");
      }
      if (found.length === 0) continue;
      const line = [program.replace(/.*\//, ""), ...next[0]].join(" ").slice(0, 120);
      faults.push(`${line}: ${found.join(", ")}: ${end.err.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assertEquals(faults, []);
}
