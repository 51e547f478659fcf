/**
 * Writing all of a buffer, although one write may take only a part.
 *
 * @module
 */

/**
 * Writes all of `bytes`. One write may take only a part: as much as the kernel has room for.
 *
 * @throws the system's error
 */
export async function writeAll(
  to: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await to.write(rest));
}
