/**
 * What the sender answers to HTTP requests.
 *
 * @module
 */

import { formatAddress } from "../protocol/address.ts";
import type { Share } from "../security/share.ts";
import { RenditionSink, type Wanted } from "../send/rendition_sink.ts";
import { wantedOf } from "./wanted_picture.ts";
import { CameraRouter } from "../send/camera_router.ts";
import type { Hub } from "../send/hub.ts";
import type { PairingDesk } from "../pairing/desk.ts";
import { closeAt, endless } from "./endless_response.ts";
import { figuresOf, METRICS_TYPE, metricsText } from "./metrics.ts";
import { MULTIPART_TYPE, MultipartViewer } from "./multipart_viewer.ts";
import {
  allowedOrigin,
  EMBEDDABLE,
  PREFLIGHT,
  type Refusal,
  refusalOf,
  sharedWith,
} from "./origin.ts";
import { HttpPairing } from "./pairing.ts";
import { empty, full, type HttpResponse, json, respond, sentence } from "./responses.ts";
import { Sessions, type SessionsOptions } from "./sessions.ts";
import { snapshot } from "./snapshot.ts";
import type { Visit, Website } from "./visit.ts";
import { PAGE } from "./web_page.ts";
import { soundResponse } from "./webm_listener.ts";
import { WebSocketConnection } from "./websocket_connection.ts";
import { webSocket } from "./websocket_handshake.ts";

/** How long a snapshot waits for a camera that must be opened first. */
const SNAPSHOT_MS = 10_000;

/** The methods of paths that take others than GET and HEAD. */
const METHODS: Record<string, readonly string[]> = {
  "/session": ["GET", "POST"],
  "/pair": ["POST"],
};

/** Where links with a view-only token may lead from elsewhere: not where it becomes the session. */
const SHAREABLE = [...EMBEDDABLE, "/sound.webm"];

/** The addresses of mjpg-streamer, which other programs have built in. */
const MJPG_STREAMER: Record<string, string> = {
  stream: "/stream.mjpg",
  snapshot: "/snapshot.jpg",
};

/** Options of {@linkcode Site}. */
export interface SiteOptions extends SessionsOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** The origins of other pages that may show pictures and figures; `*` for any. @default {[]} */
  allowOrigins?: readonly string[];
  /** Gives the token to pages whose users know a code. */
  pairing?: PairingDesk | undefined;
}

/** Answers requests for the page, pictures and figures of cameras. */
export class Site implements Website {
  #router: CameraRouter;
  #names: readonly string[];
  #allowOrigins: readonly string[];
  #isSecure: boolean;
  #sessions: Sessions;
  #pairing: HttpPairing;
  /** For those who may watch one camera only. */
  #ofOne = new WeakMap<Hub, CameraRouter>();

  /** Answers with the cameras of `router`. */
  constructor(router: CameraRouter, options: SiteOptions) {
    this.#router = router;
    this.#names = options.names.map((name) => name.toLowerCase());
    this.#allowOrigins = options.allowOrigins ?? [];
    this.#isSecure = options.isSecure;
    this.#sessions = new Sessions(options);
    this.#pairing = new HttpPairing(options.pairing);
  }

