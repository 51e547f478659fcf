/**
 * camcat, netcat for cameras, as a library: cut a stream of JPEGs into frames,
 * send them to any number of viewers, receive the picture of now.
 *
 * The programs are `sender.ts` and `receiver.ts`; `docs/architecture.md` tells
 * how the parts fit, `docs/protocol.md` what goes over the wire.
 *
 * @example A camera to the network in a few lines
 * ```ts ignore
 * import { send, splitJpegs } from "@camcat/camcat";
 *
 * const ffmpeg = new Deno.Command("ffmpeg", {
 *   args: ["-f", "v4l2", "-input_format", "mjpeg", "-i", "/dev/video0", "-c", "copy", "-f", "mjpeg", "-"],
 *   stdout: "piped",
 * }).spawn();
 * await send(splitJpegs(ffmpeg.stdout), { listen: { hostname: "::", port: 9000 } }).done;
 * ```
 *
 * @module
 */

export * from "./lib/address.ts";
export * from "./lib/codec.ts";
export * from "./lib/control.ts";
export * from "./lib/errors.ts";
export { Key } from "./lib/key.ts";
export { type Bytes, Frame, FramePool, HEADROOM, MAX_FRAME_BYTES } from "./lib/frame.ts";
export { Hub, type HubOptions, type HubTotals, type Watcher } from "./lib/hub.ts";
export { sizeOf } from "./lib/jpeg.ts";
export type { Connection } from "./lib/connection.ts";
export { Packet } from "./lib/packet.ts";
export * from "./lib/receive.ts";
export * from "./lib/send.ts";
export * from "./lib/splitter.ts";
export { Histogram, Quantiles } from "./lib/stats.ts";
