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
import {
  type Bye,
  type Control,
  MAX_CONTROL_BYTES,
  PROTOCOL_VERSION,
} from "../protocol/control.ts";
import { parseControl } from "../protocol/parse_control.ts";
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

/** The first byte of a TLS handshake record (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
const NOT_CAMCAT = "the program there is not camcat";

/** The sender's part; the peer is a viewer. */
export function handshakeAsSender(identity: Identity): Handshake {
  return async (connection, signal, begin = beginAtOnce) => {
    const message = await inTime(connection, signal, () => readControl(connection));
    if (message?.type !== "secure") {
      const bye: Bye = { type: "bye", reason: "This sender requires a key", key: "needed" };
      await inTime(connection, signal, () => connection.write(encodeControl(bye)));
      closeQuietly(connection);
      throw new KeyError("not needed", "it uses no key");
    }
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
  };
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
      throw new CamcatError(bye?.type === "bye" ? `the sender says: ${bye.reason}` : NOT_CAMCAT);
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

/** Reads exactly one control message; undefined if the bytes are something else. */
async function readControl(
  connection: Connection,
  start = new Uint8Array(),
): Promise<Control | undefined> {
  const header = await readExactly(connection, 4, start);
  const length = new DataView(header.buffer).getUint32(0);
  if (length === 0 || length > MAX_CONTROL_BYTES) return undefined;
  try {
    return parseControl(await readExactly(connection, length));
  } catch (error) {
    if (error instanceof CamcatError) throw error;
    return undefined; // not JSON, or not a valid message
  }
}

/** Reads up to `count` bytes in total, including those of `start`, which were read before. */
async function readExactly(
  connection: Connection,
  count: number,
  start = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  bytes.set(start);
  for (let got = start.length; got < count;) {
    const more = await connection.read(bytes.subarray(got));
    if (more === null) throw new CamcatError("the peer closed the connection immediately");
    got += more;
  }
  return bytes;
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
