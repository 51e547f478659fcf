/**
 * What the sender answers to HTTP requests.
 *
 * @module
 */

import { formatAddress } from "../protocol/address.ts";
import { RenditionSink, type Wanted } from "../send/rendition_sink.ts";
import { wantedOf } from "./wanted_picture.ts";
import type { CameraRouter } from "../send/camera_router.ts";
import type { Hub } from "../send/hub.ts";
import type { PairingDesk } from "../pairing/desk.ts";
import { Access, type AccessOptions, credentialsOf, sessionCookie } from "./access.ts";
import { figuresOf, METRICS_TYPE, metricsText } from "./metrics.ts";
import { MULTIPART_TYPE, MultipartViewer } from "./multipart_viewer.ts";
import { refusalOf } from "./origin.ts";
import { HttpPairing } from "./pairing.ts";
import type { HttpRequest } from "./request.ts";
import { empty, full, type HttpResponse, json, respond, sentence } from "./responses.ts";
import { snapshot } from "./snapshot.ts";
import { pageFile } from "./web_page.ts";
import { WebSocketConnection } from "./websocket_connection.ts";
import { acceptValue } from "./websocket_frames.ts";

/** How long a snapshot waits for a camera that must be opened first. */
const SNAPSHOT_MS = 10_000;

/** The methods of paths that take others than GET and HEAD. */
const METHODS: Record<string, readonly string[]> = {
  "/session": ["GET", "POST"],
  "/pair": ["POST"],
};

/** Options of {@linkcode Site}. */
export interface SiteOptions extends AccessOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** Whether it is https. */
  isSecure: boolean;
  /** Gives the token to pages whose users know a code. */
  pairing?: PairingDesk | undefined;
  /** Where it listens. It is in the cookie's name, because browsers share cookies between ports. */
  port: number;
}

/** A client with its request. */
export interface Visit {
  /** What it asks for. */
  request: HttpRequest;
  /** Where it is. */
  peer: Deno.NetAddr;
  /** Called once it has shown the key. */
  onTrusted(): void;
  /** Called once it has become a viewer. */
  onViewer(): void;
}

/** Answers requests for the page, pictures and figures of cameras. */
export class Site {
  #router: CameraRouter;
  #names: readonly string[];
  #isSecure: boolean;
  #cookie: string;
  #access: Access;
  #pairing: HttpPairing;

  /** Answers with the cameras of `router`. */
  constructor(router: CameraRouter, options: SiteOptions) {
    this.#router = router;
    this.#names = options.names.map((name) => name.toLowerCase());
    this.#isSecure = options.isSecure;
    this.#cookie = `camcat-${options.port}`;
    this.#access = new Access(options);
    this.#pairing = new HttpPairing(options.pairing);
  }

