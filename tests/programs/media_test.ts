// Files, pipes and URLs, as the compiled sender plays them.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch } from "@std/assert";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder, standIn } from "../support/folder.ts";
import { type Program, programTest, startSender } from "../support/programs.ts";

const MOVIE = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=1"];

/** How a sender ended, by itself. */
async function endOf(sender: Program): Promise<{ code: number; states: unknown[] }> {
  const { code } = await sender.status();
  const states = sender.events.filter(({ event }) => event === "capture" || event === "error")
    .map(({ state, message, reason }) => reason ?? state ?? message);
  return { code, states };
}

const PLAYED = { code: 0, states: ["starting", "live", "ended"] };

programTest("sender lets ffmpeg end by itself at the end of a file", async () => {
  // Not in /tmp: Deno lets nobody write to where a program lies that may be run.
  await using folder = new Folder("/var/tmp");
  const { path } = folder;
  await ffmpeg([...MOVIE, `${path}/movie.mp4`]);
  // ffmpeg closes its output some time before it ends; here, long before.
  const REAL = Deno.env.get("PATH")!;
  const slow = 'PATH="$REAL"\nffmpeg "$@"\nstatus=$?\nsleep 0.5\nexit $status';
  const env = { ...await standIn(folder, "ffmpeg", slow), REAL };
  await using sender = startSender([`${path}/movie.mp4`], { env });
  assertEquals(await endOf(sender), PLAYED);
});

programTest("sender plays pictures, and goes on with --loop", async () => {
  await using folder = new Folder();
  for (const name of ["one.jpg", "one.png"]) {
    const path = `${folder.path}/${name}`;
    await ffmpeg([...MOVIE, "-frames:v", "1", path]);
    for (const rate of [[], ["--fps=5"]]) {
      await using once = startSender([path, ...rate]);
      assertEquals(await endOf(once), PLAYED, name);
      const { message } = await once.event(({ event }) => event === "note");
      assertMatch(message, /^one\.\w+ is a single picture: --loop shows it continuously/);
    }
    await using sender = startSender([path, "--loop"]);
    await sender.event(({ event, frames }) => event === "stats" && frames > 2);
    assertEquals(await sender.stop(), 0);
    assertEquals(sender.events.filter(({ state }) => state === "lost"), []);
  }
});

programTest("sender plays a named pipe from its beginning", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  await using sender = startSender([path]);
  await ffmpeg([...MOVIE, "-f", "mjpeg", path]);
  assertEquals(await endOf(sender), PLAYED);
});

programTest("sender changes every picture on its standard input, at once", async () => {
  const jpegs = await ffmpeg([...MOVIE, "-frames:v", "3", "-f", "mjpeg", "pipe:1"]);
  for (const change of ["--size=32x", "--rotate=90", "--quality=50"]) {
    await using sender = startSender(["-", change], { stdin: "piped" });
    const writer = sender.stdin.getWriter();
    await writer.write(jpegs);
    // Nobody has to send any more before the first is there.
    await sender.event(({ event, state }) => event === "capture" && state === "live");
    await writer.close();
    assertEquals(await endOf(sender), PLAYED, change);
  }
  await using sender = startSender(["-", "--fps=5"], { stdin: "piped" });
  await new Blob([jpegs as BlobPart]).stream().pipeTo(sender.stdin);
  assertEquals(await endOf(sender), PLAYED);
});

programTest("sender plays what a server has at its own pace, and to its end", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/movie.mkv`;
  await ffmpeg([...MOVIE, path]);
  const movie = await Deno.readFile(path);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(movie),
  );
  await using sender = startSender([`http://127.0.0.1:${server.addr.port}/movie.mkv`]);
  assertEquals(await endOf(sender), PLAYED);
});

programTest("sender says that a stream has ended, and tries again", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/movie.ts`;
  await ffmpeg([...MOVIE, path]);
  const movie = await Deno.readFile(path);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(new Blob([movie]).stream()), // of no length, as live ones are
  );
  const url = `http://127.0.0.1:${server.addr.port}/live.ts`;
  await using sender = startSender([url]);
  const { reason } = await sender.event(({ state }) => state === "lost");
  assertEquals(reason, `Cannot continue reading ${url}: the stream ended`);
  const from = sender.events.length;
  await sender.event(({ event, state }) => event === "capture" && state === "live", from);
});

programTest(
  "sender says nothing of a server that had not answered when it was stopped",
  async () => {
    let asked = () => {};
    const request = new Promise<void>((resolve) => asked = resolve);
    const answer = Promise.withResolvers<Response>();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      asked();
      return answer.promise;
    });
    await using sender = startSender(["test", `http://127.0.0.1:${server.addr.port}/`]);
    await request;
    assertEquals(await sender.stop(), 0);
    assertEquals(sender.events.filter(({ state }) => state === "lost"), []);
    assertEquals(sender.stderr, "");
    answer.resolve(new Response());
    await server.shutdown();
  },
);

programTest("sender waits for slow pictures as long as was asked for", async () => {
  await using sender = startSender(["test", "--size=64x48", "--fps=0.15"]);
  await sender.event(({ event, frames }) => event === "stats" && frames === 2);
  assertEquals(sender.events.filter(({ state }) => state === "lost"), []);
});
