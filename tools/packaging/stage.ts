/**
 * The files of a package, before it is packed.
 *
 * @module
 */

import { completionsOf } from "../../lib/program/completions.ts";
import { CALL } from "../../lib/options/call_options.ts";
import { RECEIVER } from "../../lib/options/receiver_options.ts";
import { SENDER } from "../../lib/options/sender_options.ts";
import type { OptionTable, Program } from "../../lib/program/option_table.ts";
import { compilePrograms } from "../compile.ts";
import { writeManuals } from "../manual.ts";

/** Where each system looks for what shells complete, below `share/`. */
const COMPLETIONS = {
  bash: (program: string) => `bash-completion/completions/${program}`,
  zsh: (program: string) => `zsh/site-functions/_${program}`,
  fish: (program: string) => `fish/vendor_completions.d/${program}.fish`,
} as const;

const PROGRAMS: Program<OptionTable>[] = [SENDER, RECEIVER, CALL];

/**
 * Writes programs, manual pages, completions and documents into `folder`, as below a prefix such as
 * `/usr`: `bin/`, `share/man/`, `share/doc/camcat/`.
 *
 * @param target the system that the programs are for
 * @param compiled a folder with the programs. @default they are compiled
 */
export async function stage(folder: string, target: string, compiled?: string): Promise<void> {
  if (compiled === undefined) await compilePrograms(`${folder}/bin`, target);
  else await copyPrograms(compiled, `${folder}/bin`);
  await Deno.mkdir(`${folder}/share/man/man1`, { recursive: true });
  await writeManuals(`${folder}/share/man/man1`);
  for (const [shell, path] of Object.entries(COMPLETIONS)) {
    for (const program of PROGRAMS) {
      const file = `${folder}/share/${path(program.name)}`;
      await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(file, completionsOf(program, shell as keyof typeof COMPLETIONS));
    }
  }
  const documents = `${folder}/share/doc/camcat`;
  await Deno.mkdir(documents, { recursive: true });
  for (const name of ["README.md", "CHANGELOG.md", "LICENSE"]) {
    await Deno.copyFile(name, `${documents}/${name}`);
  }
  if (!target.includes("linux")) return;
  const unit = "camcat-sender.service";
  await Deno.copyFile(`packaging/systemd/${unit}`, `${documents}/${unit}`);
}

async function copyPrograms(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const { name } of PROGRAMS) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}
