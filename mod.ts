/**
 * camcat as a library: send JPEGs to any number of viewers, and receive them live.
 *
 * {@linkcode send} and {@linkcode receive} are all that most programs need. A {@linkcode Hub} serves
 * viewers of your own. The low levels are modules of their own: `@camcat/camcat/jpeg` cuts bytes into
 * frames, and `@camcat/camcat/protocol` reads and writes messages.
 *
 * @example Sending what ffmpeg captures
 * ```ts
 * import { formatAddress, send, splitJpegs } from "@camcat/camcat";
 *
 * // Of a camera: -f v4l2 -input_format mjpeg -i /dev/video0 -c copy -f mjpeg -
 * await using ffmpeg = new Deno.Command("ffmpeg", {
 *   args: ["-f", "lavfi", "-i", "testsrc2=duration=0.2", "-f", "mjpeg", "-"],
 *   stdout: "piped",
 *   stderr: "null",
 * }).spawn();
 * await using sender = await send(splitJpegs(ffmpeg.stdout), {
 *   listen: { hostname: "127.0.0.1", port: 0 }, // any free port; every interface is "::"
 * });
 * console.log(`receiver ${formatAddress(sender.address)}`);
 * await sender.done;
 * ```
 *
 * @module
 */

export {
  type Address,
  DEFAULT_PORT,
  EVERY_INTERFACE,
  formatAddress,
  parseAddress,
  parseListenAddress,
} from "./lib/protocol/address.ts";
export {
  CamcatError,
  KeyError,
  type KeyProblem,
  ProtocolError,
  UsageError,
} from "./lib/base/errors.ts";
export type { Size } from "./lib/base/size.ts";
export { Histogram, Quantiles } from "./lib/base/stats.ts";
export { type Bytes, Frame } from "./lib/jpeg/frame.ts";
export { type ByteReader, splitJpegs } from "./lib/jpeg/split_jpegs.ts";
export type { JpegSplitter } from "./lib/jpeg/splitter.ts";
export type { Connection } from "./lib/protocol/connection.ts";
export type { Adaptation, Stream, StreamSound } from "./lib/protocol/control.ts";
export * from "./lib/receive/receive.ts";
export type { Rung } from "./lib/rendition/ladder.ts";
export { LoadBudget } from "./lib/rendition/load_budget.ts";
export type { Item, Take, Watching } from "./lib/rendition/rendition.ts";
export { type Ladder, Renditions, type RenditionsOptions } from "./lib/rendition/renditions.ts";
export { Key } from "./lib/security/key.ts";
export { parsePeer, type Peer } from "./lib/security/peer.ts";
export { EncodedFrame } from "./lib/send/encoded_frame.ts";
export type { FrameSink } from "./lib/send/frame_sink.ts";
export { Hub } from "./lib/send/hub.ts";
export type { HubOptions, HubTotals } from "./lib/send/hub_options.ts";
export * from "./lib/send/send.ts";
export type { SourceState } from "./lib/send/signal.ts";
export type { Listener, SoundChannel } from "./lib/send/sound_channel.ts";
export type { Channels } from "./lib/sound/opus_output.ts";
