/**
 * The cameras over HTTP/1.1: a page for people, streams and figures for programs.
 *
 * It is a server of our own, because Deno's gathers chunked bodies and WebSocket messages without
 * a bound, and cannot limit connections in number or time.
 *
 * @module
 */

import { within } from "../base/within.ts";
import type { PairingDesk } from "../pairing/desk.ts";
import type { Address } from "../protocol/address.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { writeAll } from "../program/write_all.ts";
import { accept, listen } from "../security/listen.ts";
import { Throttle } from "../security/throttle.ts";
import type { CameraRouter } from "../send/camera_router.ts";
import type { AccessOptions } from "./access.ts";
import { ConnectionTable, type TableEntry } from "./connection_table.ts";
import { acceptTls, type Certificate, checkCertificate, type ClosingConnection } from "./https.ts";
import { readRequest, RequestError } from "./request.ts";
import { encodeResponse, type HttpResponse, sentence } from "./responses.ts";
import { Site } from "./site.ts";
import type { Website } from "./visit.ts";

/** How long a client may take to send its request, and later the first message of a WebSocket. */
const REQUEST_MS = 10_000;
/** How long a client may take to accept a response that ends. */
const RESPONSE_MS = 30_000;
/** How long a client may take to close after the response, and how much it may send meanwhile. */
const LINGER_MS = 1000;
const MAX_LINGER_BYTES = 64 * 1024;
/** How long the end waits for connections to close. */
const END_MS = 1000;

/** Options of {@linkcode serveSite}. */
export interface ServerOptions {
  /** Where to listen; port 0 picks a free one. */
  address: Address;
  /** Makes it https. */
  certificate?: Certificate | undefined;
  /** Stops it. */
  signal: AbortSignal;
  /** Called at most once a minute while connections are refused for lack of file descriptors. */
  onShortage?: ((reason: string) => void) | undefined;
}

/** Options of {@linkcode serveHttp}. */
export interface HttpOptions extends ServerOptions, AccessOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** The origins of other pages that may show pictures and figures; `*` for any. @default {[]} */
  allowOrigins?: readonly string[];
  /** Gives the token to pages whose users know a code. */
  pairing?: PairingDesk | undefined;
}

/** A running server. */
export interface HttpServing {
  /** Where it listens. */
  address: Address;
  /** Resolves when it has stopped. */
  finished: Promise<void>;
}

/**
 * Serves the cameras of `router` over HTTP.
 *
 * @throws {CamcatError} if it cannot listen there, or with that certificate
 */
export function serveHttp(router: CameraRouter, options: HttpOptions): HttpServing {
  return serveSite((where) => new Site(router, { ...options, ...where }), options, "--http");
}

/**
 * Serves a site of any kind.
 *
 * @param makeSite makes the site, once it is known where it is
 * @param option the option that says where to listen, for messages
 * @throws {CamcatError} if it cannot listen there, or with that certificate
 */
export function serveSite(
  makeSite: (where: { port: number; isSecure: boolean }) => Website,
  options: ServerOptions,
  option: string,
): HttpServing {
  const { certificate } = options;
  if (certificate !== undefined) checkCertificate(certificate);
  const listener = listen(options.address, option);
  const { hostname, port } = listener.addr;
  const server = new Server(makeSite({ port, isSecure: certificate !== undefined }), certificate);
  return { address: { hostname, port }, finished: server.run(listener, options) };
}

/** Reads one request from each connection, and answers it. */
class Server {
  #site: Website;
  #certificate: Certificate | undefined;
  #table = new ConnectionTable();
  /** The open connections, each with its visit, which never rejects. */
  #open = new Map<Deno.TcpConn, Promise<void>>();

  constructor(site: Website, certificate: Certificate | undefined) {
    this.#site = site;
    this.#certificate = certificate;
  }

  async run(
    listener: Deno.TcpListener,
    { signal, onShortage }: Pick<ServerOptions, "signal" | "onShortage">,
  ): Promise<void> {
    const giveUpOne = () => this.#table.giveUpOne();
    await accept(listener, { signal, giveUpOne, onShortage }, (connection) => {
      const tcp = connection as Deno.TcpConn;
      this.#open.set(tcp, this.#visit(tcp).finally(() => this.#open.delete(tcp)));
    });
    const visits = [...this.#open.values()];
    for (const connection of this.#open.keys()) closeQuietly(connection);
    await within(Promise.all(visits), END_MS);
  }

  async #visit(tcp: Deno.TcpConn): Promise<void> {
    const from = Throttle.addressOf(tcp.remoteAddr.hostname);
    const entry = this.#table.add(from, () => closeQuietly(tcp));
    if (entry === undefined) return closeQuietly(tcp);
    let connection: ClosingConnection | undefined;
    try {
      const accepting = this.#certificate ? acceptTls(tcp, this.#certificate) : tcp;
      connection = await this.#limit(entry, REQUEST_MS, accepting);
      if (connection !== undefined) await this.#converse(connection, tcp.remoteAddr, entry);
    } catch {
      // The client has disconnected, or we have closed the connection.
    }
    this.#table.remove(entry);
    closeQuietly(connection ?? tcp);
  }

  /** Reads a request, and answers it. */
  async #converse(
    connection: ClosingConnection,
    peer: Deno.NetAddr,
    entry: TableEntry,
  ): Promise<void> {
    const becameViewer = Promise.withResolvers<void>();
    const { response, isHead } = await this.#answer(connection, peer, entry, becameViewer.resolve);
    if (response === undefined) return;
    await this.#limit(entry, RESPONSE_MS, writeAll(connection, encodeResponse(response, !isHead)));
    if (isHead || response.proceed === undefined) {
      return await this.#limit(entry, LINGER_MS, linger(connection));
    }
    const proceeding = response.proceed(connection);
    await this.#limit(entry, REQUEST_MS, Promise.race([becameViewer.promise, proceeding]));
    this.#table.remove(entry);
    await proceeding;
  }

  async #answer(
    connection: Connection,
    peer: Deno.NetAddr,
    entry: TableEntry,
    onViewer: () => void,
  ): Promise<{ response?: HttpResponse; isHead: boolean }> {
    try {
      const request = await this.#limit(
        entry,
        REQUEST_MS,
        readRequest(connection, this.#site.maxBodyBytes),
      );
      if (request === undefined) return { isHead: false };
      const onTrusted = () => this.#table.trust(entry);
      const response = await this.#site.answer({ request, peer, onTrusted, onViewer });
      return { response, isHead: request.method === "HEAD" };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { response: sentence(error.status, error.message), isHead: false };
    }
  }

  /** Waits for `step`; closes the connection if that takes longer than `ms`. */
  async #limit<T>(entry: TableEntry, ms: number, step: T | Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#table.shed(entry), ms);
    try {
      return await step;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Where bytes go that nobody looks at. */
const discarded = new Uint8Array(64 * 1024);

/**
 * Waits for the client to close. Closing first, with bytes of the client unread, would reset the
 * connection, and the client could lose the response (RFC 9112 section 9.6).
 */
async function linger(connection: ClosingConnection): Promise<void> {
  await connection.closeWrite();
  for (let received = 0; received < MAX_LINGER_BYTES;) {
    const count = await connection.read(discarded);
    if (count === null) return;
    received += count;
  }
}
