// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { LatestSlot } from "../../lib/jpeg/latest_slot.ts";

/** A frame that counts its holders. */
class Counted extends Frame {
  holders = 1;

  constructor() {
    super(new Uint8Array(4), 0, 4, { time: 0 });
  }

  override retain(): this {
    this.holders++;
    return super.retain();
  }

  override release(): void {
    this.holders--;
    super.release();
  }
}

Deno.test({
  name: "LatestSlot holds the newest frame until it is taken, and releases the others",
  permissions: "none",
  fn() {
    const slot = new LatestSlot<{ frame: Counted }>();
    const [first, second, third] = [new Counted(), new Counted(), new Counted()];
    assertEquals(slot.put({ frame: first }), false);
    assertEquals(slot.put({ frame: second }), true);
    assertEquals([first.holders, second.holders], [1, 2]);
    assertEquals(slot.item?.frame, second);
    assertEquals(slot.take()?.frame, second);
    assertEquals(second.holders, 2); // whoever took it holds it now
    assertEquals(slot.take(), undefined);
    slot.put({ frame: third });
    assertEquals([slot.clear(), slot.clear(), third.holders], [true, false, 1]);
  },
});

Deno.test({
  name: "LatestSlot keeps a frame that is put in again",
  permissions: "none",
  fn() {
    const slot = new LatestSlot<{ frame: Counted }>();
    const frame = new Counted();
    slot.put({ frame });
    slot.put({ frame });
    assertEquals(frame.holders, 2);
  },
});
