/**
 * Listening for peers, and letting them in.
 *
 * @module
 */

import { type Address, EVERY_INTERFACE, formatAddress } from "../protocol/address.ts";
import { wait } from "../base/abort.ts";
import { closeQuietly, type Connection, undelayed } from "../protocol/connection.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import { CamcatError, messageOf } from "../base/errors.ts";

/**
 * Listens at an address. Every interface means IPv6 and IPv4 both, where the
 * system can do that with one socket.
 *
 * @param option the option that chooses the address, for the error
 * @throws {CamcatError} if the address is taken, or not this machine's
 */
export function listen(address: Address, option = "--listen"): Deno.TcpListener {
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
  throw listenError(failure, address, option);
}

/** Why it was not possible to listen at an address, and what can be done, by `option`. */
function listenError(cause: unknown, address: Address, option: string): CamcatError {
  const where = formatAddress(address);
  const sentence = cause instanceof Deno.errors.AddrInUse
    ? `Cannot listen at port ${address.port}: another program does. End it, or choose another port with ${option} PORT`
    : cause instanceof Deno.errors.PermissionDenied
    ? `Cannot listen at ${where}: ports below 1024 are for root. Choose one above`
    : `Cannot listen at ${where}: it must be an address of this machine (${messageOf(cause)})`;
  return new CamcatError(sentence, { cause });
}

/** The addresses to give to somebody else, for one that is listened at. */
export function reachableAddresses({ hostname, port }: Address): string[] {
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

/** Options of {@linkcode accept}. */
export interface AcceptOptions {
  /** Stops listening. */
  signal: AbortSignal;
  /** Lets in only those who have the key; without it everybody is let in. */
  door?: Gatekeeper | undefined;
}

/**
 * Calls `enter` with every connection that comes in, and is let in, until `signal`
 * is aborted. The listener is closed then.
 */
export async function accept(
  listener: Deno.TcpListener,
  { signal, door }: AcceptOptions,
  enter: (connection: Connection, peer: string) => void,
): Promise<void> {
  const close = () => listener.close();
  if (signal.aborted) close();
  signal.addEventListener("abort", close);
  while (!signal.aborted) {
    try {
      await door?.room(signal);
      const connection = undelayed(await listener.accept());
      const peer = formatAddress(connection.remoteAddr);
      if (door === undefined) enter(connection, peer);
      else {
        door.admit(connection).then((admitted) => {
          if (admitted === undefined) return;
          if (signal.aborted) closeQuietly(admitted);
          else enter(admitted, peer);
        });
      }
    } catch {
      if (signal.aborted) return;
      // Out of descriptors, or the peer is gone already: neither is for ever.
      await wait(100, signal);
    }
  }
}
