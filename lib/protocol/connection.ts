/**
 * What frames travel on.
 *
 * @module
 */

/** A byte stream both ways, as a `Deno.Conn` is. */
export interface Connection {
  /** Reads at most `into.length` bytes. @returns their number, or null at the end */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of `bytes`. @returns how many */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends both directions. */
  close(): void;
}

/** Frames must not wait for the acknowledgement of what went before (Nagle, RFC 896). */
export function undelayed(connection: Deno.TcpConn): Deno.TcpConn {
  try {
    connection.setNoDelay(true);
  } catch {
    // the peer is gone already; the first read will tell
  }
  return connection;
}

/** Whether a connection was made, or let in, with a key. */
export function isEncrypted(connection: Connection): boolean {
  return "handshake" in connection;
}

/** Closes what may be closed already. */
export function closeQuietly(connection: { close(): void }): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
