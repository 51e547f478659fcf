// Where the own picture of a call is, and how large.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { FAR_PLACE } from "../../lib/call/far_end.ts";
import { cornerOf } from "../../lib/call/own_picture.ts";

const size = (width: number, height: number) => ({ width, height });

Deno.test("the own picture keeps its shape, in a corner of the far one", () => {
  for (const far of [size(1280, 720), size(640, 480), size(720, 1280), size(3840, 2160)]) {
    for (const own of [size(1280, 720), size(640, 480), size(480, 640), size(320, 240)]) {
      const { left, top, small } = cornerOf(far, own);
      const { width, height } = small!;
      assert(Math.abs(width / height - own.width / own.height) < 0.02, `${width}x${height}`);
      assert(left > FAR_PLACE.left && left + width < FAR_PLACE.left + far.width * 0.4);
      assert(top > FAR_PLACE.top && top + height < FAR_PLACE.top + far.height * 0.6);
      assert(width <= 384);
    }
  }
});

Deno.test("the own picture can be seen beside a tiny far one, or one of unknown size", () => {
  assertEquals(cornerOf(size(160, 120), size(640, 480)).small, size(128, 96));
  assertEquals(cornerOf(undefined, size(640, 480)).small, size(128, 96));
  assertEquals(cornerOf(size(1280, 720), size(640, 0)).small, size(256, 192));
  assertEquals(cornerOf(size(1280, 720), undefined).small, size(256, 192));
});
