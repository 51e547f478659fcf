/**
 * The sound of one camera, given to the viewers that listen.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { encodeSound } from "../protocol/codec.ts";
import type { StreamSound } from "../protocol/control.ts";
import type { Channels } from "../sound/opus_output.ts";
import { SILENCE, type SoundPacket } from "../sound/sound_packet.ts";

/** Packets are counted in 32 bits. */
const SEQ_END = 2 ** 32;

/** A viewer that listens. */
export interface Listener {
  /**
   * Takes the next packet.
   *
   * @param encoded the same as a message, which all viewers share
   */
  hear(packet: SoundPacket, encoded: Bytes): void;
}

/** Gives every packet to all that listen. */
export class SoundChannel {
  /** Packets published. */
  packets = 0;
  /** Packets that a viewer was not sent because they came too late, counted once per viewer. */
  dropped = 0;

  #onChange: (state: StreamSound | undefined) => void;
  #channels: Channels | undefined;
  #isLive = false;
  #reason = "";
  #level = SILENCE;
  #listeners = new Set<Listener>();
  #onWatched: (() => void) | undefined;

  /** Makes one without sound. @param onChange called when {@linkcode SoundChannel.state} has changed */
  constructor(onChange: (state: StreamSound | undefined) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** Says that the camera has sound, of so many channels. */
  announce(channels: Channels): void {
    this.#channels = channels;
    this.#onChange(this.state);
  }

  /** What viewers are told; undefined if the camera has no sound. */
  get state(): StreamSound | undefined {
    if (this.#channels === undefined) return undefined;
    return { channels: this.#channels, live: this.#isLive, reason: this.#reason };
  }

  /** How loud it is now, in decibels below the loudest possible: 0 to 127, which is silence. */
  get level(): number {
    return this.#isLive ? this.#level : SILENCE;
  }

  /** The number of viewers that listen. */
  get viewers(): number {
    return this.#listeners.size;
  }

  /** Adds a viewer that listens. */
  add(listener: Listener): void {
    this.#listeners.add(listener);
    this.#onWatched?.();
  }

  /** Removes it. */
  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Resolves when somebody listens, or `signal` is aborted. */
  async watched(signal: AbortSignal): Promise<void> {
    if (this.viewers > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onWatched = resolve;
    using _ = onAbort(signal, resolve);
    await promise;
  }

  /** Gives a packet to all that listen, and numbers it. */
  publish(packet: SoundPacket): void {
    packet.seq = this.packets++ % SEQ_END;
    this.#level = packet.level;
    this.#change(true, "");
    if (this.#listeners.size === 0) return;
    const encoded = encodeSound(packet);
    for (const listener of this.#listeners) listener.hear(packet, encoded);
  }

  /** Reports that the sound is lost, until the next packet. */
  lost(reason: string): void {
    this.#change(false, reason);
  }

  /** Reports that nothing is recorded, because nobody listens or the source has ended. */
  forget(): void {
    this.#change(false, "");
  }

  #change(isLive: boolean, reason: string): void {
    if (this.#isLive === isLive && this.#reason === reason) return;
    this.#isLive = isLive;
    this.#reason = reason;
    this.#onChange(this.state);
  }
}
