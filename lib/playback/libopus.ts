/**
 * libopus in WebAssembly. It is a module of its own so that it is loaded only where there is sound.
 *
 * @module
 */

// @ts-types="./opus-decoder.d.ts"
export { OpusDecoder as Libopus } from "opus-decoder";

/**
 * Where the package has the same as a script for browsers: it makes a global named `opus-decoder`.
 * Compiled programs have no packages; `tools/compile.ts` puts the script beside the page.
 */
export function browserScriptUrl(): URL {
  return new URL("dist/opus-decoder.min.js", import.meta.resolve("opus-decoder"));
}
