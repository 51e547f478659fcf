/**
 * Connects to a peer, with or without a key.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import { aborted, onAbort } from "../base/abort.ts";
import { CamcatError, KeyError, messageOf } from "../base/errors.ts";
import type { Handshake } from "./handshake.ts";
import { closeQuietly, type Connection, undelayed } from "../protocol/connection.ts";

/** How long connecting and the handshake may take; the system's own limit is minutes. */
const CONNECT_MS = 10_000;

/** Options of {@linkcode dial}. */
export interface DialOptions {
  /** Aborts the attempt. */
  signal?: AbortSignal | undefined;
  /** Encrypts the connection and verifies the key; without it nothing is encrypted. */
  handshake?: Handshake | undefined;
  /** Whether a peer that uses no key is accepted too. @default {false} */
  orOpen?: boolean | undefined;
}

/**
 * Connects to a peer.
 *
 * @throws {KeyError} if our key and the peer's do not match
 * @throws {CamcatError} if no connection can be established; the message says why
 */
export async function dial(address: Address, options: DialOptions = {}): Promise<Connection> {
  const attempt = new AbortController();
  const { signal } = attempt;
  let hung: unknown = new Deno.errors.TimedOut("timed out");
  const timer = setTimeout(() => attempt.abort(hung), CONNECT_MS);
  using _ = onAbort(options.signal, () => attempt.abort(new CamcatError("stopped")));
  const open = async () => undelayed(await Deno.connect({ ...address, signal }));
  try {
    const connection = await open();
    if (options.handshake === undefined) return connection;
    hung = new CamcatError("the program there does not answer: it is not camcat, or it hangs");
    try {
      const handshake = options.handshake(connection, signal);
      const secured = await Promise.race([handshake, aborted(signal)]);
      if (secured !== undefined) return secured;
      handshake.then(closeQuietly, () => {}); // too late
      throw signal.reason;
    } catch (error) {
      const isOpen = error instanceof KeyError && error.problem === "not needed";
      if (isOpen && options.orOpen) return await open();
      throw error;
    }
  } catch (cause) {
    throw connectFailure(address, signal.aborted ? signal.reason : cause);
  } finally {
    clearTimeout(timer);
  }
}

/** The error that says why a connection could not be established. */
function connectFailure(address: Address, cause: unknown): CamcatError {
  const where = `Cannot connect to ${formatAddress(address)}`;
  const text = messageOf(cause);
  if (cause instanceof KeyError) {
    return new KeyError(cause.problem, `${where}: ${text}`, { cause });
  }
  const reason = cause instanceof CamcatError
    ? text
    : cause instanceof Deno.errors.ConnectionRefused
    ? "nothing listens there"
    : /failed to lookup|name or service not known|name resolution|nodename nor servname|no such host/i
        .test(text)
    ? `the host name "${address.hostname}" is unknown`
    : cause instanceof Deno.errors.TimedOut || /unreachable|timed out|no route/i.test(text)
    ? "the machine does not answer"
    : text;
  return new CamcatError(`${where}: ${reason}`, { cause });
}
