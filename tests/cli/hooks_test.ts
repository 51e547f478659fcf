// Hooks with real scripts.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { Hooks } from "../../lib/cli/hooks.ts";
import { splitWords } from "../../lib/program/shell_words.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { isRunning, testOnLinux } from "../support/processes.ts";
import { Time } from "../support/time.ts";

/** Keeps what would be shown. */
class Shown {
  details: string[] = [];
  warnings: string[] = [];
  detail = (line: string) => void this.details.push(line);
  warn = (_event: unknown, text: string) => void this.warnings.push(text);
}

/** Hooks that run a shell script; `$out` is a folder of the test, which it can write to. */
async function hooksOf(script: string, folder: Folder, args = "") {
  const path = `${folder.path}/hook`;
  await Deno.writeTextFile(path, `#!/bin/sh\nout=${folder.path}\n${script}\n`, { mode: 0o755 });
  const console = new Shown();
  const command = splitWords(`${path} ${args}`);
  return { hooks: new Hooks({ command, address: "10.0.0.1:9000", console }), console };
}

/** Writes `$CAMCAT_...` and all arguments to a file of its own, which appears when it is whole. */
const WRITE = `env -0 > $out/$$.part; printf '%s\\0' "$@" > $out/$$.args
mv $out/$$.part $out/$$.env`;

/** The environments of all hooks that have run, by the time they were run at. */
async function environments(folder: Folder, count: number): Promise<Record<string, string>[]> {
  const names = () =>
    [...Deno.readDirSync(folder.path)].map(({ name }) => name).filter((name) =>
      name.endsWith(".env")
    );
  await until(() => names().length >= count, `${count} hooks`);
  assertEquals(names().length, count);
  return names().map((name) => {
    const entries = Deno.readTextFileSync(`${folder.path}/${name}`).split("\0").filter(Boolean);
    return Object.fromEntries(entries.map((entry) => {
      const [, key, value] = /^([^=]*)=([^]*)$/.exec(entry)!;
      return [key, value];
    }));
  }).sort((a, b) => a.CAMCAT_TIME < b.CAMCAT_TIME ? -1 : 1);
}

const EVENT = (environment: Record<string, string>) => environment.CAMCAT_EVENT;

