/**
 * TLS, as its server, on a connection that we have already.
 *
 * @module
 */

import { closeQuietly } from "../protocol/connection.ts";
import { acceptOwn, connectTo } from "../protocol/loopback.ts";
import type { Identity } from "./identity.ts";
import { writeAll } from "../program/write_all.ts";

/** Bytes carried at once to us and back. */
const INWARD_BYTES = 256 * 1024;
const OUTWARD_BYTES = 16 * 1024;

/**
 * Deno can be a TLS server only on connections that its own listener accepts. So
 * there is a second connection, from this program to itself, on which it is one;
 * and what comes on the first is carried to the second and back, still encrypted.
 */
export class LoopbackTls {
  /** The decrypted end. Closing it closes the rest. */
  readonly tls: Deno.TlsConn;
  #outer: Deno.TcpConn;

  private constructor(outer: Deno.TcpConn, tls: Deno.TlsConn) {
    this.#outer = outer;
    this.tls = tls;
  }

  /**
   * Opens one for `outer`, of which `start` was read before.
   *
   * @param outwardBytes how many bytes are carried to the peer at once
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
    carry(outer, inner, INWARD_BYTES);
    carry(inner, outer, outwardBytes);
    return new LoopbackTls(outer, await acceptOwn(listener, inner));
  }

  /** Closes all of it, also in the middle of the handshake. */
  close(): void {
    closeQuietly(this.#outer); // so that the handshake fails
    closeQuietly(this.tls);
  }
}

/** Carries all that comes from one connection to the other; at the end of it closes both. */
async function carry(from: Deno.TcpConn, to: Deno.TcpConn, bytes: number): Promise<void> {
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
