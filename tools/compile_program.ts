/**
 * Makes a self-contained binary of a program.
 *
 * @module
 */

import { bundleProgram } from "./bundle_program.ts";
import { provideDenort } from "./denort.ts";
import { runDeno } from "./run_deno.ts";
import { sourceDate } from "./source_date.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** What {@linkcode compile} makes. */
export interface CompileOptions {
  /** The binary; its folder must exist. */
  output: string;
  /** What the binary may do: a permission set in `deno.json`. */
  permissionSet: string;
  /** The folders of files that the program reads, each found beside the module that reads it. */
  include?: string[];
  /** More files to put there, by their paths. */
  files?: Record<string, URL>;
  /** The system that the binary is for. @default {Deno.build.target} */
  target?: string;
}

/**
 * Bundles a program and compiles that.
 *
 * @param program the path of its main module
 * @throws {CamcatError} if Deno cannot bundle or compile it
 */
export async function compile(program: string, options: CompileOptions): Promise<void> {
  const { output, permissionSet, include = [], files = {}, target = Deno.build.target } = options;
  const env = await provideDenort(target);
  const { permissions } = JSON.parse(await Deno.readTextFile("deno.json"));
  const folder = await Deno.makeTempDir({ prefix: "camcat-compile-" });
  try {
    // It has no imports: Deno would embed all the packages there, besides the bundle.
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ permissions }));
    const bundle = await bundleProgram(program, folder);
    const paths = bundle.maps;
    for (const path of include) paths.push(await copyInto(path, folder));
    for (const [path, url] of Object.entries(files)) await Deno.copyFile(url, `${folder}/${path}`);
    await setTimes(folder, await sourceDate());
    // Deno writes to another name first, so that a failure leaves the binary of
    // before as it is. Being quiet goes over to the binary: else each start would
    // tell of the programs in its permission set that are not installed.
    await runDeno([
      "compile",
      "--quiet",
      "--no-prompt",
      // It would be a file of a known name in /tmp. Whoever puts one there first runs code as us.
      "--no-code-cache",
      `--config=${folder}/deno.json`,
      `--permission-set=${permissionSet}`,
      V8_FLAGS,
      ...paths.map((path) => `--include=${path}`),
      `--target=${target}`,
      `--output=${output}`,
      bundle.main,
    ], { env });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Sets the times of all files in a folder: Deno writes them into the binary. */
async function setTimes(folder: string, seconds: number): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await setTimes(`${folder}/${name}`, seconds);
    else await Deno.utime(`${folder}/${name}`, seconds, seconds);
  }
}

/** Copies a folder of files. @returns the copy */
async function copyInto(path: string, parent: string): Promise<string> {
  const copy = `${parent}/${path.slice(path.lastIndexOf("/") + 1)}`;
  await Deno.mkdir(copy);
  for await (const { name } of Deno.readDir(path)) {
    await Deno.copyFile(`${path}/${name}`, `${copy}/${name}`);
  }
  return copy;
}