  /** Answers one request. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { request: { method, url, host, headers }, peer } = visit;
    const path = url.pathname;
    const refusal = refusalOf({ path, host, headers, isSecure: this.#isSecure }, this.#names);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);

    const allowed = METHODS[path] ?? ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);
    const file = await pageFile(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/healthz") return sentence(200, "ok");

    if (path === "/pair") {
      const { body } = visit.request;
      return await this.#pairing.answer(url.searchParams.get("exchange"), body, peer.hostname);
    }
    if (method === "POST") return await this.#startSession(visit);
    const credentials = credentialsOf(headers, this.#cookie);
    const isIn = await this.#access.admits(credentials, peer.hostname);
    if (path === "/session") return await this.#session(isIn, credentials.sessions.length > 0);
    if (!isIn) {
      // The page has its own form for the key; the browser must not ask for a password first.
      const challenge = path === "/ws" ? undefined : { "WWW-Authenticate": 'Basic realm="camcat"' };
      return sentence(401, "Cannot show this: it needs the key", challenge);
    }
    if (this.#access.needsKey) visit.onTrusted();
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
        return await this.#webSocket(visit);
      case "/stream.mjpg":
        return this.#ofCamera(url, (hub, wanted) => this.#stream(hub, wanted, visit));
      case "/snapshot.jpg":
        return await this.#ofCamera(url, (hub, wanted) => this.#snapshot(hub, wanted, headers));
    }
    return sentence(404, "Cannot find this: the page is at /");
  }

  /** Gives a session for a token. */
  async #startSession({ request, peer }: Visit): Promise<HttpResponse> {
    if (!await this.#access.isToken(request.body, peer.hostname)) {
      return sentence(401, "Cannot start a session: this is not the key of this sender");
    }
    return await this.#welcome();
  }

  /** Says whether the client may watch, and prolongs its session. */
  async #session(isIn: boolean, hasSession: boolean): Promise<HttpResponse> {
    if (!isIn) return sentence(401, "Cannot show anything: it needs the key");
    return hasSession ? await this.#welcome() : empty(204);
  }

  async #welcome(): Promise<HttpResponse> {
    const session = await this.#access.newSession();
    return empty(204, { "Set-Cookie": sessionCookie(this.#cookie, session, this.#isSecure) });
  }

  async #webSocket(
    { request: { headers, hasMore }, peer, onViewer }: Visit,
  ): Promise<HttpResponse> {
    const key = headers.get("sec-websocket-key") ?? "";
    if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return sentence(426, "Cannot show this: it must be opened as a WebSocket", {
        "Upgrade": "websocket",
      });
    }
    if (headers.get("sec-websocket-version") !== "13") {
      return sentence(426, "Cannot open a WebSocket: its version must be 13", {
        "Sec-WebSocket-Version": "13",
      });
    }
    if (!/^[\w+/]{22}==$/.test(key) || hasMore) {
      return sentence(400, "Cannot open a WebSocket: its handshake must be that of RFC 6455");
    }
    return {
      status: 101,
      headers: {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Accept": await acceptValue(key),
      },
      proceed: async (connection) => {
        const socket = new WebSocketConnection(connection);
        if (!await socket.hasData()) return;
        onViewer();
        await this.#router.serve(socket, formatAddress(peer));
      },
    };
  }

  /** Answers for the camera and the picture that a URL asks for. */
  #ofCamera<T>(
    { searchParams }: URL,
    respond: (hub: Hub, wanted: Wanted | undefined) => T,
  ): T | HttpResponse {
    const name = searchParams.get("camera") ?? undefined;
    const hub = this.#router.find(name);
    if (hub === undefined) return sentence(404, this.#router.missing(name!));
    const wanted = wantedOf(searchParams);
    if (typeof wanted === "string") return sentence(400, wanted);
    if (wanted !== undefined && hub.renditions.isOff) {
      return sentence(404, "Cannot make another picture: the sender runs with --no-adapt");
    }
    return respond(hub, wanted);
  }

  #stream(
    hub: Hub,
    wanted: Wanted | undefined,
    { request, peer, onViewer }: Visit,
  ): HttpResponse {
    if (request.method !== "HEAD" && !hub.makeRoom()) return full();
    return {
      status: 200,
      headers: { "Content-Type": MULTIPART_TYPE },
      proceed: async (connection) => {
        if (!hub.makeRoom()) return;
        onViewer();
        const viewer = new MultipartViewer(connection);
        const sink = wanted === undefined
          ? viewer
          : new RenditionSink(viewer, hub.renditions, wanted);
        await hub.attend(sink, formatAddress(peer));
      },
    };
  }

  async #snapshot(
    hub: Hub,
    wanted: Wanted | undefined,
    headers: Headers,
  ): Promise<HttpResponse> {
    if (!hub.makeRoom()) return full();
    const frame = await snapshot(hub, wanted, AbortSignal.timeout(SNAPSHOT_MS));
    if (frame === undefined) {
      const reason = hub.stream.reason || `it gave none within ${SNAPSHOT_MS / 1000} s`;
      return sentence(503, `Cannot get a picture of ${hub.name}: ${reason}`, {
        "Retry-After": "5",
      });
    }
    const etag = `"${frame.time}-${frame.seq}${
      wanted ? JSON.stringify(wanted).replace(/\W/g, "") : ""
    }"`;
    if (headers.get("if-none-match")?.includes(etag)) return empty(304, { "ETag": etag });
    return respond(frame.jpeg, {
      "Content-Type": "image/jpeg",
      "ETag": etag,
      "X-Timestamp": (frame.time / 1000).toFixed(6),
    });
  }
}
