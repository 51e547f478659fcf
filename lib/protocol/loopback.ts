/**
 * A connection from this program to itself.
 *
 * @module
 */

import { closeQuietly, undelayed } from "./connection.ts";

/** A listener on a port of its own, which accepts at least one connection. */
interface Listener<T extends Deno.TcpConn | Deno.TlsConn> {
  readonly addr: Deno.Addr;
  accept(): Promise<T>;
}

/**
 * Connects to `listener`, which must listen on 127.0.0.1 and not accept yet.
 *
 * @returns the connecting end
 */
export async function connectTo(listener: Listener<Deno.TcpConn | Deno.TlsConn>) {
  const { port } = listener.addr as Deno.NetAddr;
  return undelayed(await Deno.connect({ hostname: "127.0.0.1", port }));
}

/** Accepts connections until `own` arrives; closes those of other programs that were quicker. */
export async function acceptOwn<T extends Deno.TcpConn | Deno.TlsConn>(
  listener: Listener<T>,
  own: Deno.TcpConn,
): Promise<T> {
  for (;;) {
    const connection = await listener.accept();
    if (connection.remoteAddr.port === own.localAddr.port) return connection;
    closeQuietly(connection);
  }
}

/** Both ends of one TCP connection within this program. */
export async function loopbackPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const here = await connectTo(listener);
  return [here, undelayed(await acceptOwn(listener, here))];
}
