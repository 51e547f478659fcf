/**
 * Listens for peers and accepts them.
 *
 * @module
 */

import { type Address, EVERY_INTERFACE, formatAddress } from "../protocol/address.ts";
import { onAbort, wait } from "../base/abort.ts";
import { closeQuietly, type Connection, undelayed } from "../protocol/connection.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { isShortage } from "../base/shortage.ts";
import { DescriptorReserve } from "./descriptor_reserve.ts";

/**
 * Listens at an address. Every interface means both IPv6 and IPv4, where one socket of the
 * system can do that.
 *
 * @param option the option that chooses the address, for the error
 * @throws {CamcatError} if the address is in use, or not one of this machine
 */
export function listen(address: Address, option = "--listen"): Deno.TcpListener {
  const hosts = address.hostname !== EVERY_INTERFACE
    ? [address.hostname]
    // Windows separates the two families, and some machines have no IPv6.
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

/** The error for an address that we cannot listen at. @param option the option that chooses another */
function listenError(cause: unknown, address: Address, option: string): CamcatError {
  const where = formatAddress(address);
  const sentence = cause instanceof Deno.errors.AddrInUse
    ? `Cannot listen at port ${address.port}: another program uses it. Stop that program, or choose another port with ${option} PORT`
    : cause instanceof Deno.errors.PermissionDenied
    ? `Cannot listen at ${where}: only root may use ports below 1024. Choose a higher one`
    : `Cannot listen at ${where}: it must be an address of this machine (${messageOf(cause)})`;
  return new CamcatError(sentence, { cause });
}

/** The addresses at which others can reach a listener. */
export function reachableAddresses({ hostname, port }: Address): string[] {
  if (hostname !== "::" && hostname !== "0.0.0.0") {
    return [formatAddress({ hostname, port })];
  }
  const local = Deno.networkInterfaces().filter(({ family, address }) =>
    // A link-local IPv6 address needs the name of an interface of the other machine.
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
  /** Admits only peers with the key; without it everybody is admitted. */
  gatekeeper?: Gatekeeper | undefined;
  /**
   * Closes one connection that has not proven the key, to make room for a newcomer.
   *
   * @returns whether there was one
   * @default {gatekeeper.giveUpOne}
   */
  giveUpOne?: (() => boolean) | undefined;
  /** Called at most once a minute while connections are refused for lack of file descriptors. */
  onShortage?: ((reason: string) => void) | undefined;
}

/** How long to wait when not even a refused connection can be accepted. */
const SHORTAGE_MS = 100;
/** The shortest time between two reports of a shortage. */
const REPORT_MS = 60_000;

/**
 * Calls `enter` with every connection that is admitted, until `signal` is aborted. Closes the
 * listener then. While file descriptors are scarce, a stranger that has not proven the key makes
 * room for the newcomer; if there is none, the newcomer is closed.
 */
export async function accept(
  listener: Deno.TcpListener,
  { signal, gatekeeper, giveUpOne = () => !!gatekeeper?.giveUpOne(), onShortage }: AcceptOptions,
  enter: (connection: Connection, peer: string) => void,
): Promise<void> {
  using _ = onAbort(signal, () => closeQuietly(listener));
  const reserve = new DescriptorReserve();
  let reportedAt = -Infinity;
  const reportShortage = () => {
    if (performance.now() - reportedAt < REPORT_MS) return;
    reportedAt = performance.now();
    onShortage?.(
      "Cannot accept another connection: there are too few file descriptors. " +
        "Raise the limit of this program (ulimit -n)",
    );
  };
  while (!signal.aborted) {
    let connection: Deno.TcpConn;
    try {
      connection = undelayed(await listener.accept());
    } catch (error) {
      if (signal.aborted || error instanceof Deno.errors.BadResource) return;
      if (isShortage(error)) {
        reportShortage();
        await wait(SHORTAGE_MS, signal);
      }
      continue; // else that connection was reset before it was accepted, and costs others nothing
    }
    if (!reserve.hasRoom()) {
      reportShortage();
      if (!giveUpOne()) {
        closeQuietly(connection);
        continue;
      }
    }
    const peer = formatAddress(connection.remoteAddr);
    if (gatekeeper === undefined) enter(connection, peer);
    else {
      gatekeeper.admit(connection).then((admitted) => {
        if (admitted === undefined) return;
        if (signal.aborted) closeQuietly(admitted);
        else enter(admitted, peer);
      });
    }
  }
}
