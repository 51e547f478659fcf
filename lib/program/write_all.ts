/**
 * Writing to what may take less than it is given.
 *
 * @module
 */

/**
 * Writes all of `bytes`. One write may be short: of a megabyte the kernel takes what it has room for.
 *
 * @throws what the system says, if it cannot be done
 */
export async function writeAll(
  to: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await to.write(rest));
}
