/**
 * How V8 compiles the programs.
 *
 * @module
 */

/**
 * A camera uses code 30 times a second, which V8 takes for little: it would be minutes until it is
 * compiled well. The few bytes of WebAssembly are so at once.
 */
export const V8_FLAGS: string = "--v8-flags=" + [
  "--no-liftoff",
  "--no-wasm-dynamic-tiering",
  "--wasm-wrapper-tiering-budget=1",
  "--invocation-count-for-maglev=30",
  "--invocation-count-for-turbofan=100",
  // In megabytes. What a storm of connections leaves behind is collected sooner, for less memory.
  "--max-semi-space-size=4",
].join(",");
