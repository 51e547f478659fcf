/**
 * Reading single messages, and not a byte more: what follows may be of another protocol.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import type { Connection } from "./connection.ts";
import { type Control, MAX_CONTROL_BYTES } from "./control.ts";
import { parseControl } from "./parse_control.ts";

/**
 * Reads exactly one control message.
 *
 * @param start the bytes of it that were read before, at most 4
 * @returns undefined if the bytes are something else
 * @throws {CamcatError} if the connection ends before
 */
export async function readControl(
  connection: Connection,
  start = new Uint8Array(),
): Promise<Control | undefined> {
  const header = await readExactly(connection, 4, start);
  const length = new DataView(header.buffer).getUint32(0);
  if (length === 0 || length > MAX_CONTROL_BYTES) return undefined;
  try {
    return parseControl(await readExactly(connection, length));
  } catch (error) {
    if (error instanceof CamcatError) throw error;
    return undefined; // not JSON, or not a valid message
  }
}

/**
 * Reads up to `count` bytes in total, including those of `start`, which were read before.
 *
 * @throws {CamcatError} if the connection ends before
 */
export async function readExactly(
  connection: Connection,
  count: number,
  start = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  bytes.set(start);
  for (let got = start.length; got < count;) {
    const more = await connection.read(bytes.subarray(got));
    if (more === null) throw new CamcatError("the peer closed the connection immediately");
    got += more;
  }
  return bytes;
}
