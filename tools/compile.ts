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
import { browserScriptUrl } from "../lib/playback/browser_libopus.ts";
import { compile } from "./compile_program.ts";

/** The programs, which deno.json's permission sets are named after. */
const programs = ["sender", "receiver", "call"];
/** The folders that they read when they run. */
const included: Record<string, string[]> = {
  sender: ["lib/http/page", "lib/http/phone_page"],
  receiver: ["lib/http/page", "lib/http/archive_page"],
  call: ["lib/http/page", "lib/http/phone_page", "lib/http/call_page"],
};

/** What they read of packages, by where they find it. */
const files: Record<string, Record<string, URL>> = {
  sender: { "page/opus_decoder.js": browserScriptUrl() },
  call: { "page/opus_decoder.js": browserScriptUrl() },
};

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

/**
 * Compiles every program.
 *
 * @param out the folder for the binaries; made if it is not there
 * @param target the system that they are for
 * @returns their paths
 * @throws {CamcatError} if Deno cannot compile one
 */
export async function compilePrograms(out: string, target: string): Promise<string[]> {
  const suffix = target.includes("windows") ? ".exe" : "";
  await Deno.mkdir(out, { recursive: true });
  const outputs: string[] = [];
  for (const program of programs) {
    const output = `${out}/${program}${suffix}`;
    const include = included[program] ?? [];
    await compile(`${program}.ts`, {
      ...{ output, permissionSet: program, include, target },
      files: files[program] ?? {},
    });
    outputs.push(output);
  }
  return outputs;
}

if (import.meta.main) {
  const { out, target } = readOptions();
  try {
    for (const output of await compilePrograms(out, target)) console.log(output);
  } catch (error) {
    if (error instanceof CamcatError) fail(error.message);
    throw error;
  }
}
