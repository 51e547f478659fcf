// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import type { ReceiveEvent } from "../../lib/receive/received.ts";
import { Title } from "../../lib/receive/title.ts";

Deno.test("Title names the stream, and what is wrong with the sender before what is with the stream", () => {
  const title = new Title("10.0.0.1");
  const stream = { type: "stream", name: "door", live: true, reason: "" } as const;
  const steps: [ReceiveEvent, text: string][] = [
    [{ type: "connected", encrypted: true }, "10.0.0.1"],
    [stream, "door (10.0.0.1)"],
    [{ ...stream, live: false, reason: "unplugged" }, "door (10.0.0.1) - NOT LIVE: unplugged"],
    [{ type: "silent", reason: "no answer" }, "door (10.0.0.1) - NOT LIVE: no answer"],
    [{ type: "heard" }, "door (10.0.0.1) - NOT LIVE: unplugged"],
    [{ type: "lost", reason: "closed" }, "door (10.0.0.1) - NOT LIVE: closed. Trying again"],
    [stream, "door (10.0.0.1)"],
  ];
  for (const [event, text] of steps) {
    title.follow(event);
    assertEquals([title.text, title.isLive], [text, !text.includes("NOT LIVE")]);
  }
});
