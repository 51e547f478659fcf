// Pictures of another size over HTTP, made by real encoders.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { wantedOf } from "../../lib/http/wanted_picture.ts";
import { serveHttp } from "../../lib/http/server.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { splitJpegs } from "../../lib/jpeg/split_jpegs.ts";
import { qscaleOf } from "../../lib/rendition/quality.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { LoadBudget } from "../../lib/rendition/load_budget.ts";
import { Hub } from "../../lib/send/hub.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";

Deno.test({
  name: "wantedOf() reads a size, a quality and rates, and says what makes no sense",
  permissions: "none",
  fn() {
    const cases: [string, ReturnType<typeof wantedOf>][] = [
      ["camera=door", undefined],
      ["width=640&height=480", { width: 640, height: 480 }],
      ["quality=100&fps=0.5", { qscale: 2, fps: 0.5 }],
      ["max_rate=500k", { rate: 500_000 }],
      ["width=", "Cannot use width: it must be a whole number from 16 to 8192"],
      ["width=1e3", { width: 1000 }],
      ["width=640.5", "Cannot use width: it must be a whole number from 16 to 8192"],
      ["height=9000", "Cannot use height: it must be a whole number from 16 to 8192"],
      ["quality=0", "Cannot use quality: it must be a whole number from 1 to 100"],
      ["fps=NaN", "Cannot use fps: it must be a number from 0.1 to 240"],
      [
        "max_rate=fast",
        'Cannot use max_rate: it must be a rate in bits per second such as 500k or 2M, received "fast"',
      ],
    ];
    for (const [query, wanted] of cases) {
      assertEquals(wantedOf(new URLSearchParams(query)), wanted, query);
    }
  },
});

Deno.test("stream and snapshot come in the size, quality and rate that the URL asks for", async () => {
  const jpegs = await ffmpegJpegs("640x480", 10, ["-q:v", "3"]);
  const hub = new Hub({ renditions: { budget: new LoadBudget(2) } });
  let number = 0;
  const timer = setInterval(() => {
    const time = performance.timeOrigin + performance.now();
    hub.publish(Frame.from(jpegs[number++ % jpegs.length], { time }));
  }, 20);
  const stop = new AbortController();
  const { address, finished } = serveHttp(new CameraRouter([hub]), {
    address: { hostname: "127.0.0.1", port: 0 },
    secrets: undefined,
    names: [],
    signal: stop.signal,
  });
  const url = (path: string) => `http://127.0.0.1:${address.port}${path}`;
  /** Some pictures of a stream. */
  const pictures = async (query: string, count: number) => {
    const leaving = new AbortController();
    const { body } = await fetch(url(`/stream.mjpg?${query}`), { signal: leaving.signal });
    const frames: Frame[] = [];
    for await (const frame of splitJpegs(body!)) if (frames.push(frame) === count) break;
    leaving.abort();
    return frames;
  };
  try {
    const small = await fetch(url("/snapshot.jpg?width=320"));
    assertEquals(sizeOf(new Uint8Array(await small.arrayBuffer())), { width: 320, height: 240 });
    const coarse = await pictures("width=160&quality=20", 5);
    for (const { jpeg } of coarse) {
      assertEquals(sizeOf(jpeg), { width: 160, height: 120 });
      assert(qscaleOf(jpeg)! > 15);
    }
    const since = performance.now();
    await pictures("fps=5", 6);
    assert(performance.now() - since > 600);
    // What a rung takes is estimated first, then measured.
    const [first, ...slow] = (await pictures("max_rate=300k&fps=10", 50)).slice(20);
    const bytes = slow.reduce((sum, { jpeg }) => sum + jpeg.length, 0);
    const seconds = (slow.at(-1)!.time - first.time) / 1000;
    assert(bytes * 8 < 400_000 * seconds, `${bytes} bytes in ${seconds} s`);
    const wrong = await fetch(url("/snapshot.jpg?quality=many"));
    assertEquals(wrong.status, 400);
    assertEquals(
      (await wrong.text()).trim(),
      "Cannot use quality: it must be a whole number from 1 to 100",
    );
  } finally {
    clearInterval(timer);
    await hub.close("the test has ended", 0);
    stop.abort();
    await finished;
  }
});
