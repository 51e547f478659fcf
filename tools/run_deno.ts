/**
 * Running Deno, as tools do to bundle and to compile.
 *
 * @module
 */

import { CamcatError } from "../lib/base/errors.ts";

/**
 * Runs Deno, which says itself what is wrong.
 *
 * @throws {CamcatError} if it fails
 */
export async function runDeno(
  args: string[],
  where: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    ...where,
    args,
    stdout: "inherit",
    stderr: "inherit",
  });
  if ((await command.spawn().status).success) return;
  throw new CamcatError(
    `Cannot compile: deno ${args[0]} must succeed, see above; if it cannot download denort, set ` +
      `DENORT_BIN to the path of denort ${Deno.version.deno} for the target`,
  );
}