  /** Answers one request. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { method, url, headers } = visit.request;
    const path = pathOf(url);
    const origin = EMBEDDABLE.includes(path)
      ? allowedOrigin(headers, this.#allowOrigins)
      : undefined;
    const refusal = this.#refusal(visit, path, origin !== undefined);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);
    if (origin === undefined) return await this.#respond(visit, path);
    const response = method === "OPTIONS"
      ? empty(204, PREFLIGHT)
      : await this.#respond(visit, path);
    return { ...response, headers: { ...response.headers, ...sharedWith(origin) } };
  }

  #refusal({ request }: Visit, path: string, isAllowed: boolean): Refusal | undefined {
    const { host, headers, url } = request;
    const isShared = SHAREABLE.includes(path) && url.searchParams.has("share");
    const facts = { path, host, headers, isSecure: this.#isSecure, isShared };
    return refusalOf(facts, this.#names, isAllowed);
  }

  async #respond(visit: Visit, path: string): Promise<HttpResponse> {
    const { method, url, headers } = visit.request;
    const allowed = METHODS[path] ?? ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);
    const file = await PAGE.file(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/healthz") return sentence(200, "ok");

    if (path === "/pair") return await this.#pairing.answer(visit);
    if (path === "/session") return await this.#sessions.answer(visit);
    const right = await this.#sessions.admits(visit);
    if (right === undefined) {
      // The page has its own form for the key; the browser must not ask for a password first.
      const challenge = path === "/ws" ? undefined : { "WWW-Authenticate": 'Basic realm="camcat"' };
      return sentence(401, "Cannot show this: it needs the key", challenge);
    }
    if (this.#sessions.needsKey) visit.onTrusted();
    const router = await this.#routerFor(right);
    if (router === undefined) return sentence(404, "Cannot find the camera of this link");
    switch (path) {
      case "/status.json":
        return json({ cameras: router.hubs.map(figuresOf) });
      case "/metrics": {
        const cameras = router.hubs.map((hub) => ({
          figures: figuresOf(hub),
          latencies: hub.latencies,
        }));
        return respond(metricsText(cameras), { "Content-Type": METRICS_TYPE });
      }
      case "/ws":
        return await this.#watch(router, visit, right);
      case "/stream.mjpg":
        return ofCamera(router, url, (hub, wanted) => this.#stream(hub, wanted, visit, right));
      case "/sound.webm":
        return ofCamera(router, url, (hub) => soundResponse(hub, visit, right));
      case "/snapshot.jpg":
        return await ofCamera(router, url, (hub, wanted) => this.#snapshot(hub, wanted, headers));
    }
    return sentence(404, "Cannot find this: the page is at /");
  }

  /** The cameras that somebody with this right may watch; undefined if none of them is here. */
  async #routerFor(right: Share): Promise<CameraRouter | undefined> {
    const { hubs } = this.#router;
    const isIncluded = await Promise.all(hubs.map(({ name }) => right.includes(name)));
    const included = hubs.filter((_, index) => isIncluded[index]);
    if (included.length === hubs.length) return this.#router;
    if (included.length === 0) return undefined;
    const [hub] = included;
    let router = this.#ofOne.get(hub);
    if (router === undefined) this.#ofOne.set(hub, router = new CameraRouter([hub]));
    return router;
  }

  #watch(
    router: CameraRouter,
    { request, peer, onViewer }: Visit,
    { until }: Share,
  ): Promise<HttpResponse> {
    return webSocket(request, async (connection) => {
      using _ = closeAt(until, connection);
      const socket = new WebSocketConnection(connection);
      if (!await socket.hasData()) return;
      onViewer();
      await router.serve(socket, formatAddress(peer));
    });
  }

  #stream(hub: Hub, wanted: Wanted | undefined, visit: Visit, right: Share): HttpResponse {
    return endless(hub, MULTIPART_TYPE, visit, right, (connection) => {
      const viewer = new MultipartViewer(connection);
      return wanted === undefined ? viewer : new RenditionSink(viewer, hub.renditions, wanted);
    });
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

/** Answers for the camera and the picture that a URL asks for. */
function ofCamera<T>(
  router: CameraRouter,
  { searchParams }: URL,
  respond: (hub: Hub, wanted: Wanted | undefined) => T,
): T | HttpResponse {
  const name = searchParams.get("camera") ?? undefined;
  const hub = router.find(name);
  if (hub === undefined) return sentence(404, router.missing(name!));
  const wanted = wantedOf(searchParams);
  if (typeof wanted === "string") return sentence(400, wanted);
  if (wanted !== undefined && hub.renditions.isOff) {
    return sentence(404, "Cannot make another picture: the sender runs with --no-adapt");
  }
  return respond(hub, wanted);
}

/** The path of a URL, or what an address of mjpg-streamer stands for. */
function pathOf({ pathname, searchParams }: URL): string {
  const action = pathname === "/" ? searchParams.get("action") ?? "" : "";
  return Object.hasOwn(MJPG_STREAMER, action) ? MJPG_STREAMER[action] : pathname;
}
