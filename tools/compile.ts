/**
 * Compiles the programs into self-contained binaries:
 *
 *     ./denow task compile [--out DIR] [--target TRIPLE]
 *
 * Each may do what its permission set in deno.json allows, exactly as under
 * `deno run -P=NAME`, and never asks for more.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { CamcatError, messageOf } from "../lib/base/errors.ts";
import { provideDenort } from "./denort.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** The programs, which deno.json's permission sets are named after. */
const programs = ["sender", "receiver"];
/** The files that they read when they run. */
const included: Record<string, string[]> = { sender: ["lib/http/page"] };

/** Ends the program with a message and no stack trace. */
function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}

function readOptions(): { out: string; target: string } {
  try {
    const { values: { out, target } } = parseArgs({
      args: Deno.args,
      options: {
        out: { type: "string", default: "dist" },
        target: { type: "string", default: Deno.build.target },
      },
    });
    return { out, target };
  } catch (error) {
    return fail(
      "Cannot compile: options must be [--out DIR] [--target TRIPLE], " +
        `received ${Deno.args.join(" ")} (${messageOf(error)})`,
    );
  }
}

const { out, target } = readOptions();
const suffix = target.includes("windows") ? ".exe" : "";
const env = await provideDenort(target).catch((error) => {
  if (error instanceof CamcatError) return fail(error.message);
  throw error;
});

for (const program of programs) {
  const output = `${out}/${program}${suffix}`;
  // Deno writes to another name first, so that a failure leaves the binary of
  // before as it is. Being quiet goes over to the binary: else each start would
  // tell of the programs in its permission set that are not installed.
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "--no-prompt",
      `--permission-set=${program}`,
      V8_FLAGS,
      ...(included[program] ?? []).map((path) => `--include=${path}`),
      `--target=${target}`,
      `--output=${output}`,
      `${program}.ts`,
    ],
    env,
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) {
    fail(
      `Cannot compile ${program}: deno compile must succeed, see above; if it ` +
        "cannot download denort, set DENORT_BIN to the path of denort " +
        `${Deno.version.deno} for ${target}`,
    );
  }
  console.log(output);
}
