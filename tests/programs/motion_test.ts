// Motion and hooks, with the compiled programs.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf } from "../support/processes.ts";
import {
  type Program,
  programTest,
  startReceiver,
  startSender,
  TEST_KEY,
} from "../support/programs.ts";
import { timesIn } from "../support/recordings.ts";

/** A still of 40 s, in which a box passes twice: after 4 s and after 10 s, for 2 s each time. */
async function clipWithMotion(folder: string): Promise<string> {
  const file = `${folder}/motion.avi`;
  const picture = "mandelbrot=size=320x240:rate=1:start_scale=0.02,trim=end_frame=1,loop=-1:1," +
    "setpts=N/15/TB,fps=15,trim=end=40[s];color=0x202020:size=60x50:rate=15[b];" +
    "[s][b]overlay=x='if(lt(mod(t,6),4)+gt(t,12),-99,mod(t,6)*160-640)':y=100:shortest=1";
  const encoder = ["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "4"];
  await ffmpeg(["-filter_complex", picture, ...encoder, file]);
  return file;
}

/** A hook that adds a line of its details to a file. */
async function writeHook(folder: string): Promise<string> {
  const hook = `${folder}/hook`;
  const line = '"$CAMCAT_EVENT,$CAMCAT_CAMERA,$CAMCAT_ADDRESS,$CAMCAT_SCORE,$CAMCAT_SECONDS,$*"';
  const script = `#!/bin/sh\necho ${line} >> ${folder}/lines\necho said >&2\nenv > ${folder}/env\n`;
  await Deno.writeTextFile(hook, script, { mode: 0o755 });
  return hook;
}

function linesIn(folder: string): string[][] {
  try {
    const text = Deno.readTextFileSync(`${folder}/lines`);
    return text.trim().split("\n").map((line) => line.split(","));
  } catch {
    return [];
  }
}

const isMotion = (state: string) => (event: Program["events"][0]) =>
  event.event === "motion" && event.state === state;

programTest(
  "receiver --motion --exec runs a hook once for each motion, and when that ends",
  async () => {
    await using folder = new Folder();
    const [file, hook] = [await clipWithMotion(folder.path), await writeHook(folder.path)];
    await using sender = startSender([file, "--name=Front door", "--on-demand"]);
    const address = `127.0.0.1:${await sender.port()}`;
    const command = `'${hook}' --loud "$(touch ${folder.path}/no)" ;`;
    const args = ["--no-display", "--motion", "--after=2s", `--exec=${command}`, "--verbose"];
    await using receiver = startReceiver([address, ...args]);
    await until(() => linesIn(folder.path).length >= 5, "two motions");
    assertEquals(await receiver.stop(), 0);
    const lines = linesIn(folder.path);
    assertEquals(lines.map(([event]) => event), [
      "connected",
      "motion",
      "motion-end",
      "motion",
      "motion-end",
    ]);
    for (const [event, camera, from, score, seconds, words] of lines) {
      assertEquals([camera, from], ["Front door", address]);
      assertEquals(words, `--loud $(touch ${folder.path}/no) ;`);
      assertEquals(event === "motion", Number(score) >= 1, `${event} ${score}`);
      assertEquals(event === "motion-end", Number(seconds) >= 1, `${event} ${seconds}`);
    }
    assert(![...Deno.readDirSync(folder.path)].some(({ name }) => name === "no"), "no shell");
    const environment = await Deno.readTextFile(`${folder.path}/env`);
    assert(!environment.includes(TEST_KEY.text), "not the key");
    assertEquals(receiver.events.filter(isMotion("began")).length, 2);
    assertEquals(receiver.events.filter(isMotion("ended")).length, 2);
    assertStringIncludes(receiver.stderr, "hook: said");
    assertEquals((await childrenOf(receiver.pid)).size, 0);
  },
);

programTest("receiver --motion --record has a file for each motion", async () => {
  await using folder = new Folder();
  const file = await clipWithMotion(folder.path);
  const hook = `${folder.path}/hook`;
  const line =
    `test -z "$CAMCAT_FILE" || echo "$CAMCAT_EVENT,$CAMCAT_FILE" >> ${folder.path}/lines`;
  await Deno.writeTextFile(hook, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  await using sender = startSender([file, "--on-demand"]);
  const address = `127.0.0.1:${await sender.port()}`;
  const motion = ["--motion", "--before=2s", "--after=1.5s", `--exec=${hook}`];
  const record = ["--display=none", `--record=${folder.path}/yard/`];
  await using receiver = startReceiver([address, ...record, ...motion]);
  await until(() => linesIn(folder.path).length === 2, "two files");
  assertEquals(await receiver.stop(), 0);
  const files = [...Deno.readDirSync(`${folder.path}/yard`)].map(({ name }) =>
    `${folder.path}/yard/${name}`
  ).sort();
  assertEquals(linesIn(folder.path), files.map((name) => ["recorded", name]));
  for (const name of files) {
    const times = await timesIn(name);
    // It moves for 2 s of 40; how much before and after that is kept, motion_gate_test.ts tells.
    const seconds = (times.at(-1)! - times[0]) / 1000;
    assert(seconds > 1 && seconds < 15, `${seconds} s`);
    assert(times.length > 10, `${times.length} frames in ${seconds} s`);
  }
});

programTest("receiver --on-trigger records when another program says so", async () => {
  await using folder = new Folder();
  const hook = `${folder.path}/hook`;
  const line = `test "$CAMCAT_EVENT" != motion || echo "$CAMCAT_REASON" >> ${folder.path}/lines`;
  await Deno.writeTextFile(hook, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  await using sender = startSender(["test", "--size=160x120"]);
  const address = `127.0.0.1:${await sender.port()}`;
  const trigger = ["--on-trigger", "--before=1s", "--after=0.5s", `--exec=${hook}`];
  const record = ["--no-display", `--record=${folder.path}/yard/`];
  await using receiver = startReceiver([address, ...record, ...trigger], { stdin: "piped" });
  const writer = receiver.stdin.getWriter();
  const ends = () => receiver.events.filter(isMotion("ended")).length;
  await receiver.event(({ event, state }) => event === "stats" && state === "live");
  const say = (text: string) => writer.write(new TextEncoder().encode(text));

  await say("Door bell\n");
  await until(() => ends() === 1, "the end of the first");
  receiver.signal("SIGUSR1");
  await until(() => ends() === 2, "the end of the second");
  await say("start print 7\n");
  await until(() => receiver.events.filter(isMotion("began")).length === 3, "the third");
  receiver.signal("SIGUSR2");
  await until(() => ends() === 3, "the end of the third");
  await say("again\n");
  const isStarted = ({ event, state }: Program["events"][0]) =>
    event === "recording" && state === "started";
  await until(() => receiver.events.filter(isStarted).length === 4, "the fourth file");
  assertEquals(await receiver.stop(), 0, "what has begun is completed");
  await writer.close().catch(() => {});

  const names = [...Deno.readDirSync(`${folder.path}/yard`)].map(({ name }) => name).sort();
  // Two may have begun in the same second.
  const words = names.map((name) => name.replace(/^[\dT-]+_?|\.mkv$/g, "")).sort();
  assertEquals(words, ["again", "door-bell", "print-7", "trigger"]);
  const bell = names.find((name) => name.includes("door-bell"));
  const times = await timesIn(`${folder.path}/yard/${bell}`);
  const seconds = (times.at(-1)! - times[0]) / 1000;
  assert(seconds > 0.2 && seconds < 15, `${seconds} s, before and after it`);
  assertEquals((await Deno.readTextFile(`${folder.path}/lines`)).trim().split("\n"), [
    "Door bell",
    "trigger",
    "print 7",
    "again",
  ]);
});

programTest(
  "receiver --exec runs a hook once when the sender is lost, and when it is back",
  async () => {
    await using folder = new Folder();
    const hook = await writeHook(folder.path);
    const events = () => linesIn(folder.path).map(([event]) => event);
    const first = startSender(["test", "--name=$(touch x)\n;"]);
    const port = await first.port();
    await using receiver = startReceiver([`127.0.0.1:${port}`, "--no-display", `--exec=${hook}`]);
    await until(() => events().length === 1, "a connection");
    assertEquals(linesIn(folder.path)[0][1], "$(touch x)\ufffd;");
    await first[Symbol.asyncDispose]();
    const isLost = (event: Program["events"][0]) =>
      event.event === "connection" && event.state === "lost";
    await until(() => receiver.events.filter(isLost).length >= 3, "several attempts");
    await until(() => events().length === 2, "the hook for the loss");
    await using _second = startSender(["test", `--listen=127.0.0.1:${port}`]);
    await until(() => events().length === 3, "another connection");
    assertEquals(events(), ["connected", "lost", "connected"]);
  },
);

programTest("receiver --once --exec tells a hook that the sender is lost", async () => {
  await using folder = new Folder();
  const hook = await writeHook(folder.path);
  await using sender = startSender(["test"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using receiver = startReceiver([address, "--once", "--no-display", `--exec=${hook}`]);
  await until(() => linesIn(folder.path).length === 1, "a connection");
  await sender[Symbol.asyncDispose]();
  assertEquals((await receiver.status()).code, 1);
  assertEquals(linesIn(folder.path).map(([event]) => event), ["connected", "lost"]);
});

programTest(
  "receiver --listen --once can be stopped while it waits for its last hook",
  async () => {
    const hook = "sh -c 'echo $CAMCAT_EVENT; sleep 1'";
    const args = ["--listen=127.0.0.1:0", "--once", "--no-display", "--verbose", `--exec=${hook}`];
    await using receiver = startReceiver(args);
    {
      await using sender = startSender(["test", `--push=127.0.0.1:${await receiver.port()}`]);
      await receiver.event(({ state }) => state === "stream");
      await sender.stop();
    }
    await until(() => receiver.stderr.includes("hook: lost"), "the hook");
    assertEquals(await receiver.stop(), 1);
    assertEquals(receiver.events.at(-1)!.event, "error");
    assertEquals(receiver.stderr.includes("Uncaught"), false, receiver.stderr);
  },
);

programTest("receiver refuses motion and hooks that make no sense", async () => {
  const cases: [string[], number, string][] = [
    [["--motion"], 2, "Cannot use --motion alone"],
    [["--motion-area=2", "--exec=true"], 2, "Cannot use --motion-area without --motion"],
    [["--before=2s", "--exec=true"], 2, "Cannot use --before without --motion"],
    [["--motion", "--after=2", "--exec=true"], 2, "Cannot use this --after: it must be a duration"],
    [["--motion", "--motion-area=0", "--exec=true"], 2, "Cannot use this --motion-area"],
    [["--exec='a"], 2, "Cannot use this --exec: it must have a closing quote"],
    [["--exec=camcat-no-such-program"], 1, "Cannot run camcat-no-such-program as a hook"],
  ];
  for (const [args, code, message] of cases) {
    await using receiver = startReceiver(["127.0.0.1:1", "--open", ...args]);
    assertEquals((await receiver.status()).code, code, `${args}`);
    const said = receiver.stderr + receiver.events.map(({ message }) => message).join();
    assertStringIncludes(said, message);
  }
});
