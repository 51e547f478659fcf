/**
 * The cameras over HTTP: a page for people, streams and figures for programs.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { Access, refusalOf, sessionCookie, type Shown, shownBy } from "./access.ts";
import { full, json, respond, sentence } from "./responses.ts";
import type { Hub } from "../send/hub.ts";
import type { HttpSecrets } from "../security/identity.ts";
import { listenError } from "../security/listen.ts";
import { figuresOf, METRICS_TYPE, metricsText } from "./metrics.ts";
import { MULTIPART_TYPE, MultipartViewer } from "./multipart_viewer.ts";
import type { OnRefused } from "../security/throttle.ts";
import { snapshot } from "./snapshot.ts";
import { SocketConnection } from "./websocket_connection.ts";
import type { CameraRouter } from "../send/camera_router.ts";
import { pageFile } from "./web_page.ts";

/** How long a snapshot waits for a camera that has to be opened first. */
const SNAPSHOT_MS = 10_000;
/** More than a token is not read of a request. */
const MAX_TOKEN_CHARACTERS = 100;

/** A certificate and its private key, in PEM. */
export interface Certificate {
  /** The certificate, and those between it and its authority. */
  cert: string;
  /** Its private key. */
  key: string;
}

/** Options of {@linkcode serveHttp}. */
export interface HttpOptions {
  /** Where to listen; port 0 picks a free one. */
  address: Address;
  /** What must be shown to see anything; without it everybody sees everything. */
  secrets: HttpSecrets | undefined;
  /** Names under which it may be asked, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** With it, it is https. */
  certificate?: Certificate | undefined;
  /** Stops it. */
  signal: AbortSignal;
  /** Hears of wrong tokens. */
  onRefused?: OnRefused | undefined;
}

/** A server at work. */
export interface HttpServing {
  /** Where it listens. */
  address: Address;
  /** Resolves when it has been stopped. */
  finished: Promise<void>;
}

/**
 * Serves the cameras of a studio over HTTP.
 *
 * @throws {CamcatError} if it cannot listen there, or with that certificate
 */
export function serveHttp(studio: CameraRouter, options: HttpOptions): HttpServing {
  const { address: { hostname, port }, certificate, signal } = options;
  const site = new Site(studio, options);
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname,
      port,
      signal,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
      ...certificate,
    }, (request, info) => site.answer(request, info));
  } catch (error) {
    if (error instanceof Deno.errors.InvalidData || error instanceof TypeError) {
      throw new CamcatError(
        "Cannot use the certificate: --tls-cert and --tls-key must name a certificate and its " +
          `private key, in PEM (${messageOf(error)})`,
        { cause: error },
      );
    }
    throw listenError(error, options.address, "--http");
  }
  site.port = server.addr.port;
  return { address: server.addr, finished: server.finished };
}

/** Answers requests. */
class Site {
  /** Where it listens: browsers give a cookie to all ports of a host, so that its name must differ. */
  port = 0;

  #studio: CameraRouter;
  #names: readonly string[];
  #isSecure: boolean;
  #access: Access;

  constructor(studio: CameraRouter, { names, secrets, onRefused, certificate }: HttpOptions) {
    this.#studio = studio;
    this.#names = names.map((name) => name.toLowerCase());
    this.#isSecure = certificate !== undefined;
    this.#access = new Access({ secrets, onRefused });
  }

