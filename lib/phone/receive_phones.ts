/**
 * The frames of whichever phone is the camera.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Connection } from "../protocol/connection.ts";
import { receiveFrom } from "../receive/receive.ts";
import type { PhoneDoor } from "./phone_door.ts";

/** Options of {@linkcode receivePhones}. */
export interface ReceivePhonesOptions {
  /** Called with every frame, its time on this machine's clock; it belongs to the callee. */
  onFrame: (frame: Frame) => void;
  /** Called when there are no pictures any more, with the reason as a sentence. */
  onLost: (reason: string) => void;
  /** The largest picture accepted, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Receives from one phone after another until `signal` is aborted. A phone speaks as senders do:
 * its page is the sender of a connection, and this is the viewer.
 */
export async function receivePhones(door: PhoneDoor, options: ReceivePhonesOptions): Promise<void> {
  const { onLost, signal } = options;
  for (let phone; (phone = await door.next(signal)) !== undefined;) {
    try {
      await receiveOne(phone.connection, options);
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
    }
    phone.leave();
    if (!door.hasReplaced(phone) && !signal.aborted) onLost("The phone has gone");
  }
}

async function receiveOne(
  connection: Connection,
  { onFrame, onLost, maxPixels, signal }: ReceivePhonesOptions,
): Promise<void> {
  const received = receiveFrom(connection, {
    signal,
    maxPixels,
    onEvent: (event) => {
      if (event.type === "stream" && !event.live) onLost(`The phone says: ${event.reason}`);
      if (event.type === "silent") onLost("The phone does not answer");
    },
  });
  for await (const { frame, live, capturedAt } of received) {
    if (!live) continue;
    frame.time = capturedAt ?? now();
    onFrame(frame.retain());
  }
}
