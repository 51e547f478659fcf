// A hub, real encoders, and viewers over links of their own.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { Adaptation } from "../../lib/protocol/control.ts";
import { loopbackPair } from "../../lib/protocol/loopback.ts";
import { receiveFrom } from "../../lib/receive/receive.ts";
import { LoadBudget } from "../../lib/rendition/load_budget.ts";
import { Hub } from "../../lib/send/hub.ts";
import type { HubOptions } from "../../lib/send/hub_options.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";

const JPEGS = await ffmpegJpegs("640x480", 10, ["-q:v", "5"]);

/** A hub with a camera of 50 pictures a second, and its viewers. */
class Stage implements AsyncDisposable {
  readonly hub: Hub;
  #number = 0;
  #timer: ReturnType<typeof setInterval>;
  #stop = new AbortController();
  #ends: Promise<unknown>[] = [];

  constructor(options: HubOptions = {}) {
    this.hub = new Hub({ renditions: { budget: new LoadBudget(2) }, ...options });
    this.#timer = setInterval(() => this.show(), 20);
  }

  show(): void {
    const jpeg = JPEGS[this.#number++ % JPEGS.length];
    this.hub.publish(Frame.from(jpeg, { time: performance.now() + performance.timeOrigin }));
  }

  /** Ends the camera. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** A viewer, and what it has seen. */
  async viewer(adapt: (() => Adaptation | undefined) | undefined, allFrames = false) {
    const [here, there] = await loopbackPair();
    const seen = { widths: [] as number[], bytes: 0, seqs: [] as number[], live: [] as boolean[] };
    this.#ends.push(this.hub.serve(there, "viewer"));
    this.#ends.push(
      (async () => {
        const { signal } = this.#stop;
        for await (const { frame, live } of receiveFrom(here, { adapt, allFrames, signal })) {
          seen.widths.push(sizeOf(frame.jpeg)!.width);
          seen.seqs.push(frame.seq);
          seen.live.push(live);
          seen.bytes += frame.jpeg.length;
        }
      })().catch(() => {}),
    );
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    this.#stop.abort();
    await this.hub.close("the test has ended", 0);
    await Promise.all(this.#ends);
  }
}

Deno.test("Hub gives a viewer that adapts no more pixels than it shows, and others the source", async () => {
  await using stage = new Stage();
  const small = await stage.viewer(() => ({ width: 320, height: 320 }));
  const plain = await stage.viewer(undefined);
  const all = await stage.viewer(() => ({ width: 320 }), true);
  await until(() => small.widths.filter((width) => width === 320).length > 10, "small pictures");
  assert(small.seqs.every((seq, index) => index === 0 || seq > small.seqs[index - 1]));
  for (const seen of [plain, all]) assert(seen.widths.every((width) => width === 640));
});

Deno.test("Hub follows a viewer whose window becomes larger and smaller", async () => {
  await using stage = new Stage();
  let width = 320;
  const seen = await stage.viewer(() => ({ width }));
  await until(() => seen.widths.at(-1) === 320, "small pictures");
  width = 640;
  await until(() => seen.widths.at(-1) === 640, "the source");
  width = 160;
  await until(() => seen.widths.at(-1) === 160, "smaller pictures");
});

Deno.test("Hub sends a viewer no more bits a second than either end allows", async () => {
  const rate = 400_000;
  const cases: [HubOptions, () => Adaptation | undefined][] = [
    [{}, () => ({ rate })],
    [{ maxRate: rate }, () => ({})],
    [{ maxRate: rate }, () => undefined],
  ];
  for (const [options, adapt] of cases) {
    await using stage = new Stage(options);
    const seen = await stage.viewer(adapt);
    const since = performance.now();
    const expected = 2 * rate / 8;
    await until(() => seen.bytes >= expected, `${expected} bytes`);
    const allowed = (performance.now() - since) / 1000 * rate / 8;
    // The last picture may still be on its account.
    assert(seen.bytes <= allowed + 2 * JPEGS[0].length, `${seen.bytes} of ${allowed} bytes`);
  }
});

Deno.test("Hub shows NO SIGNAL in the size that a viewer asked for", async () => {
  await using stage = new Stage();
  const seen = await stage.viewer(() => ({ width: 320 }));
  await until(() => seen.widths.at(-1) === 320, "small pictures");
  stage.stop();
  stage.hub.lost("unplugged");
  await until(() => seen.live.at(-1) === false, "NO SIGNAL");
  await until(() => seen.live.filter((live) => !live).length > 1, "more of it");
  assertEquals(seen.widths.at(-1), 320);
});

Deno.test("Hub without renditions gives everybody the source", async () => {
  await using stage = new Stage({ renditions: { budget: new LoadBudget(0) } });
  const seen = await stage.viewer(() => ({ width: 160, prefer: "smooth" }));
  await until(() => seen.widths.length > 20, "pictures");
  assert(seen.widths.every((width) => width === 640));
});

Deno.test("Hub gives small windows the source while encoders do not keep up, and says so once", async () => {
  let slow = 0;
  const renditions = { budget: new LoadBudget(0.01), onSlow: () => slow++ };
  await using stage = new Stage({ renditions });
  const seen = [
    await stage.viewer(() => ({ width: 320 })),
    await stage.viewer(() => ({ width: 160 })),
  ];
  await until(
    () => seen.some(({ widths }) => widths.includes(320) || widths.includes(160)),
    "small pictures",
  );
  for (const { widths } of seen) {
    await until(() => widths.slice(-20).every((width) => width === 640), "the source");
  }
  assertEquals(slow, 1);
});

Deno.test("Hub never sends a viewer more pixels than it wants, also while encoders do not keep up", async () => {
  let slow = 0;
  const renditions = { budget: new LoadBudget(0.05), onSlow: () => slow++ };
  await using stage = new Stage({ renditions });
  const most = { maxWidth: 320, maxHeight: 320 };
  const seen = [
    await stage.viewer(() => ({ ...most, width: 160 })),
    await stage.viewer(() => most),
    await stage.viewer(() => ({ ...most, prefer: "sharp" })),
  ];
  const shown = await stage.viewer(() => ({ width: 200 }));
  await until(() => slow > 0 && shown.widths.at(-1) === 640, "slow encoders");
  for (const { widths } of seen) {
    const { length } = widths;
    await until(() => widths.length > length + 5, "more pictures");
    assert(widths.every((width) => width <= 320), `${widths}`);
  }
});
