/**
 * The byte stream that frames travel on.
 *
 * @module
 */

/** A byte stream in both directions, such as a `Deno.Conn`. */
export interface Connection {
  /** Reads at most `into.length` bytes. @returns their number, or null at the end */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of `bytes`. @returns how many */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends both directions. */
  close(): void;
}

/** Sets TCP_NODELAY: frames must not wait for the acknowledgement of earlier ones (RFC 896). */
export function undelayed(connection: Deno.TcpConn): Deno.TcpConn {
  try {
    connection.setNoDelay(true);
  } catch {
    // the peer has closed already; the first read reports it
  }
  return connection;
}

/** Whether a connection was established with a key. */
export function isEncrypted(connection: Connection): boolean {
  return "handshake" in connection;
}

/** Closes something that may be closed already. */
export function closeQuietly(connection: { close(): void }): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
