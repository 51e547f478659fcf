/**
 * The sender's CPU time, beside the least that any sender on this runtime takes.
 *
 * @module
 */

import { compile } from "../tools/compile_program.ts";
import { type Bench, figure, ratios, type Row } from "./figures.ts";
import { camcatWhole, type Peer, pump, receiver, serve, silentCamcat } from "./peers.ts";
import { cpuPerFrame, Program } from "./program.ts";
import { Folder } from "./undo.ts";

const [SIZE, FPS] = ["1920x1080", 60];
/** V8 compiles little-used code late. */
const WINDOWS = { warmUpSeconds: 30, windows: 6, windowSeconds: 3 };
const TABLE = `Sender at ${SIZE}@${FPS}`;

/** The row: the sender beside a loop that only reads and writes, compiled as it is. */
export const floor: Row = {
  about: "CPU time per frame of the sender, and of a bare loop in the same runtime, side by side",
  async *run(bench: Bench) {
    using folder = new Folder();
    const program = `${folder.path}/bare`;
    await compile("bench/bare.ts", { output: program, permissionSet: "sender" });
    const bare: Peer = {
      ...pump,
      name: "bare loop",
      needs: [],
      isFed: false,
      serve: ({ host, port, clip }) => [program, host, `${port}`, clip],
    };
    const { serve: serveWhole } = camcatWhole(bench.dist);
    const clip = await bench.clip(SIZE, FPS);
    await using stack = new AsyncDisposableStack();
    const start = async (peer: Peer) => {
      const { server, service } = await serve(peer, { clip, fps: FPS });
      stack.use(server);
      return { server, service };
    };
    const reads = await start(bare);
    const writes = await start(bare);
    const { host: hostname, port } = writes.service;
    const viewer = stack.use(await Deno.connect({ hostname, port }));
    drain(viewer).catch(() => {}); // it ends with the row
    const silentPeer = { ...silentCamcat(bench.dist), serve: serveWhole, isFed: false };
    const silent = await start(silentPeer);
    stack.use(Program.peer("viewer", "lengths", silent.service.host, silent.service.port));
    const usualPeer = camcatWhole(bench.dist);
    const usual = await start(usualPeer);
    stack.use(receiver(usualPeer, usual.service));
    const cpu = await cpuPerFrame({
      "bare loop, reads": { program: reads.server, fps: FPS },
      "bare loop, reads and writes": { program: writes.server, fps: FPS },
      "camcat, silent viewer": { program: silent.server, fps: FPS },
      camcat: { program: usual.server, fps: FPS },
    }, WINDOWS);
    const least = cpu["bare loop, reads and writes"].ms;
    for (const [name, { ms }] of Object.entries(cpu)) {
      yield figure([TABLE, name, "CPU ms per frame"], ms, "ms", 2);
      const target = name.startsWith("camcat") ? { atMost: 1.4 } : undefined;
      const column = "times the bare loop that reads and writes";
      yield figure([TABLE, name, column], ratios(ms, least), "x", 2, target);
    }
  },
};

async function drain(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1 << 20);
  while (await connection.read(buffer) !== null);
}
