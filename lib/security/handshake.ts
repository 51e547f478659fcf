/**
 * The handshake: encrypts a connection and authenticates both ends.
 *
 * The viewer asks for it in the clear. Then TLS begins. The sender is always the TLS client,
 * whoever connected. It checks that the viewer's certificate is the one derived from the key,
 * and then proves, encrypted, that it has the key too.
 *
 * The viewer is the server because Deno cannot set TCP_NODELAY on the connections of its TLS
 * listener: most of what a sender sends would wait for an acknowledgement.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { onAbort } from "../base/abort.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { encodeControl } from "../protocol/codec.ts";
import { type Bye, PROTOCOL_VERSION } from "../protocol/control.ts";
import type { Pair } from "../protocol/pairing_messages.ts";
import { readControl, readExactly } from "../protocol/read_control.ts";
import { CamcatError, KeyError, messageOf } from "../base/errors.ts";
import { TLS_NAME } from "./certificate.ts";
import { type Identity, PROOF_BYTES } from "./identity.ts";
import { extend, LoopbackTls } from "./loopback_tls.ts";

/**
 * Encrypts a connection. It takes the connection over and closes it when it fails. It settles
 * when the connection holds no descriptor any more. Unless `begin` asks for a closable
 * connection, that may be long after `signal` was aborted.
 *
 * @throws {KeyError} if our key and the peer's do not match
 * @throws {CamcatError} if the peer violates the protocol
 */
export type Handshake = (
  connection: Deno.TcpConn,
  signal: AbortSignal,
  begin?: BeginTls,
) => Promise<Connection>;

/**
 * Called once the peer has asked for TLS; the handshake waits for it.
 *
 * @returns whether the connection must be closable during TLS, at the price of a copy of all bytes
 */
export type BeginTls = () => Promise<{ closable: boolean }>;

const beginAtOnce: BeginTls = () => Promise.resolve({ closable: false });

/** A {@linkcode Handshake} that may end without a connection: the peer has got what it came for. */
export type Admission = (...args: Parameters<Handshake>) => Promise<Connection | undefined>;

/** Gives the key to viewers that know a code. */
export interface PairingHost {
  /** How often the code may be tried; undefined while there is none. */
  readonly tries: number | undefined;
  /**
   * Answers a viewer that wants the key; the caller closes the connection.
   *
   * @param message what it has said already
   * @throws {CamcatError} if it violates the protocol
   */
  serve(connection: Deno.TcpConn, message: Pair, signal: AbortSignal): Promise<void>;
}

/** The first byte of a TLS handshake record (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
const NOT_CAMCAT = "the program there is not camcat";

/** The sender's part; the peer is a viewer. */
export function handshakeAsSender(identity: Identity): Handshake {
  return async (connection, signal, begin = beginAtOnce) => {
    const message = await inTime(connection, signal, () => readControl(connection));
    if (message?.type !== "secure") {
      await sayKeyNeeded(connection, signal);
      throw new KeyError("not needed", "it uses no key");
    }
    return await beginTls(identity, connection, signal, begin);
  };
}

/** The sender's part where viewers come that may want the key. */
export function admitAsSender(identity: Identity, desk: PairingHost): Admission {
  return admission(identity, desk);
}

/** @param withSender the handshake with a peer that says it is the sender. @default as with others */
function admission(identity: Identity, desk: PairingHost, withSender?: Handshake): Admission {
  return async (connection, signal, begin = beginAtOnce) => {
    const message = await inTime(connection, signal, () => readControl(connection));
    if (message?.type === "pair") {
      await inTime(connection, signal, () => desk.serve(connection, message, signal));
      closeQuietly(connection);
      return undefined;
    }
    if (message?.type !== "secure") {
      const { tries } = desk;
      await sayKeyNeeded(connection, signal, tries);
      // A receiver asks for the cameras to learn that, and asks its user for the code now.
      if (tries !== undefined && message?.type === "list") return undefined;
      throw new KeyError("not needed", "it uses no key");
    }
    if (message.sender && withSender) return await withSender(connection, signal, begin);
    return await beginTls(identity, connection, signal, begin);
  };
}

/**
 * The part of a sender that connects where calls are taken: it says that it is the sender, because
 * the end that connects is usually the viewer.
 */
