/**
 * Whether a camera's stream is live, and what is shown while it is not.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { noSignal } from "../jpeg/no_signal.ts";
import { PROTOCOL_VERSION, type Stream, type StreamSound } from "../protocol/control.ts";

/** What a sender whose frames are passed on says of its stream. */
export type SourceState = Pick<Stream, "live" | "reason" | "hops">;

/** The state of one stream, as viewers are told. */
export class Signal {
  #name: string;
  #stream: Stream;
  /** Since when our own capture is lost, and the size of the last picture. */
  #loss: { since: number; size: Required<Size> | undefined } | undefined;

  /** Begins live. @param name of the camera */
  constructor(name: string) {
    this.#name = name;
    this.#stream = { type: "stream", version: PROTOCOL_VERSION, name, live: true, reason: "" };
  }

  /** The state: the same object until it changes. */
  get stream(): Stream {
    return this.#stream;
  }

  /** Whether the signal is lost here, so that a picture has to say so. */
  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  /** The capture gives pictures. */
  found(): void {
    if (this.#loss !== undefined) this.follow({ live: true, reason: "" });
  }

  /** The state is that of another sender, which shows what is to be shown. */
  follow({ live, reason, hops = 0 }: SourceState): void {
    this.#loss = undefined;
    const { live: wasLive, reason: before, hops: hopsBefore = 0 } = this.#stream;
    if (live === wasLive && reason === before && hops === hopsBefore) return;
    const { hops: _, ...rest } = this.#stream;
    this.#stream = { ...rest, live, reason, ...(hops === 0 ? {} : { hops }) };
  }

  /**
   * The signal is lost here.
   *
   * @param size of the last picture, in pixels
   */
  lose(reason: string, size: Required<Size> | undefined): void {
    this.#loss ??= { since: Date.now(), size };
    this.#stream = { ...this.#stream, live: false, reason };
  }

  /** The sound is another now, or lost, or back. */
  hear(sound: StreamSound | undefined): void {
    const { sound: _, ...rest } = this.#stream;
    this.#stream = { ...rest, ...(sound === undefined ? {} : { sound }) };
  }

  /** The picture that says NO SIGNAL, as of now; undefined unless the signal is lost here. */
  lossPicture(): Bytes | undefined {
    return this.#loss && noSignal(this.#name, this.#loss.since, Date.now(), this.#loss.size);
  }
}
