/**
 * The cameras over HTTP: a page for people, streams and figures for programs.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { Access, credentialsOf, type HttpCredentials, sessionCookie } from "./access.ts";
import { refusalOf } from "./origin.ts";
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

/** How long a snapshot waits for a camera that must be opened first. */
const SNAPSHOT_MS = 10_000;
/** The longest request body accepted: a token, with room to spare. */
const MAX_TOKEN_CHARACTERS = 100;

/** A certificate and its private key, in PEM. */
export interface Certificate {
  /** The certificate, followed by those of intermediate authorities. */
  cert: string;
  /** Its private key. */
  key: string;
}

/** Options of {@linkcode serveHttp}. */
export interface HttpOptions {
  /** Where to listen; port 0 picks a free one. */
  address: Address;
  /** What the key is derived into for HTTP; without them everybody may watch. */
  secrets: HttpSecrets | undefined;
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** Makes it https. */
  certificate?: Certificate | undefined;
  /** Stops it. */
  signal: AbortSignal;
  /** Called for wrong tokens. */
  onRefused?: OnRefused | undefined;
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
  const { address: { hostname, port }, certificate, signal } = options;
  const site = new Site(router, options);
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
  /** Where it listens. It is in the cookie's name, because browsers share cookies between ports. */
  port = 0;

  #router: CameraRouter;
  #names: readonly string[];
  #isSecure: boolean;
  #access: Access;

  constructor(router: CameraRouter, { names, secrets, onRefused, certificate }: HttpOptions) {
    this.#router = router;
    this.#names = names.map((name) => name.toLowerCase());
    this.#isSecure = certificate !== undefined;
    this.#access = new Access({ secrets, onRefused });
  }

  async answer(request: Request, info: Deno.ServeHandlerInfo<Deno.NetAddr>): Promise<Response> {
    const { method, headers } = request;
    const { remoteAddr: peer } = info;
    const { pathname: path, searchParams, host: authority } = new URL(request.url);
    // In HTTP/2 it is in the URL only.
    const host = headers.get("host") ?? authority;
    const refusal = refusalOf(
      { path, host, headers, isSecure: this.#isSecure },
      this.#names,
    );
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);

    const allowed = path === "/session" ? ["GET", "POST"] : ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);
    const file = await pageFile(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/healthz") return sentence(200, "ok");

    const credentials = credentialsOf(headers, this.#cookie);
    if (method === "POST") return await this.#begin(request, peer);
    const isIn = await this.#access.admits(credentials, peer.hostname);
    if (path === "/session") return await this.#session(isIn, credentials);
    if (!isIn) {
      // The page has its own form for the key; the browser must not ask for a password first.
      const challenge = path === "/ws" ? undefined : { "WWW-Authenticate": 'Basic realm="camcat"' };
      return sentence(401, "Cannot show this: it needs the key", challenge);
    }
    switch (path) {
      case "/status.json":
        return json({ cameras: this.#router.hubs.map(figuresOf) });
      case "/metrics": {
        const cameras = this.#router.hubs.map((hub) => ({
          figures: figuresOf(hub),
          latencies: hub.latencies,
        }));
        return respond(metricsText(cameras), { "Content-Type": METRICS_TYPE });
      }
      case "/ws":
        return this.#socket(request, peer);
    }
    if (path !== "/stream.mjpg" && path !== "/snapshot.jpg") {
      return sentence(404, "Cannot find this: the page is at /");
    }
    const name = searchParams.get("camera") ?? undefined;
    const hub = this.#router.find(name);
    if (hub === undefined) return sentence(404, this.#router.missing(name!));
    return path === "/stream.mjpg"
      ? this.#stream(hub, method, info)
      : await this.#snapshot(hub, headers);
  }

  get #cookie(): string {
    return `camcat-${this.port}`;
  }

  /** Gives a session for a token. */
  async #begin(request: Request, peer: Deno.NetAddr): Promise<Response> {
    const length = Number(request.headers.get("content-length") ?? NaN);
    if (!(length <= MAX_TOKEN_CHARACTERS)) {
      return sentence(413, "Cannot read this: it is not a token");
    }
    const token = await request.text();
    if (!await this.#access.isToken(token, peer.hostname)) {
      return sentence(401, "Cannot start a session: this is not the key of this sender");
    }
    return await this.#welcome();
  }

  /** Says whether the request may watch, and prolongs its session. */
  async #session(isIn: boolean, { sessions }: HttpCredentials): Promise<Response> {
    if (!isIn) return sentence(401, "Cannot show anything: it needs the key");
    return sessions.length === 0 ? respond(null, {}, 204) : await this.#welcome();
  }

  async #welcome(): Promise<Response> {
    const cookie = sessionCookie(this.#cookie, await this.#access.newSession(), this.#isSecure);
    return respond(null, { "Set-Cookie": cookie }, 204);
  }

  #socket(request: Request, peer: Deno.NetAddr): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return sentence(426, "Cannot show this: it must be opened as a WebSocket", {
        "Upgrade": "websocket",
      });
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 30 });
    const connection = new SocketConnection(socket);
    connection.opened.then(() => this.#router.serve(connection, formatAddress(peer)));
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
