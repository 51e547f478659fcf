/**
 * What the sender answers to HTTP requests.
 *
 * @module
 */

import type { Connection } from "../protocol/connection.ts";
import { formatAddress } from "../protocol/address.ts";
import { RenditionSink, type Wanted } from "../send/rendition_sink.ts";
import { wantedOf } from "./wanted_picture.ts";
import type { CameraRouter } from "../send/camera_router.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import type { Hub } from "../send/hub.ts";
import type { PairingDesk } from "../pairing/desk.ts";
import { figuresOf, METRICS_TYPE, metricsText } from "./metrics.ts";
import { MULTIPART_TYPE, MultipartViewer } from "./multipart_viewer.ts";
import { refusalOf } from "./origin.ts";
import { HttpPairing } from "./pairing.ts";
import { empty, full, type HttpResponse, json, respond, sentence } from "./responses.ts";
import { Sessions, type SessionsOptions } from "./sessions.ts";
import { snapshot } from "./snapshot.ts";
import type { Visit, Website } from "./visit.ts";
import { pageFile } from "./web_page.ts";
import { WEBM_TYPE } from "../sound/webm.ts";
import { WebmListener } from "./webm_listener.ts";
import { WebSocketConnection } from "./websocket_connection.ts";
import { webSocket } from "./websocket_handshake.ts";

/** How long a snapshot waits for a camera that must be opened first. */
const SNAPSHOT_MS = 10_000;

/** The methods of paths that take others than GET and HEAD. */
const METHODS: Record<string, readonly string[]> = {
  "/session": ["GET", "POST"],
  "/pair": ["POST"],
};

/** Options of {@linkcode Site}. */
export interface SiteOptions extends SessionsOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** Gives the token to pages whose users know a code. */
  pairing?: PairingDesk | undefined;
}

/** Answers requests for the page, pictures and figures of cameras. */
export class Site implements Website {
  #router: CameraRouter;
  #names: readonly string[];
  #isSecure: boolean;
  #sessions: Sessions;
  #pairing: HttpPairing;

  /** Answers with the cameras of `router`. */
  constructor(router: CameraRouter, options: SiteOptions) {
    this.#router = router;
    this.#names = options.names.map((name) => name.toLowerCase());
    this.#isSecure = options.isSecure;
    this.#sessions = new Sessions(options);
    this.#pairing = new HttpPairing(options.pairing);
  }

  /** Answers one request. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { method, url, host, headers } = visit.request;
    const path = url.pathname;
    const refusal = refusalOf({ path, host, headers, isSecure: this.#isSecure }, this.#names);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);

    const allowed = METHODS[path] ?? ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);
    const file = await pageFile(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/healthz") return sentence(200, "ok");

    if (path === "/pair") return await this.#pairing.answer(visit);
    if (path === "/session") return await this.#sessions.answer(visit);
    if (!await this.#sessions.admits(visit)) {
      // The page has its own form for the key; the browser must not ask for a password first.
      const challenge = path === "/ws" ? undefined : { "WWW-Authenticate": 'Basic realm="camcat"' };
      return sentence(401, "Cannot show this: it needs the key", challenge);
    }
    if (this.#sessions.needsKey) visit.onTrusted();
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
        return await this.#watch(visit);
      case "/stream.mjpg":
        return this.#ofCamera(url, (hub, wanted) => this.#stream(hub, wanted, visit));
      case "/sound.webm":
        return this.#ofCamera(url, (hub) => this.#sound(hub, visit));
      case "/snapshot.jpg":
        return await this.#ofCamera(url, (hub, wanted) => this.#snapshot(hub, wanted, headers));
    }
    return sentence(404, "Cannot find this: the page is at /");
  }

  #watch({ request, peer, onViewer }: Visit): Promise<HttpResponse> {
    return webSocket(request, async (connection) => {
      const socket = new WebSocketConnection(connection);
      if (!await socket.hasData()) return;
      onViewer();
      await this.#router.serve(socket, formatAddress(peer));
    });
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

  #stream(hub: Hub, wanted: Wanted | undefined, visit: Visit): HttpResponse {
    return endless(hub, MULTIPART_TYPE, visit, (connection) => {
      const viewer = new MultipartViewer(connection);
      return wanted === undefined ? viewer : new RenditionSink(viewer, hub.renditions, wanted);
    });
  }

  #sound(hub: Hub, visit: Visit): HttpResponse {
    if (hub.sound.state === undefined) {
      return sentence(404, `${hub.name} has no sound: the sender sends it with --sound`);
    }
    const listener = (connection: Connection) => new WebmListener(connection, hub.sound);
    return endless(hub, WEBM_TYPE, visit, listener);
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

/** A response that goes on as long as the client watches or listens. */
function endless(
  hub: Hub,
  type: string,
  { request, peer, onViewer }: Visit,
  serve: (connection: Connection) => FrameSink,
): HttpResponse {
  if (request.method !== "HEAD" && !hub.makeRoom()) return full();
  return {
    status: 200,
    headers: { "Content-Type": type },
    proceed: async (connection) => {
      if (!hub.makeRoom()) return;
      onViewer();
      await hub.attend(serve(connection), formatAddress(peer));
    },
  };
}