export function handshakeAsCallingSender(identity: Identity): Handshake {
  const handshake = handshakeAsSender(identity);
  return async (connection, signal, begin) => {
    const hello = encodeControl({ type: "secure", version: PROTOCOL_VERSION, sender: true });
    await inTime(connection, signal, () => connection.write(hello));
    return await handshake(connection, signal, begin);
  };
}

/** The part of the end where calls are taken: whoever connects may be a viewer or a sender. */
export function admitToCalls(identity: Identity, desk: PairingHost): Admission {
  return admission(identity, desk, handshakeAsViewer(identity));
}

/** Says that a key is needed, and how often a code may be tried; closes the connection. */
async function sayKeyNeeded(
  connection: Deno.TcpConn,
  signal: AbortSignal,
  tries?: number,
): Promise<void> {
  const bye: Bye = {
    type: "bye",
    reason: "This sender requires a key",
    key: "needed",
    ...(tries === undefined ? {} : { tries }),
  };
  await inTime(connection, signal, () => connection.write(encodeControl(bye)));
  closeQuietly(connection);
}

/** Encrypts a connection as the TLS client, and proves the key. */
async function beginTls(
  identity: Identity,
  connection: Deno.TcpConn,
  signal: AbortSignal,
  begin: BeginTls,
): Promise<Connection> {
  const { closable } = await inTime(connection, signal, begin);
  const options = { hostname: TLS_NAME, caCerts: [identity.certificate] };
  const tls = await inTime(
    connection,
    signal,
    async () => await Deno.startTls(closable ? await extend(connection) : connection, options),
  );
  // Deno does not close a connection during its TLS handshake: it would stay open until the peer
  // closes it. The far end of an extended one can be closed.
  using _ = onAbort(signal, () => closable && closeQuietly(connection));
  try {
    await tls.handshake();
    signal.throwIfAborted();
    await tls.write(identity.proof); // a few bytes: the kernel has room for them
    return tls;
  } catch (error) {
    closeQuietly(tls);
    throw explain(error);
  }
}

/** The viewer's part; the peer is a sender. */
export function handshakeAsViewer(identity: Identity): Handshake {
  return async (connection, signal, begin = beginAtOnce) => {
    const first = await inTime(connection, signal, async () => {
      await connection.write(encodeControl({ type: "secure", version: PROTOCOL_VERSION }));
      return await readExactly(connection, 1);
    });
    if (first[0] !== TLS_HANDSHAKE) {
      const bye = await inTime(connection, signal, () => readControl(connection, first));
      closeQuietly(connection);
      if (bye?.type === "bye" && bye.key === "not needed") {
        throw new KeyError("not needed", "it uses no key, and nothing is encrypted there");
      }
      throw new CamcatError(bye?.type === "bye" ? `it says: ${bye.reason}` : NOT_CAMCAT);
    }
    await inTime(connection, signal, begin);
    const loopback = await inTime(
      connection,
      signal,
      () => LoopbackTls.open(connection, first, identity),
    );
    return await inTime(loopback, signal, async () => {
      try {
        await loopback.tls.handshake();
      } catch (error) {
        throw explain(error);
      }
      const proof = await readExactly(loopback.tls, PROOF_BYTES);
      if (!timingSafeEqual(proof, identity.proof)) {
        throw new KeyError("wrong", "it does not have the key");
      }
      return loopback.tls;
    });
  };
}

/** Does one step; closes the connection when it fails or `signal` is aborted. */
async function inTime<T>(
  connection: { close(): void },
  signal: AbortSignal,
  step: () => Promise<T>,
): Promise<T> {
  using _ = onAbort(signal, () => closeQuietly(connection));
  try {
    signal.throwIfAborted();
    return await step();
  } catch (error) {
    closeQuietly(connection);
    throw error;
  }
}

/** Translates an error of TLS: which ones mean a wrong key. */
function explain(error: unknown): unknown {
  const text = messageOf(error);
  if (/invalid peer certificate|alert: (DecryptError|UnknownCA|\w*Certificate\w*)/.test(text)) {
    return new KeyError("wrong", "it has another key", { cause: error });
  }
  return error instanceof CamcatError ? error : new CamcatError(
    /eof|end of file|reset|broken pipe/i.test(text) ? "it closed the connection" : NOT_CAMCAT,
    {
      cause: error,
    },
  );
}
