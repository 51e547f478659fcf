/**
 * Makes what a release has:
 *
 *     ./denow task package [--out DIR] [--target TRIPLE]... [--url URL]
 *
 * An archive for each target, a Debian package for Linux, files for other package managers whose
 * archives are all there, the bill of materials, and `SHA256SUMS`. Needs tar, xz and gzip, and zip
 * for Windows.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { parseArgs } from "node:util";
import { CamcatError, messageOf } from "../lib/base/errors.ts";
import { run, tarXz } from "./packaging/archive.ts";
import { writeDeb } from "./packaging/deb.ts";
import { sbomOf } from "./packaging/sbom.ts";
import { stage } from "./packaging/stage.ts";
import { filled, neededBy, TEMPLATES } from "./packaging/templates.ts";

/** What Debian calls the architectures. */
const DEBIAN: Record<string, string> = { x86_64: "amd64", aarch64: "arm64" };

async function main(): Promise<void> {
  const { values: { out, target: targets, url } } = parseArgs({
    args: Deno.args,
    options: {
      out: { type: "string", default: "release" },
      target: { type: "string", multiple: true, default: [Deno.build.target] },
      url: { type: "string", default: "https://github.com/camcat/camcat" },
    },
  });
  const { version } = JSON.parse(await Deno.readTextFile("deno.json"));
  await Deno.mkdir(out, { recursive: true });
  for (const target of targets) await pack(target, version, out);
  await Deno.writeTextFile(`${out}/camcat-${version}.cdx.json`, await sbomOf(version));
  const sums = await sumsOf(out);
  const release = { version, homepage: url, url: `${url}/releases/download/v${version}`, sums };
  for (const [name, path] of Object.entries(TEMPLATES)) {
    const template = await Deno.readTextFile(`packaging/${path}`);
    const missing = (await neededBeside(path, version)).filter((name) => !sums.has(name));
    if (missing.length > 0) {
      console.log(`No ${name}: it needs ${missing.join(", ")}`);
      continue;
    }
    await Deno.writeTextFile(`${out}/${name}`, filled(template, release));
  }
  const lines = [...await sumsOf(out)].map(([name, sum]) => `${sum}  ${name}\n`);
  await Deno.writeTextFile(`${out}/SHA256SUMS`, lines.join(""));
  console.log(lines.join("").trimEnd());
}

/** The archives that the templates in the folder of one need: these are of use together only. */
async function neededBeside(path: string, version: string): Promise<string[]> {
  const folder = path.replace(/[^/]*$/, "");
  const beside = Object.values(TEMPLATES).filter((path) => path.replace(/[^/]*$/, "") === folder);
  const templates = await Promise.all(beside.map((path) => Deno.readTextFile(`packaging/${path}`)));
  return templates.flatMap((template) => neededBy(template, version));
}

/** Makes the archives of a target. */
async function pack(target: string, version: string, out: string): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "camcat-package-" });
  const name = `camcat-${version}-${target}`;
  try {
    await stage(`${work}/${name}`, target);
    if (target.includes("windows")) {
      await run("zip", ["-qrX", `${await Deno.realPath(out)}/${name}.zip`, name], work);
      return;
    }
    await tarXz(work, `${out}/${name}.tar.xz`, { names: [name] });
    const architecture = DEBIAN[target.split("-")[0]];
    if (!target.includes("linux") || architecture === undefined) return;
    const output = `${out}/camcat_${version}_${architecture}.deb`;
    await writeDeb({ staged: `${work}/${name}`, version, architecture, output });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** The SHA-256 of each file in a folder, by name, without that of the sums themselves. */
async function sumsOf(folder: string): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  for (const name of names.filter((name) => name !== "SHA256SUMS")) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    sums.set(name, Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex"));
  }
  return sums;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof CamcatError || error instanceof TypeError)) throw error;
  console.error(messageOf(error));
  Deno.exit(1);
}
