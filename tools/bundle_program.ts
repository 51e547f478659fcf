/**
 * Bundles a program: what it needs to start in few files, and files that it loads when it needs them.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { runDeno } from "./run_deno.ts";

/** What {@linkcode bundleProgram} makes. */
export interface Bundle {
  /** The file to start with; the others are beside it. */
  main: string;
  /** The source maps, one for each file. They are read only for the stack traces of our bugs. */
  maps: string[];
}

/**
 * Bundles a program: hundreds of modules would take longer to load than all else that it does at
 * its start.
 *
 * @param program the path of its main module
 * @param folder where to put the files; removed by the caller, also if this fails
 * @throws {CamcatError} if Deno cannot bundle it
 */
export async function bundleProgram(program: string, folder: string): Promise<Bundle> {
  await runDeno([
    "bundle",
    "--quiet",
    "--check",
    "--platform=deno",
    "--sourcemap=linked",
    "--code-splitting", // what a module imports when it runs stays a file of its own
    `--outdir=${folder}`,
    program,
  ]);
  const maps: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".map")) maps.push(`${folder}/${name}`);
  }
  for (const map of maps) await nameSources(map);
  return { main: `${folder}/${program.replace(/^.*\/|\.ts$/g, "")}.js`, maps };
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
  const folder = new URL(".", here);
  map.sources = map.sources.map((source: string) =>
    new URL(source, here).href.replace(project.href, "camcat:").replace(folder.href, "camcat:")
      .replace(/^.*\/npm\//, "npm:")
  );
  delete map.sourcesContent;
  await Deno.writeTextFile(path, JSON.stringify(map));
}
