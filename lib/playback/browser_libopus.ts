/**
 * libopus for the pages. It is a module of its own, so that programs which serve it embed no second
 * one.
 *
 * @module
 */

/**
 * Where the package has libopus as a script for browsers: it makes a global named `opus-decoder`.
 * Compiled programs have no packages; `tools/compile.ts` puts the script beside the page.
 */
export function browserScriptUrl(): URL {
  return new URL("dist/opus-decoder.min.js", import.meta.resolve("opus-decoder"));
}
