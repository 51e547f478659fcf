// Captures that come and go, without a camera or real time.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BusyError, CamcatError } from "../../lib/base/errors.ts";
import { supervise, type SuperviseOptions } from "../../lib/send/supervisor.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { Hub } from "../../lib/send/hub.ts";
import { jpeg } from "../support/jpegs.ts";
import { timeTest } from "../support/time.ts";
import { connect, Peer } from "../support/wire.ts";

/** A camera in the hands of a test. */
class Camera {
  /** How often it was opened. */
  opened = 0;
  /** Whether it is open now. */
  isOpen = false;
  #change = Promise.withResolvers<void>();
  #next: (Frame | Error | "end")[] = [];

  /** What happens next: a frame comes, the capture fails, or comes to its end. */
  give(what: "frame" | "end" | Error): void {
    this.#next.push(what === "frame" ? Frame.from(jpeg(), { time: 0 }) : what);
    this.#change.resolve();
  }

  open = async function* (this: Camera, signal: AbortSignal): AsyncGenerator<Frame> {
    this.opened++;
    this.isOpen = true;
    signal.addEventListener("abort", () => this.#change.resolve(), { once: true });
    try {
      while (!signal.aborted) {
        const next = this.#next.shift();
        if (next === "end") return;
        if (next instanceof Error) throw next;
        if (next !== undefined) yield next;
        else {
          await this.#change.promise;
          this.#change = Promise.withResolvers();
        }
      }
    } finally {
      this.isOpen = false;
    }
  }.bind(this);
}

/** A hub that is fed from a camera. */
class Stage {
  readonly hub = new Hub();
  readonly camera = new Camera();
  readonly states: string[] = [];
  readonly feeding: Promise<void>;
  #stop = new AbortController();

  constructor(options: Partial<SuperviseOptions> = {}) {
    this.feeding = supervise(this.hub, {
      open: this.camera.open,
      signal: this.#stop.signal,
      onState: (state, error) => this.states.push(error ? `${state}: ${error.message}` : state),
      ...options,
    });
    this.feeding.catch(() => {}); // is awaited later
  }

  join(): Peer {
    const [here, there] = connect();
    this.hub.serve(there, "peer");
    return new Peer(here);
  }

  /** The states since the last time. */
  told(): string[] {
    return this.states.splice(0);
  }

