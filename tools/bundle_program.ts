/**
 * Bundles a program: what it needs to start in few files, and files that it loads when it needs them.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { linkParts } from "./link_parts.ts";
import { runDeno } from "./run_deno.ts";

/** What {@linkcode bundleProgram} makes. */
export interface Bundle {
  /** The file to start with; the others are beside it. */
  main: string;
  /** The source maps, one for each file. They are read only for the stack traces of our bugs. */
  maps: string[];
}

/**
 * Bundles a program, and the bundle once more when it is known which of its files load together.
 *
 * @param program the path of its main module
 * @param folder where to put the files; removed by the caller, also if this fails
 * @throws {CamcatError} if Deno cannot bundle it
 */
export async function bundleProgram(program: string, folder: string): Promise<Bundle> {
  const name = program.replace(/^.*\/|\.ts$/g, "");
  const parts = `${folder}/parts`;
  await bundle(program, parts, ["--check"]);
  const packages = await linkParts(parts, `${name}.js`);
  const external = packages.map((name) => `--external=${name}`);
  // From there: a bundle names its sources, and must be the same each time.
  await bundle(`${name}.js`, folder, external, parts);
  await Deno.remove(parts, { recursive: true });
  const maps: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".map")) maps.push(`${folder}/${name}`);
  }
  for (const map of maps) await nameSources(map);
  return { main: `${folder}/${name}.js`, maps };
}

async function bundle(main: string, folder: string, options: string[], cwd = "."): Promise<void> {
  const common = [
    "--quiet",
    "--platform=deno",
    "--sourcemap=linked",
    "--code-splitting", // what a module imports when it runs stays a file of its own
  ];
  await runDeno(["bundle", ...common, ...options, `--outdir=${folder}`, main], { cwd });
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
