/**
 * Makes a self-contained binary of a program.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { CamcatError } from "../lib/base/errors.ts";
import { provideDenort } from "./denort.ts";
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
 * Bundles a program into one file and compiles that. Hundreds of modules would take longer to
 * load than all else that a program does at its start.
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
    const bundle = `${folder}/${program.replace(/^.*\/|\.ts$/g, "")}.js`;
    await deno(env, [
      "bundle",
      "--quiet",
      "--check",
      "--platform=deno",
      "--sourcemap=linked", // for the stack traces of our bugs; it is read only then
      "--code-splitting", // what a module imports when it runs stays a file of its own
      `--outdir=${folder}`,
      program,
    ]);
    const paths: string[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".map")) paths.push(`${folder}/${name}`);
    }
    for (const path of paths) await nameSources(path);
    for (const path of include) paths.push(await copyInto(path, folder));
    for (const [path, url] of Object.entries(files)) await Deno.copyFile(url, `${folder}/${path}`);
    await setTimes(folder, await sourceDate());
    // Deno writes to another name first, so that a failure leaves the binary of
    // before as it is. Being quiet goes over to the binary: else each start would
    // tell of the programs in its permission set that are not installed.
    await deno(env, [
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
      bundle,
    ]);
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

/** Runs Deno. @throws {CamcatError} if it fails */
async function deno(env: Record<string, string>, args: string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    env,
    stdout: "inherit",
    stderr: "inherit",
  });
  if ((await command.spawn().status).success) return;
  throw new CamcatError(
    `Cannot compile: deno ${args[0]} must succeed, see above; if it cannot download denort, set ` +
      `DENORT_BIN to the path of denort ${Deno.version.deno} for the target`,
  );
}

/**
 * Names the sources in a source map as from the project's folder: a stack trace then shows
 * `camcat:lib/send/hub.ts`. As a path it would be one of the machine that compiled it, or one in
 * `/tmp/deno-compile-sender`, and Deno would open that file, whoever made it, to show the line.
 */
async function nameSources(path: string): Promise<void> {
  const map = JSON.parse(await Deno.readTextFile(path));
  const [here, project] = [
    pathToFileURL(await Deno.realPath(path)),
    pathToFileURL(Deno.cwd() + "/"),
  ];
  map.sources = map.sources.map((source: string) =>
    new URL(source, here).href.replace(project.href, "camcat:").replace(/^.*\/npm\//, "npm:")
  );
  delete map.sourcesContent;
  await Deno.writeTextFile(path, JSON.stringify(map));
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
