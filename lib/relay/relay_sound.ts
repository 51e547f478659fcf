/**
 * The sound of a camera that is relayed.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import type { StreamSound } from "../protocol/control.ts";
import type { SoundChannel } from "../send/sound_channel.ts";
import { SoundPacket } from "../sound/sound_packet.ts";

/** How often to look whether somebody listens. */
const CHECK_MS = 250;
/** How long the source is asked for sound after the last listener, unless told otherwise. */
const LINGER_MS = 5000;

/**
 * Passes sound on, and says when to ask the source for it: only while somebody listens here, so that
 * its microphone is open only then.
 */
export class RelaySound {
  #channel: SoundChannel;
  #lingerMs: number;
  /** Whether the source has sound; undefined until it says so. */
  #exists: boolean | undefined;

  /**
   * @param channel of the hub
   * @param lingerMs how long the source is asked for sound after the last listener has left
   */
  constructor(channel: SoundChannel, lingerMs = LINGER_MS) {
    this.#channel = channel;
    this.#lingerMs = lingerMs;
  }

  /** Whether the source should be asked for sound. */
  get isWanted(): boolean {
    return this.#exists !== false && this.#channel.viewers > 0;
  }

  /** Resolves when {@linkcode RelaySound.isWanted} has not been `before` any more for a while. */
  async changed(before: boolean, signal: AbortSignal): Promise<void> {
    for (let changedMs = 0; !signal.aborted; await wait(CHECK_MS, signal)) {
      if (this.isWanted === before) changedMs = 0;
      else if (!before || (changedMs += CHECK_MS) >= this.#lingerMs) return;
    }
  }

  /** Takes what the source says of its sound. */
  follow(sound: StreamSound | undefined): void {
    this.#exists = sound !== undefined;
    const { state } = this.#channel;
    if (sound === undefined) {
      if (state !== undefined) this.#channel.lost("The camera has no sound any more");
      return;
    }
    const channels = sound.channels === 2 ? 2 : 1;
    if (state?.channels !== channels) this.#channel.announce(channels);
    if (sound.live && state?.live) return;
    if (sound.reason === "") this.#channel.forget(); // or live: the first packet tells
    else this.#channel.lost(sound.reason);
  }

  /** Passes a packet on. @param time on the clock of this machine */
  pass({ seq, data, level }: SoundPacket, time: number): void {
    this.#channel.publish(new SoundPacket({ seq, data, level, time }));
  }

  /** The source is gone. */
  lost(reason: string): void {
    if (this.#exists) this.#channel.lost(reason);
  }
}
