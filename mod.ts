/**
 * camcat, netcat for cameras, as a library: cut a stream of JPEGs into frames,
 * send them to any number of viewers, receive the picture of now.
 *
 * The programs are `sender.ts` and `receiver.ts`; `docs/architecture.md` tells
 * how the parts fit, `docs/protocol.md` what goes over the wire.
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
export { parsePeer, type Peer } from "./lib/security/peer.ts";
export * from "./lib/protocol/codec.ts";
export type { Connection } from "./lib/protocol/connection.ts";
export {
  type Ack,
  type Bye,
  type Cameras,
  type Control,
  type FrameInfo,
  type Hello,
  type List,
  MAX_CONTROL_BYTES,
  parseControl,
  type Ping,
  type Pong,
  PROTOCOL_VERSION,
  type Secure,
  type Stream,
} from "./lib/protocol/control.ts";
export {
  CamcatError,
  KeyError,
  type KeyProblem,
  ProtocolError,
  UsageError,
} from "./lib/base/errors.ts";
export { type Bytes, Frame, FramePool, HEADROOM, MAX_FRAME_BYTES } from "./lib/jpeg/frame.ts";
export { Hub, type HubOptions, type HubTotals } from "./lib/send/hub.ts";
export type { FrameSink } from "./lib/send/frame_sink.ts";
export { type PictureSize, sizeOf } from "./lib/jpeg/markers.ts";
export { Key } from "./lib/security/key.ts";
export { EncodedFrame } from "./lib/send/encoded_frame.ts";
export * from "./lib/receive/receive.ts";
export * from "./lib/send/send.ts";
export * from "./lib/jpeg/split_jpegs.ts";
export * from "./lib/jpeg/splitter.ts";
export { Histogram, Quantiles } from "./lib/base/stats.ts";
