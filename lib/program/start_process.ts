/**
 * Starting a process under the permission to run a few named programs.
 *
 * @module
 */

/** A set variable of the dynamic loader (ld.so(8), dyld(1)), as Deno names it in its error. */
const LOADER_VARIABLE = /\b(?:LD|DYLD)_\w+/gi;

let usesEnv = false;

/** Whether a process was started by way of `env`: loader variables are set. */
export function needsEnv(): boolean {
  return usesEnv;
}

/**
 * Starts `program` with `args`.
 *
 * A program that may run only some programs cannot pass on `LD_*` and `DYLD_*`: Deno refuses that,
 * because such a variable can make any code run. But CUDA, ROS and conda set `LD_LIBRARY_PATH`, and
 * libcamerify sets `LD_PRELOAD` for ffmpeg. Then env(1) starts the program: it gets the variables as
 * arguments, sets them and replaces itself with the program.
 *
 * @throws the system's error, or Deno's if the permission is missing
 */
export function startProcess(
  program: string,
  { args, ...options }: Deno.CommandOptions & { args: string[] },
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { ...options, args }).spawn();
  } catch (error) {
    const names = error instanceof Deno.errors.NotCapable
      ? [...new Set(error.message.match(LOADER_VARIABLE) ?? [])]
      : [];
    if (names.length === 0) throw error;
    const settings = names.map((name) => `${name}=${Deno.env.get(name) ?? ""}`);
    const env = { ...options.env, ...Object.fromEntries(names.map((name) => [name, ""])) };
    usesEnv = true;
    return new Deno.Command("env", { ...options, args: [...settings, program, ...args], env })
      .spawn();
  }
}
