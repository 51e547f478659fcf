/**
 * How a connection becomes encrypted, with both ends sure of each other.
 *
 * The viewer asks for it in the clear. Then TLS begins, and whichever of the two
 * connected, the sender is its client: it checks that the viewer's certificate is
 * the one that follows from the key, and proves inside that it has the key, too.
 *
 * That way round because a TLS server of Deno's cannot be told to send at once
 * (TCP_NODELAY), and most of what a sender sends would wait for an acknowledgement.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { encodeControl } from "../protocol/codec.ts";
import {
  type Bye,
  type Control,
  MAX_CONTROL_BYTES,
  parseControl,
  PROTOCOL_VERSION,
} from "../protocol/control.ts";
import { CamcatError, KeyError, messageOf } from "../base/errors.ts";
import { TLS_NAME } from "./certificate.ts";
import { type Identity, PROOF_BYTES } from "./identity.ts";
import { LoopbackTls } from "./loopback_tls.ts";

/**
 * Makes a plain connection an encrypted one. It takes the connection over, and
 * closes it when it fails, as far as that can be done: it settles when nothing
 * is left of it. That may be long after `signal` was aborted.
 *
 * @throws {KeyError} if our key and the peer's do not go together
 * @throws {CamcatError} if the peer does something else
 */
export type Handshake = (connection: Deno.TcpConn, signal: AbortSignal) => Promise<Connection>;

/** What TLS messages begin with (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
const NOT_CAMCAT = "what answers there is not camcat";

/** The sender's part, with a viewer at the other end. */
export function handshakeAsSender(identity: Identity): Handshake {
  return async (connection, signal) => {
    const message = await inTime(connection, signal, () => readControl(connection));
    if (message?.type !== "secure") {
      const bye: Bye = { type: "bye", reason: "This sender wants a key", key: "needed" };
      await inTime(connection, signal, () => connection.write(encodeControl(bye)));
      closeQuietly(connection);
      throw new KeyError("not needed", "it uses no key");
    }
    const tls = await inTime(
      connection,
      signal,
      () => Deno.startTls(connection, { hostname: TLS_NAME, caCerts: [identity.certificate] }),
    );
    try {
      // Closed in the middle of this it would stay open, and nobody could tell how long.
      await tls.handshake();
      signal.throwIfAborted();
      await tls.write(identity.proof); // a few bytes, for which there is room
      return tls;
    } catch (error) {
      closeQuietly(tls);
      throw explain(error);
    }
  };
}

/** The viewer's part, with a sender at the other end. */
export function handshakeAsViewer(identity: Identity): Handshake {
  return async (connection, signal) => {
    const first = await inTime(connection, signal, async () => {
      await connection.write(encodeControl({ type: "secure", version: PROTOCOL_VERSION }));
      return await readExactly(connection, 1);
    });
    if (first[0] !== TLS_HANDSHAKE) {
      const bye = await inTime(connection, signal, () => readControl(connection, first));
      closeQuietly(connection);
      if (bye?.type === "bye" && bye.key === "not needed") {
        throw new KeyError("not needed", "it is open, and nothing is encrypted there");
      }
      throw new CamcatError(bye?.type === "bye" ? `the sender says: ${bye.reason}` : NOT_CAMCAT);
    }
    const tunnel = await inTime(
      connection,
      signal,
      () => LoopbackTls.open(connection, first, identity),
    );
    return await inTime(tunnel, signal, async () => {
      try {
        await tunnel.tls.handshake();
      } catch (error) {
        throw explain(error);
      }
      const proof = await readExactly(tunnel.tls, PROOF_BYTES);
      if (!timingSafeEqual(proof, identity.proof)) {
        throw new KeyError("wrong", "it does not have the key");
      }
      return tunnel.tls;
    });
  };
}

/** Does one step; closes the connection when it fails or is too late. */
async function inTime<T>(
  connection: { close(): void },
  signal: AbortSignal,
  step: () => Promise<T>,
): Promise<T> {
  const close = () => closeQuietly(connection);
  signal.addEventListener("abort", close);
  try {
    signal.throwIfAborted();
    return await step();
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** Reads one control message and not a byte more; undefined if it is something else. */
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
    return undefined; // not JSON, not one of ours
  }
}

/** Reads `count` bytes; those of `start` were read before. */
async function readExactly(
  connection: Connection,
  count: number,
  start = new Uint8Array(),
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  bytes.set(start);
  for (let got = start.length; got < count;) {
    const more = await connection.read(bytes.subarray(got));
    if (more === null) throw new CamcatError("the connection was closed at once");
    got += more;
  }
  return bytes;
}

/** What an error of TLS says of the keys. */
function explain(error: unknown): unknown {
  const text = messageOf(error);
  if (/invalid peer certificate|alert: (DecryptError|UnknownCA|\w*Certificate\w*)/.test(text)) {
    return new KeyError("wrong", "it has another key", { cause: error });
  }
  return error instanceof CamcatError ? error : new CamcatError(
    /eof|end of file|reset|broken pipe/i.test(text) ? "it went away" : NOT_CAMCAT,
    {
      cause: error,
    },
  );
}
