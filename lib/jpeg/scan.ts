/**
 * Finds markers in entropy-coded data, sixteen bytes at a time.
 *
 * Only this code touches every byte of every frame. JavaScript can compare at most four bytes at
 * once, WebAssembly sixteen; and WebAssembly is fast from the first frame on.
 *
 * @module
 */

/** `scan.wat`, assembled. */
const MODULE = "AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAQcRAgZtZW1vcnkCAARzY2FuAAAKoQEBngEBA38DQCABQRBq" +
  "IABNBEAgAf0AAABB/wH9D/0j/WQhAiACRQRAIAFBEGohAQwCCyABIAJoaiEBBSABIABPBEAgAA8LIAEt" +
  "AABB/wFHBEAgAUEBaiEBDAILCyABQQFqIABPBEAgAQ8LIAEtAAEhAyADRSADQfgBcUHQAUZyBEAgAUEC" +
  "aiEBDAELIANB/wFGBEAgAUEBaiEBDAELCyABCw==";

interface Scanner {
  /** Its memory: the bytes to scan, from 0 on. */
  memory: { buffer: ArrayBuffer };
  /** Scans the first `end` bytes, as {@linkcode findMarker} does. */
  scan(end: number): number;
}

const scanner = new WebAssembly.Instance(
  new WebAssembly.Module(Uint8Array.fromBase64(MODULE)),
).exports as unknown as Scanner;

/** 64 KiB, which stay in the processor's cache. */
const scratch = new Uint8Array(scanner.memory.buffer);

/**
 * The index in `[at, end)` of the marker that ends entropy-coded data: an `FF`
 * not followed by `00`, RSTn or another `FF` (ITU-T T.81 sections B.1.1.2,
 * B.1.1.5). Without one, the index of an `FF` that is the last byte, or `end`.
 */
export function findMarker(bytes: Uint8Array, at: number, end: number): number {
  for (;;) {
    const partEnd = Math.min(end, at + scratch.length);
    scratch.set(bytes.subarray(at, partEnd));
    const found = at + scanner.scan(partEnd - at);
    // Nothing in this part, or an FF whose second byte lies in the next.
    if (found + 1 >= partEnd && partEnd < end) at = found;
    else return found;
  }
}
