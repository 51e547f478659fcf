/**
 * Decoding Opus in this process, by libopus in WebAssembly.
 *
 * @module
 */

import { CHANNELS, FRAMES_PER_MS, type Pcm, silence } from "./pcm.ts";
import { isWholeOpus } from "./opus_frames.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** Decodes packets one after another. */
export class OpusDecoder {
  /** Whether it cannot decode any more: a packet has found a bug in it. */
  isBroken = false;

  #decode: (packet: Uint8Array) => Float32Array[];

  private constructor(decode: (packet: Uint8Array) => Float32Array[]) {
    this.#decode = decode;
  }

  /** Loads the decoder, which takes some 15 ms. */
  static async load(): Promise<OpusDecoder> {
    const { Libopus } = await import("./libopus.ts");
    const libopus = new Libopus({ channels: CHANNELS });
    await libopus.ready;
    return new OpusDecoder((packet) => libopus.decodeFrame(packet).channelData);
  }

  /** Decodes a packet; one that is damaged gives silence of its length. */
  decode({ data, durationMs }: SoundPacket): Pcm {
    const pcm = silence(durationMs * FRAMES_PER_MS);
    if (!isWholeOpus(data)) return pcm; // libopus would write to standard error
    const [left, right] = this.#tryDecode(data);
    for (let index = 0; index < Math.min(left.length, pcm.length / CHANNELS); index++) {
      pcm[CHANNELS * index] = left[index];
      pcm[CHANNELS * index + 1] = right[index];
    }
    return pcm;
  }

  #tryDecode(data: Uint8Array): Float32Array[] {
    try {
      return this.#decode(data);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      this.isBroken = true; // its memory may hold anything, but is all that it can reach
      return [new Float32Array(), new Float32Array()];
    }
  }
}
