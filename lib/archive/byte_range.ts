/**
 * The part of a file that a request asks for (RFC 9110 section 14).
 *
 * @module
 */

/** Part of a file. */
export interface ByteRange {
  /** Position of the first byte. */
  from: number;
  /** Position after the last byte. */
  to: number;
}

/**
 * Reads a `Range` field. Several ranges at once are not served, which a server may decide (section
 * 14.2): a client that asks for them gets the whole.
 *
 * @param bytes size of the file
 * @returns undefined for the whole file; "none" if the file has nothing there
 */
export function rangeOf(field: string | null, bytes: number): ByteRange | "none" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(field?.trim() ?? "") ?? [];
  if (first === undefined || first === "" && last === "") return undefined;
  if (first === "") {
    const count = Math.min(bytes, Number(last));
    return count === 0 ? "none" : { from: bytes - count, to: bytes };
  }
  const from = Number(first);
  const to = last === "" ? bytes : Math.min(bytes, Number(last) + 1);
  if (last !== "" && Number(last) < from) return undefined; // invalid, section 14.1.1
  return from >= bytes ? "none" : { from, to };
}
