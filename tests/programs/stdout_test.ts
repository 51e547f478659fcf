// The compiled receiver, with other programs that read its pictures.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { splitJpegs } from "../../lib/jpeg/split_jpegs.ts";
import { Display } from "../support/display.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { Folder } from "../support/folder.ts";
import { until, withPatience } from "../support/patience.ts";
import {
  programTest,
  RECEIVER,
  startReceiver,
  startSender,
  TEST_ENV,
} from "../support/programs.ts";

/** Runs a shell command, in which `receiver` is the compiled one. */
async function bash(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = `set -o pipefail; receiver() { '${RECEIVER}' "$@"; }; ${command}`;
  const args = ["-c", script];
  const child = new Deno.Command("bash", { args, env: TEST_ENV, stdout: "piped", stderr: "piped" });
  const { code, stdout, stderr } = await withPatience(() => child.output(), () => command);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

programTest("receiver --stdout gives JPEGs as they were sent, whole ones to the end", async () => {
  await using folder = new Folder();
  const jpegs = await ffmpegJpegs("640x480", 30);
  const file = `${folder.path}/known.mjpeg`;
  Deno.writeFileSync(file, new Uint8Array(await new Blob(jpegs as BlobPart[]).arrayBuffer()));
  await using sender = startSender([file, "--loop"]);
  const address = `127.0.0.1:${await sender.port()}`;
  const output = `${folder.path}/out.mjpeg`;
  const command = `: > ${output}; ${RECEIVER} -q ${address} --stdout > ${output} & pid=$!;
    until [ $(stat -c %s ${output}) -gt 2000000 ]; do sleep 0.05; done; kill $pid; wait $pid`;
  assertEquals(await bash(command), { code: 0, stdout: "", stderr: "" });

  const known = new Set(jpegs.map(String));
  let [count, bytes] = [0, 0];
  using input = await Deno.open(output);
  for await (const { jpeg } of splitJpegs(input.readable)) {
    assert(known.has(String(jpeg)), `picture ${count} is none of those that were sent`);
    count++;
    bytes += jpeg.length;
  }
  assertEquals(bytes, Deno.statSync(output).size, "there is nothing else between them");
  const probe = "ffprobe -v error -f mjpeg -count_packets -show_entries stream=nb_read_packets";
  assertEquals(Number((await bash(`${probe} -of csv=p=0 ${output}`)).stdout), count);
});

programTest("receiver --stdout feeds ffmpeg, and ends quietly when its reader does", async () => {
  await using folder = new Folder();
  await using sender = startSender(["test", "--size=640x480", "--fps=30"]);
  const address = `127.0.0.1:${await sender.port()}`;
  const file = `${folder.path}/out.avi`;
  const ffmpeg = `ffmpeg -v error -f mjpeg -i - -frames:v 20 -c copy ${file}`;
  assertEquals(await bash(`receiver -q ${address} --stdout | ${ffmpeg}`), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  const count = "ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0";
  assertEquals((await bash(`${count} ${file}`)).stdout, "20");

  const head = await bash(`receiver ${address} --stdout | head -c 100000 | wc -c`);
  assertEquals([head.code, head.stdout], [0, "100000"]);
  assertMatch(head.stderr, /^Connecting to .*\nReceiving test$/);
});

programTest(
  "receiver --stdout shows NO SIGNAL while the sender is gone, and ends then, too",
  async () => {
    await using sender = startSender(["test", "--size=320x240", "--fps=30"]);
    const address = `127.0.0.1:${await sender.port()}`;
    const receiver = new Deno.Command(RECEIVER, {
      args: [address, "--stdout"],
      ...{ env: TEST_ENV, stdout: "piped", stderr: "piped" },
    }).spawn();
    const stderr = new Response(receiver.stderr).text();
    let [count, greyCount] = [0, 0];
    // Breaking off closes the pipe.
    await withPatience(async () => {
      for await (const { jpeg } of splitJpegs(receiver.stdout)) {
        assertEquals(sizeOf(jpeg), { width: 320, height: 240 });
        if (++count === 3) sender.signal("SIGKILL");
        // SOF0 with one component only
        const sof = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
        if (jpeg[sof + 9] === 1 && ++greyCount === 2) break;
      }
    }, () => "NO SIGNAL");
    assertEquals((await withPatience(() => receiver.status, () => "its end")).code, 0);
    assertStringIncludes(await stderr, "Trying again");
  },
);

programTest("receiver --stdout has a slow reader get the newest picture", async () => {
  await using sender = startSender(["test", "--size=640x480", "--fps=30"]);
  const address = `127.0.0.1:${await sender.port()}`;
  // Nobody reads: a pipe full of pictures later, no more are sent.
  const receiver = new Deno.Command(RECEIVER, {
    args: ["-q", address, "--stdout"],
    ...{ env: TEST_ENV, stdout: "piped", stderr: "inherit" },
  }).spawn();
  await sender.event(({ event, viewers }) => event === "stats" && viewers === 1);
  const sent = () => sender.events.filter(({ event }) => event === "stats").at(-1)!.mbit_per_s;
  await until(() => sent() === 0, "nothing to be sent");
  receiver.kill("SIGTERM");
  assertEquals((await receiver.status).code, 0, "it ends although nobody reads");
  await receiver.stdout.cancel();
});

programTest("receiver shows, passes on and keeps pictures at the same time", async () => {
  await using display = await Display.open();
  await using folder = new Folder();
  await using sender = startSender(["test", "--size=320x240", "--fps=30"]);
  const file = `${folder.path}/now.jpg`;
  const receiver = new Deno.Command(RECEIVER, {
    args: [
      ...["-q", `127.0.0.1:${await sender.port()}`, "--display=window"],
      ...["--stdout", `--snapshot=${file}`],
    ],
    ...{ env: { ...TEST_ENV, ...display.env }, stdout: "piped", stderr: "inherit" },
  }).spawn();
  let window: Promise<string> | undefined;
  let isShown = false;
  await withPatience(async () => {
    for await (const { jpeg } of splitJpegs(receiver.stdout)) {
      assertEquals(sizeOf(jpeg), { width: 320, height: 240 });
      window ??= display.windowOf("ffplay").finally(() => isShown = true);
      if (isShown) break; // which closes the pipe, and so ends it
    }
  }, () => "a window");
  await window;
  assertEquals((await withPatience(() => receiver.status, () => "its end")).code, 0);
  assertEquals(sizeOf(Deno.readFileSync(file)), { width: 320, height: 240 });
});

programTest("receiver --stdout tells of a full disk", async () => {
  await using sender = startSender(["test"]);
  const address = `127.0.0.1:${await sender.port()}`;
  const { code, stderr } = await bash(`receiver -q ${address} --stdout > /dev/full`);
  assertEquals([code, stderr], [
    1,
    "error: Cannot write to standard output: No space left on device",
  ]);
});

programTest(
  "programs with --json tell machines, too, of options that contradict each other",
  async () => {
    for (const start of [startSender, startReceiver]) {
      const args = start === startSender ? ["--copy", "--encode"] : ["127.0.0.1", "--every=1s"];
      await using program = start(args);
      assertEquals([(await program.status()).code, program.stderr], [2, ""]);
      assertEquals(program.events.map(({ event }) => event), ["error"]);
    }
  },
);

programTest("receiver refuses what would mix on standard output, or go nowhere", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [["--stdout"], /^Cannot use --stdout with --json: both write to standard output/],
    [["--display=terminal"], /^Cannot use --display terminal with --json/],
    [["--display=terminal", "--stdout"], /^Cannot use --display terminal with --stdout/],
    [["--every=10s"], /^Cannot use --every without --snapshot/],
    [["--snapshot=x.jpg", "--every=soon"], /^Cannot use this --every: it must be a duration/],
  ];
  for (const [args, message] of cases) {
    await using receiver = startReceiver(["127.0.0.1", ...args]);
    assertEquals((await receiver.status()).code, 2);
    assertMatch(receiver.events[0]?.message ?? receiver.stderr.replace("receiver: ", ""), message);
  }
  const { code, stderr } = await bash("receiver 127.0.0.1 --display terminal | cat");
  assertEquals(code, 2);
  assertMatch(stderr, /^error: Cannot draw the picture: standard output is not a terminal/);
});
