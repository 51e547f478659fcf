/**
 * https: TLS with the user's certificate.
 *
 * @module
 */

import { CamcatError, messageOf } from "../base/errors.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { LoopbackTls } from "../security/loopback_tls.ts";

/** A certificate and its private key, in PEM. */
export interface Certificate {
  /** The certificate, followed by those of intermediate authorities. */
  cert: string;
  /** Its private key. */
  key: string;
}

/** A connection whose sending direction can be closed alone. */
export interface ClosingConnection extends Connection {
  /** Says that nothing more will be sent. */
  closeWrite(): Promise<void>;
}

/**
 * Checks that a certificate can be used.
 *
 * @throws {CamcatError} if not
 */
export function checkCertificate({ cert, key }: Certificate): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (error) {
    throw new CamcatError(
      "Cannot use the certificate: --tls-cert and --tls-key must name a certificate and its " +
        `private key, in PEM (${messageOf(error)})`,
      { cause: error },
    );
  }
}

/** Bytes carried to the client at once: a frame of usual size. */
const OUTWARD_BYTES = 128 * 1024;
/** What the first byte of a TLS connection is (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;

/**
 * Begins TLS on a connection, as its server, once the client has sent something: a silent one costs
 * nothing more. Deno's own TLS listener is not used, because it can neither be told to send at once
 * (TCP_NODELAY) nor to close a connection in the middle of the handshake.
 *
 * @returns undefined if the client does not begin TLS
 */
export async function acceptTls(
  connection: Deno.TcpConn,
  { cert, key }: Certificate,
): Promise<ClosingConnection | undefined> {
  const first = new Uint8Array(1);
  if (await connection.read(first) === null || first[0] !== HANDSHAKE) return undefined;
  const identity = { certificate: cert, privateKey: key };
  const opened = await LoopbackTls.open(connection, first, identity, OUTWARD_BYTES);
  const { tls } = opened;
  return {
    read: (into) => tls.read(into),
    write: (bytes) => tls.write(bytes),
    closeWrite: () => tls.closeWrite(),
    close: () => closeQuietly(opened),
  };
}
