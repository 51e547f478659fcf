/**
 * Addresses as users write them.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

/** The port used where none is given. */
export const DEFAULT_PORT = 9000;

/** The port at which calls are waited for. */
export const CALL_PORT = 9001;

/** An IPv6 address without brackets, and so without a port: two colons or more. */
const BARE_IPV6 = /^[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[\w.-]+)?$/;

/** Where to connect to, or to listen at. */
export interface Address {
  /** A name or an IP address, without brackets. */
  hostname: string;
  /** 1 to 65535; 0, when listening, for any free one. */
  port: number;
}

/**
 * Reads `HOST`, `HOST:PORT`, `[IPV6]:PORT` or a bare IPv6 address.
 *
 * @param port the one that is meant where none is given
 * @throws {UsageError} if it is none of these
 */
export function parseAddress(text: string, port = DEFAULT_PORT): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/.exec(
    text,
  );
  if (match !== null) {
    return {
      hostname: match[1] ?? match[2],
      port: parsePort(match[3] ?? `${port}`, text, 1),
    };
  }
  if (BARE_IPV6.test(text)) return { hostname: text, port };
  throw new UsageError(
    `Cannot read the address: it must be HOST, HOST:PORT or [IPV6]:PORT, received "${text}"`,
  );
}

/**
 * Reads `PORT`, `HOST:PORT` or `HOST`, to listen at. Without a host: every interface (`::`).
 *
 * @throws {UsageError} if it is none of these
 */
export function parseListenAddress(text: string): Address {
  const match = /^(?:(\*?|\[.*\]|[^:]+):)?(\d+)$/.exec(text);
  if (match === null) return parseAddress(text);
  const [, host = "", port] = match;
  const isEvery = host === "" || host === "*";
  return {
    hostname: isEvery ? EVERY_INTERFACE : parseAddress(host).hostname,
    port: parsePort(port, text, 0),
  };
}

/** The host that means every interface, IPv6 and IPv4. */
export const EVERY_INTERFACE = "::";

function parsePort(digits: string, text: string, min: number): number {
  const port = Number(digits);
  if (port >= min && port <= 65535) return port;
  throw new UsageError(
    `Cannot read the address "${text}": the port must be ${min} to 65535, received ${digits}`,
  );
}

/** A host without what the system puts before an IPv4 peer of a socket that serves both families. */
export function plainHost(hostname: string): string {
  return hostname.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** Writes an address as {@linkcode parseAddress} reads it. */
export function formatAddress({ hostname, port }: Address): string {
  const host = plainHost(hostname);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
