/**
 * The site on which a phone becomes the camera.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { defined } from "../base/defined.ts";
import { refusalOf } from "../http/origin.ts";
import { MAX_BODY_BYTES } from "../http/request.ts";
import { type HttpResponse, json, respond, sentence } from "../http/responses.ts";
import { Sessions, type SessionsOptions } from "../http/sessions.ts";
import type { Visit, Website } from "../http/visit.ts";
import { pageUrl, WebPage } from "../http/web_page.ts";
import { WebSocketConnection, type WebSocketLimits } from "../http/websocket_connection.ts";
import { webSocket } from "../http/websocket_handshake.ts";
import { MAX_FRAME_BYTES } from "../jpeg/frame.ts";
import { MAX_CONTROL_BYTES } from "../protocol/control.ts";
import type { PhoneDoor } from "./phone_door.ts";
import { PostLines } from "./post_lines.ts";

/** Its own files, and those of the page that watches: with paths as on the disk, for their imports. */
const PAGE = new WebPage({
  "/": pageUrl("phone_page/phone.html"),
  "/phone_page/phone.css": pageUrl("phone_page/phone.css"),
  "/phone_page/phone.js": pageUrl("phone_page/phone.js"),
  "/phone_page/camera.js": pageUrl("phone_page/camera.js"),
  "/phone_page/coarseness.js": pageUrl("phone_page/coarseness.js"),
  "/phone_page/line.js": pageUrl("phone_page/line.js"),
  "/phone_page/microphone.js": pageUrl("phone_page/microphone.js"),
  "/phone_page/post_socket.js": pageUrl("phone_page/post_socket.js"),
  "/phone_page/recorder.js": pageUrl("phone_page/recorder.js"),
  "/page/page.css": pageUrl("page/page.css"),
  "/page/wire.js": pageUrl("page/wire.js"),
  "/page/icon.svg": pageUrl("page/icon.svg"),
});

/** The longest message of a WebSocket, and the longest body of a request: a frame and its description. */
const MAX_MESSAGE_BYTES = 2 * 4 + MAX_CONTROL_BYTES + MAX_FRAME_BYTES;
const LIMITS: WebSocketLimits = { messageBytes: MAX_MESSAGE_BYTES, perSecond: 2000 };
/** Where phones send requests that cannot have a WebSocket. */
const LINE = "/line";

/** The picture that a phone is asked for. */
export interface PhonePicture extends Size {
  /** The camera's name, as viewers see it. */
  name: string;
  /** Pictures per second. */
  fps?: number | undefined;
  /** JPEG quality, 1 to 100. */
  quality?: number | undefined;
  /** Whether it may send smaller and coarser pictures where all are too many. */
  adapt?: boolean | undefined;
  /** Whether its sound is wanted, too. */
  sound?: boolean | undefined;
}

/** Options of {@linkcode PhoneSite}. */
export interface PhoneSiteOptions extends SessionsOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** What the phone is asked for. */
  picture: PhonePicture;
}

/** Gives the page to everybody, and lets those in that have the token. */
export class PhoneSite implements Website {
  #door: PhoneDoor;
  #lines: PostLines;
  #options: PhoneSiteOptions;
  #names: string[];
  #sessions: Sessions;

  /** Lets phones in by `door`. */
  constructor(door: PhoneDoor, options: PhoneSiteOptions) {
    this.#door = door;
    this.#lines = new PostLines(door);
    this.#options = options;
    this.#names = options.names.map((name) => name.toLowerCase());
    this.#sessions = new Sessions(options);
  }

  /** Only phones that were let in are asked for long bodies. */
  maxBodyBytes = (path: string): number => path === LINE ? MAX_MESSAGE_BYTES : MAX_BODY_BYTES;

  /** Answers one request. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { method, url, host, headers } = visit.request;
    const path = url.pathname;
    const { isSecure, picture } = this.#options;
    const refusal = refusalOf({ path, host, headers, isSecure }, this.#names);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);
    const allowed = path === "/session" || path === LINE ? ["GET", "POST"] : ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);

    const file = await PAGE.file(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/session") return await this.#sessions.answer(visit);
    if (!await this.#sessions.admits(visit)) {
      return sentence(401, "Cannot show this: it needs the address of the QR code");
    }
    visit.onTrusted();
    if (path === "/picture.json") return json(defined({ ...picture }));
    if (path === LINE) return await this.#lines.answer(visit.request);
    if (path === "/ws") {
      return await webSocket(visit.request, async (connection) => {
        visit.onViewer();
        await this.#door.enter(new WebSocketConnection(connection, LIMITS));
      });
    }
    return sentence(404, "Cannot find this: the page is at /");
  }
}
