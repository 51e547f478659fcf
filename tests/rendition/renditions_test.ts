// Real JPEGs, encoded by real ffmpegs.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { LoadBudget } from "../../lib/rendition/load_budget.ts";
import { Renditions, type RenditionsOptions } from "../../lib/rendition/renditions.ts";
import type { Rung } from "../../lib/rendition/ladder.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import { childrenOf } from "../support/processes.ts";

const QUALITY = ["-q:v", "5"];
const JPEGS = await ffmpegJpegs("640x480", 10, QUALITY);

/** Renditions of a camera that gives 100 pictures a second. */
class Camera implements AsyncDisposable {
  readonly renditions: Renditions<{ frame: Frame }>;
  jpegs = JPEGS;
  seq = 0;
  #timer: ReturnType<typeof setInterval>;

  constructor(options: RenditionsOptions = { budget: new LoadBudget(2) }) {
    this.renditions = new Renditions(options);
    this.#offer();
    this.#timer = setInterval(() => this.#offer(), 10);
  }

  /** The rung of that width. */
  rung(width: number): Rung {
    return this.renditions.ladder()!.rungs.find(({ size }) => size.width === width)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.renditions.close();
    assertEquals(await encoders(), []);
  }

  #offer(): void {
    const frame = Frame.from(this.jpegs[this.seq % this.jpegs.length], {
      time: performance.now(),
      seq: this.seq++,
    });
    this.renditions.offer({ frame }, true);
    frame.release();
  }
}

async function encoders(): Promise<number[]> {
  return [...await childrenOf(Deno.pid)].filter(([, name]) => name === "ffmpeg").map(([pid]) =>
    pid
  );
}

Deno.test("Renditions shares one encoder among all who watch a rung, and ends it after the last", async () => {
  await using camera = new Camera();
  const taken: [number[], number[]] = [[], []];
  const rung = camera.rung(320);
  const watching = taken.map((seqs) =>
    camera.renditions.watch(rung, (source, frame) => {
      assertEquals(sizeOf(frame.jpeg), rung.size);
      assertEquals(source.frame.seq, frame.seq);
      assertEquals(source.frame.time, frame.time);
      seqs.push(frame.seq);
    })
  );
  await until(() => taken.every((seqs) => seqs.length >= 10), "pictures for both");
  assertEquals((await encoders()).length, 1);
  assert(taken[0].every((seq, index) => index === 0 || seq > taken[0][index - 1]));
  watching[0]![Symbol.dispose]();
  const { length } = taken[0];
  const others = taken[1].length;
  await until(() => taken[1].length > others + 5, "more pictures for the other");
  assertEquals(taken[0].length, length);
  watching[1]![Symbol.dispose]();
  await until(() => camera.renditions.running === 0, "the end of the encoder");
});

Deno.test("Renditions starts an encoder again that was killed", async () => {
  await using camera = new Camera();
  let pictures = 0;
  camera.renditions.watch(camera.rung(320), () => pictures++);
  await until(() => pictures > 3, "pictures");
  const [pid] = await encoders();
  Deno.kill(pid, "SIGKILL");
  const before = pictures;
  await until(() => pictures > before + 5, "pictures after that");
  assert(!(await encoders()).includes(pid));
});

Deno.test("Renditions ends all when the source changes its size, and has another ladder", async () => {
  await using camera = new Camera();
  const { generation } = camera.renditions;
  let pictures = 0;
  camera.renditions.watch(camera.rung(320), () => pictures++);
  await until(() => pictures > 3, "pictures");
  camera.jpegs = await ffmpegJpegs("1280x720", 2, QUALITY);
  await until(() => camera.renditions.generation > generation, "another ladder");
  assertEquals(camera.renditions.ladder()!.rungs[0].size, { width: 1280, height: 720 });
  await until(async () => (await encoders()).length === 0, "the end of the old encoder");
});

Deno.test("Renditions knows the bytes of what it has encoded", async () => {
  await using camera = new Camera();
  const ladder = camera.renditions.ladder()!;
  const index = ladder.rungs.findIndex(({ size }) => size.width === 320);
  const sizes: number[] = [];
  camera.renditions.watch(ladder.rungs[index], (_, frame) => sizes.push(frame.jpeg.length));
  await until(() => sizes.length > 30, "pictures");
  const bytes = ladder.bytes();
  const mean = sizes.reduce((a, b) => a + b) / sizes.length;
  assert(Math.abs(bytes[index] - mean) < mean / 5, `${bytes[index]} for ${mean}`);
  assert(bytes.every((size, index) => index === 0 || size <= bytes[index - 1]));
});

Deno.test("Renditions gives the processor back that it may not use, and says so once", async () => {
  let slow = 0;
  await using camera = new Camera({ budget: new LoadBudget(0.01), onSlow: () => slow++ });
  let pictures = 0;
  camera.renditions.watch(camera.rung(320), () => pictures++);
  await until(() => slow > 0 && camera.seq > 250, "pictures of a while");
  assert(pictures < camera.seq / 2, `${pictures} of ${camera.seq}`);
  assertEquals(slow, 1);
});

Deno.test("Renditions without a core makes none", async () => {
  await using camera = new Camera({ budget: new LoadBudget(0) });
  assertEquals(camera.renditions.ladder(), undefined);
});
