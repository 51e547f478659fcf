// What the compiled sender leaves behind, and under which conditions it starts ffmpeg.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf, isRunning } from "../support/processes.ts";
import { programTest, SENDER, startSender, TEST_ENV } from "../support/programs.ts";

/** The folders in /tmp that a process has open, as the owner of such a folder does. */
function foldersOf(pid: number): Set<string> {
  const files = `/proc/${pid}/fd`;
  const paths = [...Deno.readDirSync(files)].map(({ name }) => {
    try {
      return Deno.readLinkSync(`${files}/${name}`);
    } catch {
      return ""; // closed just now
    }
  });
  return new Set(paths.filter((path) => /^\/tmp\/camcat-[0-9a-f]{16}$/.test(path)));
}

programTest("a sender that is killed while its source is silent leaves no child", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using sender = startSender([`http://127.0.0.1:${listener.addr.port}/`]);
  using _ = await listener.accept(); // ffprobe or ffmpeg, which waits for an answer for ever
  const children = [...(await childrenOf(sender.pid)).keys()];
  assertEquals(children.length, 1);
  sender.signal("SIGKILL");
  await until(() => !children.some(isRunning), "the end of the child");
});

programTest("ffmpeg gets the LD_* variables of the sender", async () => {
  const env = { LD_LIBRARY_PATH: "/nowhere/lib64", LD_OTHER: "1" };
  await using sender = startSender(["test", "--size=320x240"], { env });
  await sender.event(({ event, state }) => event === "capture" && state === "live");
  const [[pid, name]] = await childrenOf(sender.pid);
  assertEquals(name, "ffmpeg");
  const variables = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  for (const [name, value] of Object.entries(env)) {
    assert(variables.includes(`${name}=${value}`), name);
  }
});

programTest("a sender whose folder in /tmp vanishes starts its capture again", async () => {
  await using sender = startSender(["test", "--size=320x240"]);
  const isLive = ({ event, state }: { event: string; state?: string }) =>
    event === "capture" && state === "live";
  await sender.event(isLive);
  // The folder of its next capture is there for a moment only: if that is missed, once more.
  for (let isGone = false; !isGone;) {
    const [before, since] = [foldersOf(sender.pid), sender.events.length];
    const [[pid]] = await childrenOf(sender.pid);
    Deno.kill(pid, "SIGKILL");
    await until(() => {
      for (const path of foldersOf(sender.pid).difference(before)) {
        isGone = true;
        try {
          Deno.removeSync(path, { recursive: true });
        } catch {
          // ffmpeg was quicker, and the sender has removed it
        }
      }
      return isGone || sender.events.slice(since).some(isLive);
    }, "the next folder");
    await sender.event(isLive, since);
  }
});

programTest("an ffmpeg below /tmp is as good as any other", async () => {
  await using folder = new Folder("/tmp");
  const [installed] = Deno.env.get("PATH")!.split(":").map((path) => `${path}/ffmpeg`)
    .filter((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
  Deno.copyFileSync(installed, `${folder.path}/ffmpeg`);
  const env = { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
  await using sender = startSender(["test", "--size=320x240"], { env });
  await sender.event(({ event, state }) => event === "capture" && state === "live");
  const [pid] = [...(await childrenOf(sender.pid)).keys()];
  assertEquals(Deno.readLinkSync(`/proc/${pid}/exe`), `${folder.path}/ffmpeg`);
});

programTest(
  "a sender stops when nobody reads its output, and a failure keeps its status",
  async () => {
    const cases: [string, string, number][] = [
      ["test --size=320x240 --json", "2>&1 | head -1", 0],
      ["test --size=320x240 --json", "2>&1 | head -2", 0],
      ["/nowhere/movie.mp4", "2>&1 | true", 1],
      ["--fps=fast --json test", "| true", 2],
    ];
    for (const [args, pipe, code] of cases) {
      const script = `"$0" --listen=127.0.0.1:0 ${args} ${pipe}; exit \${PIPESTATUS[0]}`;
      const { code: status } = await new Deno.Command("bash", {
        args: ["-c", script, SENDER],
        env: TEST_ENV,
        stdout: "null",
        stderr: "null",
      }).output();
      assertEquals(status, code, `${args} ${pipe}`);
    }
  },
);
