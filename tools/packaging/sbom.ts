/**
 * The bill of materials: what is in the programs, in CycloneDX 1.6 (ECMA-424).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { run } from "./archive.ts";

/** The modules that the programs begin with. */
const PROGRAMS = ["sender.ts", "receiver.ts", "call.ts"];

/** What `deno info --json` says that we use. */
interface Info {
  /** The modules of a program, and the packages that they import. */
  modules: { kind: string; npmPackage?: string }[];
  /** All packages of the project. */
  npmPackages: Record<string, { name: string; version: string; dependencies: string[] }>;
}

/** What deno.lock says that we use. */
interface Lock {
  npm: Record<string, { integrity: string }>;
}

/** The bill of materials of a version, as JSON. */
export async function sbomOf(version: string): Promise<string> {
  const lock: Lock = JSON.parse(await Deno.readTextFile("deno.lock"));
  const packages = new Map<string, { name: string; version: string }>();
  for (const program of PROGRAMS) {
    const info: Info = JSON.parse(await run(Deno.execPath(), ["info", "--json", program]));
    const ids = info.modules.flatMap(({ npmPackage }) => npmPackage ?? []);
    for (let id; (id = ids.pop()) !== undefined;) {
      const found = info.npmPackages[id];
      const name = `${found.name}@${found.version}`;
      if (packages.has(name)) continue;
      packages.set(name, found);
      ids.push(...found.dependencies);
    }
  }
  const components = [...packages].sort(([a], [b]) => a < b ? -1 : 1).map(([id, found]) => ({
    type: "library",
    "bom-ref": purl(id),
    name: found.name,
    version: found.version,
    purl: purl(id),
    hashes: hashesOf(lock.npm[id]?.integrity),
  }));
  const runtime = {
    type: "platform",
    "bom-ref": "deno",
    name: "deno",
    version: Deno.version.deno,
    cpe: `cpe:2.3:a:deno:deno:${Deno.version.deno}:*:*:*:*:*:*:*`,
  };
  return JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: {
        component: {
          type: "application",
          "bom-ref": "camcat",
          name: "camcat",
          version,
          licenses: [{ license: { id: "MIT" } }],
        },
      },
      components: [runtime, ...components],
      dependencies: [{ ref: "camcat", dependsOn: ["deno", ...packages.keys().map(purl)] }],
    },
    undefined,
    2,
  ) + "\n";
}

/** A package URL (ECMA-427): the @ of a scope is percent-encoded. */
function purl(id: string): string {
  return `pkg:npm/${id.replace(/^@/, "%40")}`;
}

/** `sha512-BASE64` (Subresource Integrity) as CycloneDX has it. */
function hashesOf(integrity: string | undefined): { alg: string; content: string }[] {
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? "") ?? [];
  if (base64 === undefined) return [];
  return [{ alg: "SHA-512", content: Buffer.from(base64, "base64").toString("hex") }];
}
