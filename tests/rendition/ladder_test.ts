// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ladderOf } from "../../lib/rendition/ladder.ts";

const HD = { size: { width: 1280, height: 720 }, qscale: 5 };

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("ladderOf() begins with the source and goes down in steps of about 0.6", () => {
  const ladder = ladderOf(HD);
  assertEquals(ladder[0], { size: HD.size, qscale: undefined, share: 1 });
  for (const [index, { share }] of ladder.entries()) {
    if (index === 0) continue;
    const ratio = share / ladder[index - 1].share;
    assert(ratio >= 0.3 && ratio <= 0.8, `rung ${index} has ${ratio} of the one above`);
  }
});

test("ladderOf() reaches 250 kbit/s at 15 pictures a second, for any camera", () => {
  const cameras = [[640, 480, 5, 22], [1280, 720, 5, 75], [1920, 1080, 7, 120], [
    3840,
    2160,
    5,
    280,
  ]];
  for (const [width, height, qscale, kilobytes] of cameras) {
    const last = ladderOf({ size: { width, height }, qscale }).at(-1)!;
    assert(last.share * kilobytes * 8 * 15 <= 250, `${width}x${height}`);
  }
});

test("ladderOf() keeps sizes even, wide enough, and in the shape of the source", () => {
  for (const size of [{ width: 641, height: 479 }, { width: 720, height: 1280 }, HD.size]) {
    for (const { size: { width, height } } of ladderOf({ size, qscale: 5 })) {
      if (width < size.width) assertEquals([width % 2, height % 2], [0, 0]);
      assert(width >= 160);
      assert(Math.abs(width / height - size.width / size.height) < 0.02 * size.width / size.height);
    }
  }
});

test("ladderOf() does not encode a coarse source finely again", () => {
  for (const { size, qscale } of ladderOf({ ...HD, qscale: 20 })) {
    if (qscale !== undefined) assert(qscale >= 20 * size.width / HD.size.width - 1);
  }
});

test("ladderOf() stays within a size, and is the source where that fits", () => {
  assertEquals(ladderOf(HD, { width: 1280, height: 2000 }), ladderOf(HD));
  const small = ladderOf(HD, { width: 320, height: 320 });
  assertEquals(small[0], { size: { width: 320, height: 180 }, qscale: 5, share: 1 / 16 });
  assert(small.length > 3);
  assertEquals(ladderOf(HD, { height: 360 })[0].size, { width: 640, height: 360 });
  const tiny = ladderOf(HD, { width: 1 });
  assertEquals(tiny.length > 0 && tiny[0].size, { width: 2, height: 2 });
});

test("ladderOf() of a tiny source is the source, and perhaps a coarser one", () => {
  const ladder = ladderOf({ size: { width: 64, height: 48 }, qscale: 3 });
  assert(ladder.every(({ size }) => size.width === 64));
});
