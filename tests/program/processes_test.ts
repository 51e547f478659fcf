// Children and folders of programs that are killed, and permissions: with real processes.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exists, Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { guardOf, isRunning, testOnLinux } from "../support/processes.ts";

const PROGRAM = new URL("../support/child_program.ts", import.meta.url).pathname;

/** A running child_program.ts; disposing of it kills it. */
class Running implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #lines: AsyncIterator<string>;

  constructor(args: string[], permissions = ["-A"], env: Record<string, string> = {}) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--no-prompt", ...permissions, PROGRAM, ...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#lines = linesOf(this.#process.stdout);
  }

  get pid(): number {
    return this.#process.pid;
  }

  // deno-lint-ignore no-explicit-any -- each report has fields of its own
  async next(): Promise<any> {
    const { value, done } = await this.#lines.next();
    assert(!done, "it ended");
    return JSON.parse(value);
  }

  async end(): Promise<number> {
    await this.#process.stdin.close();
    return (await this.#process.status).code;
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has exited
    }
    await this.#process.status;
    while (!(await this.#lines.next()).done);
    await this.#process.stdin.close().catch(() => {});
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

function folderOf(url: string): string {
  const [, folder] = /^unix:(\/tmp\/camcat-[0-9a-f]{16})\/frames$/.exec(url)!;
  return folder;
}

testOnLinux("a killed program's child ends, also one that ignores SIGTERM", async () => {
  const stubborn = "trap '' TERM; while :; do sleep 1000 & wait; done";
  for (const command of [["sleep", "1000"], ["sh", "-c", stubborn]]) {
    await using program = new Running(["hold", ...command]);
    const { pid } = await program.next();
    await program.kill();
    await until(() => !isRunning(pid), `the end of ${command[0]}`);
  }
});

testOnLinux("the guard ignores the signals of a terminal, and ends with its program", async () => {
  await using program = new Running(["hold", "sleep", "1000"]);
  const { pid } = await program.next();
  const guard = guardOf(program.pid);
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGTSTP"] as const) {
    Deno.kill(guard, signal);
  }
  await program.kill();
  await until(() => !isRunning(pid), "the end of the child");
  await until(() => !isRunning(guard), "the end of the guard");
});

testOnLinux(
  "a killed program's folder is removed by the next start, a running one's is not",
  async () => {
    await using killed = new Running(["hold", "sleep", "1000"]);
    await using running = new Running(["folder"]);
    const left = folderOf((await killed.next()).url);
    const used = folderOf((await running.next()).url);
    assertEquals(Deno.statSync(left).mode! & 0o777, 0o700);
    const others = [`/tmp/camcat-${"0".repeat(16)}`, `/tmp/camcat-${"1".repeat(15)}`];
    await using elsewhere = new Folder();
    Deno.writeTextFileSync(`${elsewhere.path}/kept`, "");
    Deno.symlinkSync(elsewhere.path, others[0]);
    Deno.mkdirSync(others[1]);
    try {
      await killed.kill();
      assert(exists(left));
      await using next = new Running(["folder"]);
      const own = folderOf((await next.next()).url);
      assertEquals([left, used, own, ...others].map(exists), [false, true, true, true, true]);
      assert(exists(`${elsewhere.path}/kept`), "a link is not followed");
      assertEquals([await next.end(), await running.end()], [0, 0]);
      assertEquals([own, used].map(exists), [false, false]);
    } finally {
      Deno.removeSync(others[0]);
      Deno.removeSync(others[1]);
    }
  },
);

testOnLinux("many starts at once leave each other's folders alone", async () => {
  const programs = Array.from({ length: 6 }, () => new Running(["folder"]));
  try {
    const folders = [];
    for (const program of programs) folders.push(folderOf((await program.next()).url));
    assertEquals(folders.map(exists), folders.map(() => true));
  } finally {
    for (const program of programs) await program[Symbol.asyncDispose]();
  }
});

testOnLinux(
  "a program that exits, or whose folder vanished, leaves no folder",
  async () => {
    for (const [end, code] of [["exit", 3], ["dispose", 0]] as const) {
      await using program = new Running(["folder", end]);
      const folder = folderOf((await program.next()).url);
      assertEquals(await program.end(), code);
      assert(!exists(folder), end);
    }
    await using program = new Running(["folder"]);
    const folder = folderOf((await program.next()).url);
    Deno.removeSync(folder, { recursive: true });
    assertEquals(await program.end(), 0);
  },
);

/** What a sender may run, as deno.json says. */
const SCOPED = ["--allow-run=printenv,sh,env", "--allow-env=LD_*,DYLD_*,PATH", "--allow-read"];

testOnLinux(
  "a child gets LD_* and DYLD_* variables, though only some programs may run",
  async () => {
    const env = { LD_LIBRARY_PATH: "/usr/local/cuda/lib64", LD_FOO: "a b='c", DYLD_BAR: "é" };
    for (const permissions of [SCOPED, ["-A"]]) {
      await using program = new Running(["run", "printenv"], permissions, env);
      const { code, lines } = await program.next();
      assertEquals(code, 0);
      for (const [name, value] of Object.entries({ ...env, GIVEN: "yes" })) {
        assert(lines.includes(`${name}=${value}`), `${name}: ${lines}`);
      }
    }
  },
);

testOnLinux("confine() gives up sh, and env unless LD_* variables are set", async () => {
  const commands = ["sh -c true", "/bin/sh -c true", "env true", "printenv GIVEN"];
  for (const env of [undefined, { LD_FOO: "1" }]) {
    await using program = new Running(["confined", ...commands], SCOPED, env);
    const reports = [];
    for (const _ of commands) reports.push(await program.next());
    const [sh, path, byEnv, printenv] = reports;
    // With such variables every program is started by env, which can run any.
    for (const { error } of [sh, path, byEnv]) {
      assertEquals(/Requires run access/.test(error), env === undefined);
    }
    assertEquals(printenv, { code: 0, lines: ["yes"] });
  }
});

testOnLinux("a child that cannot be started: what failed and where it was looked for", async () => {
  await using folder = new Folder();
  const at = (name: string) => `${folder.path}/${name}`;
  Deno.writeTextFileSync(at("badinterpreter"), "#!/no/such/interpreter\n", { mode: 0o755 });
  Deno.writeTextFileSync(at("notexecutable"), "", { mode: 0o644 });
  Deno.writeTextFileSync(at("notprogram"), "x", { mode: 0o755 });
  const cases: [string, string][] = [
    ["ffplay", "it is not installed: no folder in PATH has it ("],
    ["ffplay", `${folder.path}:/nowhere). Install`], // a later Deno puts a folder of its own first
    ["badinterpreter", `${at("badinterpreter")} needs an interpreter or a loader`],
    ["notexecutable", `${at("notexecutable")} is not executable. Run: chmod +x`],
    ["notprogram", `Exec format error (${at("notprogram")}). A script must begin with`],
    [at("none"), "there is no such file"],
    [at("notexecutable"), "Permission denied"],
  ];
  for (const [name, reason] of cases) {
    const env = { PATH: `${folder.path}:/nowhere` };
    await using program = new Running(["run", name], ["-A"], env);
    const { error, code } = await program.next();
    if (name === "notprogram" && error === undefined) {
      assertEquals(code, 127); // a later Deno gives it to sh, as execvp(3) does: x is no command
      continue;
    }
    assertStringIncludes(error, `Cannot start ${name}: `);
    assertStringIncludes(error, reason);
  }
});
