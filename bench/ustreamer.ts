/**
 * A V4L2 camera's own MJPEG over HTTP, beside µStreamer.
 *
 * @module
 */

import { figure, interleaved, ratios, type Row } from "./figures.ts";
import { missing } from "./packages.ts";
import { cpuPerFrame, Program } from "./program.ts";
import { freePort, listening } from "./sockets.ts";
import { childrenOf } from "./system.ts";

const SIZE = "1280x720";
const FPS = 30;
const TIMES = 3;
const WINDOWS = { warmUpSeconds: 6, windows: 1, windowSeconds: 4 };

/** The row. One after the other: a camera has one owner. Both serve over HTTP to curl. */
export const ustreamer: Row = {
  about: `CPU time per frame from a V4L2 camera's MJPEG to HTTP, next to µStreamer, ${SIZE}@${FPS}`,
  async *run(bench) {
    const device = await firstCamera();
    if (device === undefined) return yield { note: "not measured: there is no V4L2 device here" };
    const lack = missing(["ustreamer", "curl"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const [width] = SIZE.split("x");
    const measured = await interleaved(TIMES, {
      "µStreamer": () =>
        measure((port) => [
          ...["ustreamer", "--device", device, "--format", "MJPEG", "--encoder", "HW"],
          ...["--resolution", SIZE, "--desired-fps", `${FPS}`, "--workers", "1"],
          ...["--host", "127.0.0.1", "--port", `${port}`, "--tcp-nodelay", "--log-level", "0"],
        ], "stream"),
      "camcat and its ffmpeg": () =>
        measure((port) => [
          ...[
            `${bench.dist}/sender`,
            device,
            "--size",
            SIZE,
            "--fps",
            `${FPS}`,
            "--copy",
            "--open",
          ],
          ...["--listen=127.0.0.1:0", `--http=127.0.0.1:${port}`, "--json"],
        ], "stream.mjpg"),
    });
    const table = "Camera to HTTP, CPU ms per frame";
    for (const [name, ms] of Object.entries(measured)) {
      yield figure([table, name, `width ${width}`], ms, "ms", 2);
    }
    const times = ratios(measured["camcat and its ffmpeg"], measured["µStreamer"]);
    yield figure([table, "camcat / µStreamer", `width ${width}`], times, "x", 2);
  },
};

/** What a server takes with all it has started. */
async function measure(command: (port: number) => string[], path: string): Promise<number> {
  const port = freePort();
  const [program, ...args] = command(port);
  await using server = Program.start(program, args);
  await server.unlessEnded(listening(port));
  const url = `http://127.0.0.1:${port}/${path}`;
  await using _viewer = Program.start("curl", ["-sS", "-o", "/dev/null", url]);
  const started = Object.fromEntries(
    [server.pid, ...childrenOf(server.pid)].map((pid) => [
      `${pid}`,
      { program: server, pid, fps: FPS },
    ]),
  );
  const cpu = await cpuPerFrame(started, WINDOWS);
  return Object.values(cpu).reduce((sum, { ms }) => sum + ms[0], 0);
}

/** The first device that can be opened as a camera. */
async function firstCamera(): Promise<string | undefined> {
  const nodes: string[] = [];
  for await (const { name } of Deno.readDir("/dev")) if (/^video\d+$/.test(name)) nodes.push(name);
  for (const node of nodes.sort()) {
    const args = ["-hide_banner", "-f", "v4l2", "-list_formats", "all", "-i", `/dev/${node}`];
    const { stderr } = await new Deno.Command("ffmpeg", { args }).output();
    if (/mjpeg/.test(new TextDecoder().decode(stderr))) return `/dev/${node}`;
  }
  return undefined;
}
