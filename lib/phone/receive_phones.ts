/**
 * The frames of whichever phone is the camera.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Connection } from "../protocol/connection.ts";
import type { ReceivedSound } from "../receive/received.ts";
import { receiveFrom } from "../receive/receive.ts";
import { SoundPacket } from "../sound/sound_packet.ts";
import type { PhoneDoor } from "./phone_door.ts";

/** Options of {@linkcode receivePhones}. */
export interface ReceivePhonesOptions {
  /** Called with every frame, its time on this machine's clock; it belongs to the callee. */
  onFrame: (frame: Frame) => void;
  /** Called with every packet of sound, its time on this machine's clock. @default no sound */
  onSound?: ((packet: SoundPacket) => void) | undefined;
  /** Called when there is no sound any more, with the reason as a sentence. */
  onSilence?: ((reason: string) => void) | undefined;
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
  { onFrame, onSound, onSilence, onLost, maxPixels, signal }: ReceivePhonesOptions,
): Promise<void> {
  const received = receiveFrom(connection, {
    signal,
    maxPixels,
    ...(onSound && {
      onSound: ({ packet, capturedAt }: ReceivedSound) => {
        if (capturedAt !== undefined) onSound(new SoundPacket({ ...packet, time: capturedAt }));
      },
    }),
    onEvent: (event) => {
      if (event.type === "stream" && event.sound?.live === false) {
        onSilence?.(`The phone says: ${event.sound.reason}`);
      }
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
