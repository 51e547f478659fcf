/**
 * The library's sender, with times that say when the splitter gave a frame out:
 *
 *     stamper.ts CLIP
 *
 * @module
 */

import { Capture } from "../../lib/capture/capture.ts";
import { now } from "../../lib/base/clock.ts";
import type { Frame } from "../../lib/jpeg/frame.ts";
import { send } from "../../lib/send/send.ts";
import { parseSource } from "../../lib/capture/source.ts";

async function* stamped(): AsyncGenerator<Frame, void, void> {
  const { signal } = new AbortController();
  for await (const frame of new Capture(parseSource(Deno.args[0])).frames({ signal, loop: true })) {
    frame.time = now();
    yield frame;
  }
}

const sender = await send(stamped(), { listen: { hostname: "127.0.0.1", port: 0 } });
console.log(JSON.stringify({ event: "listening", port: sender.address.port }));
await sender.done;
