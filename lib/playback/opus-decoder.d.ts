// Types of what camcat uses of npm `opus-decoder` 0.7.1, whose own are not found from ES modules.

/** libopus in WebAssembly, with memory of its own. */
export class OpusDecoder {
  constructor(options: { channels: 1 | 2 });
  /** Resolves when it can decode. */
  ready: Promise<void>;
  /** Decodes a packet to samples at 48 kHz for each channel. */
  decodeFrame(packet: Uint8Array): { channelData: Float32Array[]; errors: unknown[] };
}