  async answer(request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Promise<Response> {
    const { method, headers } = request;
    const { remoteAddr: peer } = info;
    const { pathname: path, searchParams, host: authority } = new URL(request.url);
    // HTTP/2 has it in the URL only.
    const host = headers.get("host") ?? authority;
    const refusal = refusalOf({ path, host, headers }, this.#names);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);

    const allowed = path === "/session" ? ["GET", "POST"] : ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);
    const file = await pageFile(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/healthz") return sentence(200, "ok");

    const shown = shownBy(headers, this.#cookie);
    if (method === "POST") return await this.#begin(request, peer);
    const isIn = await this.#access.admits(shown, peer.hostname);
    if (path === "/session") return await this.#session(isIn, shown);
    if (!isIn) {
      // The page asks for a key in its own way; a browser must not ask for a password before.
      const challenge = path === "/ws" ? undefined : { "WWW-Authenticate": 'Basic realm="camcat"' };
      return sentence(401, "Cannot show this without the key", challenge);
    }
    switch (path) {
      case "/status.json":
        return json({ cameras: this.#studio.hubs.map(figuresOf) });
      case "/metrics": {
        const cameras = this.#studio.hubs.map((hub) => ({
          figures: figuresOf(hub),
          latencies: hub.latencies,
        }));
        return respond(metricsText(cameras), { "Content-Type": METRICS_TYPE });
      }
      case "/ws":
        return this.#socket(request, peer);
    }
    if (path !== "/stream.mjpg" && path !== "/snapshot.jpg") {
      return sentence(404, "There is nothing here: the page is at /");
    }
    const name = searchParams.get("camera") ?? undefined;
    const hub = this.#studio.find(name);
    if (hub === undefined) return sentence(404, this.#studio.missing(name!));
    return path === "/stream.mjpg"
      ? this.#stream(hub, method, info)
      : await this.#snapshot(hub, headers);
  }

  get #cookie(): string {
    return `camcat-${this.port}`;
  }

  /** Trades a token for a session. */
  async #begin(request: Request, peer: Deno.NetAddr): Promise<Response> {
    const length = Number(request.headers.get("content-length") ?? NaN);
    if (!(length <= MAX_TOKEN_CHARACTERS)) return sentence(413, "Cannot read this: it is no token");
    const token = await request.text();
    if (!await this.#access.isToken(token, peer.hostname)) {
      return sentence(401, "Cannot show anything: this is not the key of this sender");
    }
    return await this.#welcome();
  }

  /** Says whether there is a session, or none is needed. */
  async #session(isIn: boolean, { session }: Shown): Promise<Response> {
    if (!isIn) return sentence(401, "Cannot show anything without the key");
    return session === undefined ? respond(null, {}, 204) : await this.#welcome();
  }

  async #welcome(): Promise<Response> {
    const cookie = sessionCookie(this.#cookie, await this.#access.session(), this.#isSecure);
    return respond(null, { "Set-Cookie": cookie }, 204);
  }

  #socket(request: Request, peer: Deno.NetAddr): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return sentence(426, "Cannot show this: it is for WebSockets", { "Upgrade": "websocket" });
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 30 });
    const connection = new SocketConnection(socket);
    connection.heard.then(() => this.#studio.serve(connection, formatAddress(peer)));
    return response;
  }

  #stream(
    hub: Hub,
    method: string,
    { remoteAddr, completed }: Deno.ServeHandlerInfo<Deno.NetAddr>,
  ): Response {
    const headers = { "Content-Type": MULTIPART_TYPE };
    if (method === "HEAD") return respond(null, headers);
    if (!hub.hasRoom) return full();
    const viewer = new MultipartViewer(completed);
    hub.attend(viewer, formatAddress(remoteAddr));
    return respond(viewer.body, headers);
  }

  async #snapshot(hub: Hub, headers: Headers): Promise<Response> {
    if (!hub.hasRoom) return full();
    const frame = await snapshot(hub, AbortSignal.timeout(SNAPSHOT_MS));
    if (frame === undefined) {
      const reason = hub.stream.reason || `it gave none within ${SNAPSHOT_MS / 1000} s`;
      return sentence(503, `Cannot get a picture of ${hub.name}: ${reason}`, {
        "Retry-After": "5",
      });
    }
    const etag = `"${frame.time}-${frame.seq}"`;
    const about = {
      "Content-Type": "image/jpeg",
      "ETag": etag,
      "X-Timestamp": (frame.time / 1000).toFixed(6),
    };
    return headers.get("if-none-match")?.includes(etag)
      ? respond(null, { "ETag": etag }, 304)
      : respond(frame.jpeg, about);
  }
}
