/**
 * libopus in WebAssembly. It is a module of its own so that it is loaded only where there is sound.
 *
 * @module
 */

// @ts-types="./opus-decoder.d.ts"
export { OpusDecoder as Libopus } from "opus-decoder";
