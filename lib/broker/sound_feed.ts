/**
 * A listener of a camera's sound that passes it on to a broker.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { CamcatError } from "../base/errors.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { SoundQueue } from "../pacing/sound_queue.ts";
import type { Listener, SoundChannel } from "../send/sound_channel.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import { MAX_SOUND_BODY_BYTES } from "./message.ts";

/** Messages that the broker has not acknowledged: on a path of up to 80 ms no packet waits. */
const MAX_UNDER_WAY = 8;

/**
 * Publishes each packet at once. While too many messages are under way, packets wait and leave
 * together; what has waited for 200 ms is dropped.
 */
export class SoundFeed implements Listener {
  #channel: SoundChannel;
  #publish: (body: Bytes) => Promise<unknown>;
  #queue = new SoundQueue(false);
  #underWay = 0;

  /**
   * Does nothing until {@linkcode SoundFeed.isOn} is set.
   *
   * @param publish publishes the body of a message; resolves when the broker has taken it
   */
  constructor(channel: SoundChannel, publish: (body: Bytes) => Promise<unknown>) {
    this.#channel = channel;
    this.#publish = publish;
  }

  /** Listens, or ceases to. */
  set isOn(isOn: boolean) {
    if (isOn) this.#channel.add(this);
    else this.#channel.remove(this);
  }

  hear(_packet: SoundPacket, encoded: Bytes): void {
    this.#queue.put(encoded, now(), 0);
    this.#pump();
  }

  #pump(): void {
    if (this.#underWay >= MAX_UNDER_WAY) return;
    const body = this.#queue.take(now(), Infinity);
    this.#channel.dropped += this.#queue.dropped;
    this.#queue.dropped = 0;
    if (body === undefined || body.length > MAX_SOUND_BODY_BYTES) return;
    this.#send(body);
  }

  async #send(body: Bytes): Promise<void> {
    this.#underWay++;
    try {
      await this.#publish(body);
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error; // else the broker is gone for now
    }
    this.#underWay--;
    this.#pump();
  }
}
