/**
 * A bound on the small messages that a sender makes this receiver handle.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import type { Control } from "../protocol/control.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** Messages that may come in a second, and at once. A sender needs two or three a second. */
const CONTROL = { perSecond: 100, atOnce: 400 };
/** A description of the stream costs this much: windows, hooks and the console follow it. */
const STREAM_TOKENS = 10;
/** Packets of sound. The shortest plays 2.5 ms; many come at once after a standstill. */
const SOUND = { perSecond: 400, atOnce: 4000 };

/** Counts control messages, apart from those that belong to a frame, and packets of sound. */
export class MessageBudget {
  #control = CONTROL.atOnce;
  #sound = SOUND.atOnce;

  /** Lets time pass, in milliseconds. */
  pass(ms: number): void {
    this.#control = Math.min(CONTROL.atOnce, this.#control + CONTROL.perSecond * ms / 1000);
    this.#sound = Math.min(SOUND.atOnce, this.#sound + SOUND.perSecond * ms / 1000);
  }

  /** Counts a message. @throws {ProtocolError} if there were too many */
  spend({ type }: Control | SoundPacket): void {
    if (type === "sound") this.#sound--;
    else this.#control -= type === "stream" ? STREAM_TOKENS : 1;
    if (this.#sound >= 0 && this.#control >= 0) return;
    throw new ProtocolError(
      `Cannot take more than ${CONTROL.perSecond} control messages a second, ${
        CONTROL.perSecond / STREAM_TOKENS
      } descriptions of the stream, or ${SOUND.perSecond} packets of sound`,
    );
  }
}
