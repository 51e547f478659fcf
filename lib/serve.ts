/**
 * Getting viewers: by listening for them, or by connecting to one.
 *
 * @module
 */

import { type Address, EVERY_INTERFACE, formatAddress } from "./address.ts";
import { Backoff, wait } from "./backoff.ts";
import { CamcatError, messageOf } from "./errors.ts";
import type { Hub } from "./hub.ts";

/**
 * Listens at an address. Every interface means IPv6 and IPv4 both, where the
 * system can do that with one socket.
 *
 * @throws {CamcatError} if the address is taken, or not this machine's
 */
export function listen(address: Address): Deno.TcpListener {
  const hosts = address.hostname !== EVERY_INTERFACE
    ? [address.hostname]
    // Windows keeps the two families apart, and some machines have no IPv6.
    : Deno.build.os === "windows"
    ? ["0.0.0.0"]
    : ["::", "0.0.0.0"];
  let failure: unknown;
  for (const hostname of hosts) {
    try {
      return Deno.listen({ hostname, port: address.port });
    } catch (error) {
      failure = error;
      if (error instanceof Deno.errors.AddrInUse) break;
    }
  }
  const where = formatAddress(address);
  if (failure instanceof Deno.errors.AddrInUse) {
    throw new CamcatError(
      `Cannot listen at port ${address.port}: another program does. End it, or choose another port with --listen PORT`,
      { cause: failure },
    );
  }
  if (failure instanceof Deno.errors.PermissionDenied) {
    throw new CamcatError(
      `Cannot listen at ${where}: ports below 1024 are for root. Choose one above`,
      {
        cause: failure,
      },
    );
  }
  throw new CamcatError(
    `Cannot listen at ${where}: it must be an address of this machine (${messageOf(failure)})`,
    { cause: failure },
  );
}

/** The addresses to give to somebody else, for what a listener listens at. */
export function reachableAddresses(listener: Deno.TcpListener): string[] {
  const { hostname, port } = listener.addr;
  if (hostname !== "::" && hostname !== "0.0.0.0") {
    return [formatAddress({ hostname, port })];
  }
  const local = Deno.networkInterfaces().filter(({ family, address }) =>
    // Link-local IPv6 needs the name of the other machine's interface.
    !/^(127\.|::1$|fe80:|169\.254\.)/i.test(address) &&
    (family === "IPv4" || hostname === "::")
  );
  const addresses = [
    ...local.filter((i) => i.family === "IPv4"),
    ...local.filter((i) => i.family === "IPv6"),
  ]
    .map(({ address }) => formatAddress({ hostname: address, port }));
  return addresses.length > 0 ? addresses : [`127.0.0.1:${port}`];
}

/** The connections that come in, until `signal` is aborted. */
export async function* accept(
  listener: Deno.TcpListener,
  signal: AbortSignal,
): AsyncGenerator<Deno.TcpConn, void, void> {
  const close = () => listener.close();
  if (signal.aborted) close();
  signal.addEventListener("abort", close);
  while (!signal.aborted) {
    try {
      yield undelayed(await listener.accept());
    } catch {
      if (signal.aborted) return;
      // Out of descriptors, or the peer is gone already: neither is for ever.
      await wait(100, signal);
    }
  }
}

/** Serves all who connect, until `signal` is aborted. */
export async function serve(
  hub: Hub,
  listener: Deno.TcpListener,
  signal: AbortSignal,
): Promise<void> {
  for await (const connection of accept(listener, signal)) {
    hub.serve(connection, formatAddress(connection.remoteAddr));
  }
}

/** Options of {@linkcode push}. */
export interface PushOptions {
  /** Stops it. */
  signal: AbortSignal;
  /** Called when an attempt to connect has failed. */
  onFailed?: (reason: string) => void;
}

/** Connects to a receiver that listens, and again whenever that connection ends. */
export async function push(
  hub: Hub,
  address: Address,
  options: PushOptions,
): Promise<void> {
  const { signal, onFailed } = options;
  const backoff = new Backoff();
  while (!signal.aborted) {
    try {
      const connection = await Deno.connect({ ...address, signal });
      const since = performance.now();
      await hub.serve(undelayed(connection), formatAddress(address));
      if (performance.now() - since > 5000) backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      onFailed?.(connectFailure(address, error));
    }
    await wait(backoff.nextMs(), signal);
  }
}

/** Why a connection could not be made, as a sentence. */
export function connectFailure(address: Address, error: unknown): string {
  const where = formatAddress(address);
  const text = messageOf(error);
  if (error instanceof Deno.errors.ConnectionRefused) {
    return `Cannot connect to ${where}: nothing listens there`;
  }
  if (
    /failed to lookup|name or service not known|nodename nor servname|no such host/i
      .test(text)
  ) {
    return `Cannot connect to ${where}: the name "${address.hostname}" is not known`;
  }
  if (
    error instanceof Deno.errors.TimedOut ||
    /unreachable|timed out|no route/i.test(text)
  ) {
    return `Cannot connect to ${where}: the machine does not answer`;
  }
  return `Cannot connect to ${where}: ${text}`;
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