testOnLinux("Hooks say that a script without a #! line needs one", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/hook`;
  await Deno.writeTextFile(path, "echo no first line\n", { mode: 0o755 });
  const console = new Shown();
  await using hooks = new Hooks({ command: [path], address: "", console });
  hooks.run("motion");
  const { warnings, details } = console;
  await until(() => warnings.length + details.length > 0, "what comes of it");
  // Later versions of Deno give it to sh.
  if (details.length > 0) return assertEquals(details, ["hook: no first line"]);
  assertEquals(warnings, [
    `The hook for "motion" failed: Cannot start ${path}: Exec format error. ` +
    "A script must begin with a line such as #!/bin/sh",
  ]);
});

testOnLinux("Hooks get the details in their environment, without the key", async () => {
  await using folder = new Folder();
  const key = Deno.env.get("CAMCAT_KEY");
  Deno.env.set("CAMCAT_KEY", "secret-key");
  Deno.env.set("CAMCAT_REASON", "left from outside");
  try {
    const { hooks } = await hooksOf(WRITE, folder, "'one word' two");
    hooks.follow({ type: "stream", name: "Front door", live: true, reason: "" });
    const [connected] = await environments(folder, 1);
    hooks.motion({ type: "began", by: "picture", score: 12.345 });
    const [, motion] = await environments(folder, 2);
    hooks.motion({ type: "ended", durationMs: 12_345 });
    const [, , end] = await environments(folder, 3);
    hooks.run("motion", { file: "/tmp/a\nb.mkv" });
    const [, , , last] = await environments(folder, 4);
    hooks.motion({ type: "began", by: "sound", levelDb: -18 });
    const [, , , , loud] = await environments(folder, 5);
    const common = {
      CAMCAT_CAMERA: "Front door",
      CAMCAT_ADDRESS: "10.0.0.1:9000",
      CAMCAT_REASON: "",
      CAMCAT_SCORE: "",
      CAMCAT_LEVEL: "",
      CAMCAT_SECONDS: "",
      CAMCAT_FILE: "",
      CAMCAT_KEY: "",
    };
    const cases: [Record<string, string>, Record<string, string>][] = [
      [connected, { ...common, CAMCAT_EVENT: "connected" }],
      [motion, {
        ...common,
        CAMCAT_EVENT: "motion",
        CAMCAT_REASON: "picture",
        CAMCAT_SCORE: "12.3",
      }],
      [loud, { ...common, CAMCAT_EVENT: "motion", CAMCAT_REASON: "sound", CAMCAT_LEVEL: "-18" }],
      [end, { ...common, CAMCAT_EVENT: "motion-end", CAMCAT_SECONDS: "12.3" }],
      [last, { ...common, CAMCAT_EVENT: "motion", CAMCAT_FILE: "/tmp/a\nb.mkv" }],
    ];
    for (const [environment, expected] of cases) {
      const { CAMCAT_TIME, ...rest } = environment;
      assertEquals(new Date(CAMCAT_TIME).toISOString(), CAMCAT_TIME);
      const ours = Object.entries(rest).filter(([name]) => name.startsWith("CAMCAT_"));
      assertEquals(Object.fromEntries(ours), expected);
      assert(rest.PATH, "the rest of the environment is there");
      assert(!JSON.stringify(environment).includes("secret"));
    }
    const args = [...Deno.readDirSync(folder.path)].find(({ name }) => name.endsWith(".args"))!;
    assertEquals(await Deno.readTextFile(`${folder.path}/${args.name}`), "one word\0two\0");
    await hooks[Symbol.asyncDispose]();
  } finally {
    if (key === undefined) Deno.env.delete("CAMCAT_KEY");
    else Deno.env.set("CAMCAT_KEY", key);
    Deno.env.delete("CAMCAT_REASON");
  }
});

testOnLinux("Hooks run once for each change of the connection", async () => {
  await using folder = new Folder();
  const { hooks } = await hooksOf(WRITE, folder);
  const stream = { type: "stream", name: "A", reason: "" } as const;
  let count = 0;
  const steps: [() => void, string[]][] = [
    [() => hooks.follow({ type: "lost", reason: "no way" }), ["lost"]],
    [() => hooks.follow({ type: "lost", reason: "no way" }), []],
    [() => hooks.follow({ type: "connected", encrypted: true }), []],
    [() => hooks.follow({ type: "lost", reason: "it says nothing" }), []],
    [() => hooks.follow({ ...stream, live: true }), ["connected"]],
    [() => hooks.take(), []],
    [() => hooks.follow({ ...stream, live: false, reason: "unplugged" }), ["not-live"]],
    [() => hooks.follow({ ...stream, live: false, reason: "still unplugged" }), []],
    [() => hooks.follow({ ...stream, live: true }), ["live"]],
    [() => hooks.follow({ type: "silent", reason: "no answer" }), ["not-live"]],
    [() => hooks.follow({ type: "heard" }), ["live"]],
    [() => hooks.follow({ type: "heard" }), []],
    [() => hooks.follow({ type: "silent", reason: "no answer" }), ["not-live"]],
    [() => hooks.follow({ type: "lost", reason: "gone" }), ["lost"]],
    [() => hooks.follow({ type: "lost", reason: "gone again" }), []],
    [() => hooks.take(), ["connected"]], // a bare sender
    [() => hooks.take(), []],
  ];
  const expected: string[] = [];
  for (const [step, events] of steps) {
    step();
    expected.push(...events);
    count += events.length;
    assertEquals((await environments(folder, count)).map(EVENT), expected);
  }
  const reasons = (await environments(folder, count)).map(({ CAMCAT_REASON }) => CAMCAT_REASON);
  assertEquals(reasons, ["no way", "", "unplugged", "", "no answer", "", "no answer", "gone", ""]);
  await hooks[Symbol.asyncDispose]();
});

testOnLinux("Hooks run without a shell, whatever the user and the sender write", async () => {
  await using folder = new Folder();
  const touch = `$(touch ${folder.path}/a) ;touch ${folder.path}/b | tee ${folder.path}/c`;
  const { hooks } = await hooksOf(WRITE, folder, touch);
  const hostile = `$(touch ${folder.path}/d)\n;touch ${folder.path}/e\0\x1b[31m\u202e`;
  hooks.follow({ type: "stream", name: hostile, live: false, reason: hostile });
  const shown = `$(touch ${folder.path}/d)\ufffd;touch ${folder.path}/e\ufffd\ufffd[31m\ufffd`;
  const told = (await environments(folder, 2))
    .map(({ CAMCAT_EVENT: event, CAMCAT_CAMERA: name, CAMCAT_REASON: why }) => [event, name, why]);
  // Both were run in the same millisecond.
  assertEquals(told.sort(), [["connected", shown, ""], ["not-live", shown, shown]]);
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.length === 1), []);
  const args = await Deno.readTextFile(
    `${folder.path}/${names.find((name) => name.endsWith(".args"))}`,
  );
  assertEquals(args.split("\0").slice(0, -1), touch.split(" "));
  await hooks[Symbol.asyncDispose]();
});

testOnLinux("Hooks show what a hook prints, and warn when it fails", async () => {
  await using folder = new Folder();
  const script = `case $CAMCAT_EVENT in
    motion) echo hello; echo world >&2; exit 3;;
    motion-end) kill -KILL $$;;
    esac`;
  const { hooks, console } = await hooksOf(script, folder);
  hooks.motion({ type: "began", by: "picture", score: 1 });
  await until(() => console.warnings.length === 1 && console.details.length === 2, "a warning");
  hooks.motion({ type: "ended", durationMs: 1 });
  await until(() => console.warnings.length === 2, "another");
  assertEquals(console.warnings, [
    'The hook for "motion" failed: exit status 3',
    'The hook for "motion-end" failed: ended by SIGKILL',
  ]);
  assertEquals(console.details.sort(), ["hook: hello", "hook: world"]);
  await hooks[Symbol.asyncDispose]();
});

testOnLinux("Hooks run four at a time, 32 wait, and more are not run", async () => {
  await using folder = new Folder();
  const script = `echo $$ > $out/$$.pid
    while [ ! -e $out/go ]; do sleep 0.05; done
    echo $CAMCAT_SCORE >> $out/done`;
  const { hooks, console } = await hooksOf(script, folder);
  for (let score = 1; score <= 40; score++) hooks.motion({ type: "began", by: "picture", score });
  assertEquals(console.warnings.length, 4);
  assertStringIncludes(console.warnings[0], "4 hooks are running and 32 are waiting");
  const pids = () =>
    [...Deno.readDirSync(folder.path)].filter(({ name }) => name.endsWith(".pid")).length;
  await until(() => pids() === 4, "four hooks");
  await Deno.writeTextFile(`${folder.path}/go`, "");
  const done = () => {
    try {
      return Deno.readTextFileSync(`${folder.path}/done`).trim().split("\n").map(Number);
    } catch {
      return [];
    }
  };
  await until(() => done().length === 36, "the others");
  assertEquals(done().sort((a, b) => a - b), Array.from({ length: 36 }, (_, index) => index + 1));
  await hooks[Symbol.asyncDispose]();
});

testOnLinux(
  "Hooks that hang are killed when the receiver exits, and waiting ones are not run",
  async () => {
    await using folder = new Folder();
    const script = `trap '' TERM; mkfifo $out/$$.fifo; echo > $out/$$.pid
    read for_ever < $out/$$.fifo`;
    const { hooks, console } = await hooksOf(script, folder);
    for (let score = 1; score <= 6; score++) hooks.motion({ type: "began", by: "picture", score });
    const pids = () =>
      [...Deno.readDirSync(folder.path)].filter(({ name }) => name.endsWith(".pid"))
        .map(({ name }) => parseInt(name));
    await until(() => pids().length === 4, "four hooks");
    await hooks[Symbol.asyncDispose]();
    await until(() => !pids().some(isRunning), "the end of all hooks");
    assertEquals(pids().length, 4);
    assertEquals(console.warnings, []);
    hooks.motion({ type: "began", by: "picture", score: 1 });
    assertEquals(pids().length, 4);
  },
);

testOnLinux("Hooks that are about to end are waited for", async () => {
  await using folder = new Folder();
  const script = `mkfifo $out/fifo; : > $out/begun; read go < $out/fifo; : > $out/ended`;
  const { hooks } = await hooksOf(script, folder);
  hooks.motion({ type: "began", by: "picture", score: 1 });
  const exists = (name: string) =>
    [...Deno.readDirSync(folder.path)].some((file) => file.name === name);
  await until(() => exists("begun"), "the hook");
  using time = new Time();
  const closed = hooks[Symbol.asyncDispose]();
  await time.pass(1999);
  await Deno.writeTextFile(`${folder.path}/fifo`, "go\n");
  await closed;
  assert(exists("ended"));
});

testOnLinux(
  "Hooks refuse a program that does not exist, and warn of one that was deleted",
  async () => {
    await using folder = new Folder();
    await Deno.writeTextFile(`${folder.path}/text`, "no program");
    const console = new Shown();
    const programs = ["camcat-no-such-program", "./no/such", folder.path, `${folder.path}/text`];
    for (const program of programs) {
      assertThrows(
        () => new Hooks({ command: [program], address: "", console }),
        CamcatError,
        `Cannot run ${program} as a hook: it must be an executable program`,
      );
    }
    await using _found = new Hooks({ command: ["true"], address: "", console });
    const { hooks, console: shown } = await hooksOf("", folder);
    await Deno.remove(`${folder.path}/hook`);
    hooks.motion({ type: "began", by: "picture", score: 1 });
    assertStringIncludes(shown.warnings[0], `The hook for "motion" failed: Cannot start`);
    await hooks[Symbol.asyncDispose]();
  },
);

// The last one, because the output of what was left is open a moment longer than this test is.
Deno.test({
  name: "Hooks do not wait for what a hook has left running",
  ignore: Deno.build.os !== "linux",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using folder = new Folder();
    const { hooks, console } = await hooksOf("sleep 30 & echo $! >> $out/pids", folder);
    for (let score = 1; score <= 8; score++) hooks.motion({ type: "began", by: "picture", score });
    const pids = () => {
      try {
        return Deno.readTextFileSync(`${folder.path}/pids`).trim().split("\n").map(Number);
      } catch {
        return [];
      }
    };
    await until(() => pids().length === 8, "all hooks");
    await hooks[Symbol.asyncDispose]();
    assert(pids().every(isRunning), "they were left alone");
    assertEquals(console.warnings, []);
    for (const pid of pids()) Deno.kill(pid, "SIGKILL");
  },
});
