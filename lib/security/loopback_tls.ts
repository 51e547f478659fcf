/**
 * A TLS server on a connection that exists already.
 *
 * @module
 */

import { closeQuietly } from "../protocol/connection.ts";
import { acceptOwn, connectTo, loopbackPair } from "../protocol/loopback.ts";
import type { Identity } from "./identity.ts";
import { writeAll } from "../program/write_all.ts";

/** Bytes copied at once, towards this program and back. */
const INWARD_BYTES = 256 * 1024;
const OUTWARD_BYTES = 16 * 1024;

/**
 * Deno is a TLS server only on connections that its own TLS listener accepts. So this opens a
 * second connection, from this program to itself, with TLS on it, and copies the encrypted bytes
 * between the two.
 */
export class LoopbackTls {
  /** The decrypted end. Closing it closes everything. */
  readonly tls: Deno.TlsConn;
  #outer: Deno.TcpConn;

  private constructor(outer: Deno.TcpConn, tls: Deno.TlsConn) {
    this.#outer = outer;
    this.tls = tls;
  }

  /**
   * Serves TLS on `outer`, of which `start` was read before.
   *
   * @param outwardBytes bytes copied to the peer at once
   */
  static async open(
    outer: Deno.TcpConn,
    start: Uint8Array,
    identity: Pick<Identity, "certificate" | "privateKey">,
    outwardBytes = OUTWARD_BYTES,
  ): Promise<LoopbackTls> {
    using listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: identity.certificate,
      key: identity.privateKey,
    });
    const inner = await connectTo(listener);
    await inner.write(start);
    copy(outer, inner, INWARD_BYTES);
    copy(inner, outer, outwardBytes);
    return new LoopbackTls(outer, await acceptOwn(listener, inner));
  }

  /** Closes everything, also during the handshake. */
  close(): void {
    closeQuietly(this.#outer); // so that the handshake fails
    closeQuietly(this.tls);
  }
}

/**
 * Extends a connection by one from this program to itself. Closing the connection ends what reads
 * and writes the extension, whatever it does.
 *
 * @returns the near end of the extension
 */
export async function extend(connection: Deno.TcpConn): Promise<Deno.TcpConn> {
  const [near, far] = await loopbackPair();
  copy(connection, far, OUTWARD_BYTES);
  copy(far, connection, INWARD_BYTES);
  return near;
}

/** Copies everything from one connection to the other, then closes both. */
async function copy(from: Deno.TcpConn, to: Deno.TcpConn, bytes: number): Promise<void> {
  const buffer = new Uint8Array(bytes);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      await writeAll(to, buffer.subarray(0, count));
    }
  } catch {
    // one of the two is closed
  }
  closeQuietly(from);
  closeQuietly(to);
}
