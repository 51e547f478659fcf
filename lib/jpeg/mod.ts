/**
 * JPEGs at a low level: frames in pooled memory, and cutting a stream of bytes into frames. Most
 * programs need only `splitJpegs` of the main module.
 *
 * @module
 */

export { type Bytes, Frame, FramePool, HEADROOM, MAX_FRAME_BYTES } from "./frame.ts";
export { type PictureSize, sizeOf } from "./markers.ts";
export * from "./split_jpegs.ts";
export * from "./splitter.ts";