  async clear(): Promise<void> {
    this.#stop.abort();
    await this.feeding;
    await this.hub.close("the test is over");
    assert(!this.camera.isOpen);
  }
}

const UNPLUGGED = new CamcatError("unplugged");

timeTest("supervise() publishes frames until the capture ends", async (time) => {
  const stage = new Stage();
  await time.settle();
  assertEquals(stage.told(), ["starting"]);
  for (const what of ["frame", "frame", "frame", "end"] as const) stage.camera.give(what);
  await stage.feeding;
  assertEquals(stage.told(), ["live", "ended"]);
  assertEquals(stage.hub.totals.frames, 3);
  await stage.clear();
});

timeTest("supervise() restarts a lost capture, and viewers stay", async (time) => {
  const stage = new Stage();
  const viewer = stage.join();
  await viewer.say({ type: "hello", version: 1 });
  assertEquals((await viewer.hearControl("stream")).live, true);
  stage.camera.give("frame");
  await time.settle();
  stage.camera.give(UNPLUGGED);
  await time.settle();
  assertEquals(stage.told(), ["starting", "live", "lost: unplugged"]);
  const { seq } = await viewer.hearControl("frame");
  await viewer.hearFrame();
  await viewer.say({ type: "ack", seq });
  assertEquals((await viewer.hearControl("stream")).reason, "unplugged");
  await time.pass(300);
  assertEquals(stage.told(), ["starting"]);
  stage.camera.give("frame");
  await time.settle();
  assertEquals(stage.told(), ["live"]);
  assertEquals([stage.camera.opened, stage.hub.viewers], [2, 1]);
  await stage.clear();
});

timeTest(
  "supervise() retries with growing delays, and starts over after a success",
  async (time) => {
    const stage = new Stage();
    stage.camera.give("frame");
    const failing = async (ms: number) => {
      const before = stage.camera.opened;
      for (let passed = 0; passed < ms; passed += 50) {
        if (stage.camera.isOpen) stage.camera.give(UNPLUGGED);
        await time.pass(50);
      }
      return stage.camera.opened - before;
    };
    const first = await failing(60_000);
    // Five to come to 5 s, then one every 5 s or so.
    assert(first >= 12 && first <= 24, `${first} times in a minute`);
    assertEquals(stage.hub.totals.frames, 1);
    await time.pass(7000);
    stage.camera.give("frame");
    await time.settle();
    const again = await failing(1000);
    assert(again >= 2, `${again} times in the first second`);
    await stage.clear();
  },
);

timeTest("supervise() throws if the first capture gives no frame", async () => {
  const stage = new Stage();
  stage.camera.give(UNPLUGGED);
  await assertRejects(() => stage.feeding, CamcatError, "unplugged");
  await stage.hub.close("");
});

timeTest(
  "supervise() waits for a camera that another program uses, also at the start",
  async (time) => {
    const stage = new Stage();
    stage.camera.give(new BusyError("busy"));
    await time.pass(300);
    stage.camera.give("frame");
    await time.settle();
    assertEquals(stage.told(), ["starting", "lost: busy", "starting", "live"]);
    await stage.clear();
  },
);

timeTest("supervise() waits after a loss with its pause option", async (time) => {
  const back = Promise.withResolvers<void>();
  const pauses: number[] = [];
  const pause = (ms: number) => (pauses.push(ms), back.promise);
  const stage = new Stage({ pause });
  for (const what of ["frame", UNPLUGGED, "frame"] as const) stage.camera.give(what);
  await time.pass(60_000);
  assertEquals(stage.told(), ["starting", "live", "lost: unplugged"]);
  back.resolve();
  await time.settle();
  assertEquals(stage.told(), ["starting", "live"]);
  assertEquals(pauses.length, 1);
  await stage.clear();
});

timeTest("supervise() throws errors that are bugs", async () => {
  const stage = new Stage();
  stage.camera.give("frame");
  stage.camera.give(new TypeError("a bug"));
  await assertRejects(() => stage.feeding, TypeError, "a bug");
  await stage.hub.close("");
});

timeTest("supervise() ends when it is aborted, whatever it does", async (time) => {
  const situations: ((stage: Stage) => unknown)[] = [
    () => {},
    (stage) => stage.camera.give("frame"),
    (stage) => {
      stage.camera.give("frame");
      stage.camera.give(UNPLUGGED); // and now it waits
    },
  ];
  for (const onDemand of [false, true]) {
    for (const situation of situations) {
      const stage = new Stage({ onDemand });
      situation(stage);
      await time.settle();
      await stage.clear();
    }
  }
});

timeTest(
  "supervise() captures on demand only while there are viewers, and a little longer",
  async (time) => {
    const stage = new Stage({ onDemand: true });
    await time.settle();
    assertEquals([stage.told(), stage.camera.opened], [["idle"], 0]);
    const first = stage.join();
    await time.settle();
    stage.camera.give("frame");
    await time.settle();
    assertEquals(stage.told(), ["starting", "live"]);

    // A short absence changes nothing.
    first.close();
    await time.pass(3000);
    const second = stage.join();
    await time.pass(60_000);
    assertEquals([stage.told(), stage.camera.opened, stage.camera.isOpen], [[], 1, true]);

    second.close();
    await time.pass(4000);
    assert(stage.camera.isOpen);
    await time.pass(3000);
    assertEquals([stage.told(), stage.camera.isOpen], [["idle"], false]);

    // The next viewer sees no old picture.
    const third = stage.join();
    await third.say({ type: "hello", version: 1 });
    await third.hearControl("stream");
    await time.settle();
    assertEquals([stage.told(), stage.camera.opened], [["starting"], 2]);
    let heard = false;
    const hearing = third.hearControl("frame").then(() => heard = true);
    await time.pass(1000);
    assertEquals(heard, false);
    stage.camera.give("frame");
    await hearing;
    await stage.clear();
  },
);

timeTest("supervise() on demand lingers for lingerMs", async (time) => {
  for (const lingerMs of [0, 30_000]) {
    const stage = new Stage({ onDemand: true, lingerMs });
    const viewer = stage.join();
    await time.settle();
    stage.camera.give("frame");
    await time.settle();
    viewer.close();
    await time.pass(lingerMs - 100);
    assert(stage.camera.isOpen);
    await time.pass(700);
    assert(!stage.camera.isOpen);
    await stage.clear();
  }
});

timeTest("supervise() on demand continues if the camera cannot be opened", async (time) => {
  const stage = new Stage({ onDemand: true });
  const viewer = stage.join();
  await viewer.say({ type: "hello", version: 1 });
  await viewer.hearControl("stream");
  stage.camera.give(UNPLUGGED);
  assertEquals((await viewer.hearControl("stream")).reason, "unplugged");
  await time.pass(300);
  stage.camera.give("frame");
  await time.settle();
  assertEquals(stage.told(), ["idle", "starting", "lost: unplugged", "starting", "live"]);
  await stage.clear();
});
