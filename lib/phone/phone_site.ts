/**
 * The site on which a phone becomes the camera.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { defined } from "../base/defined.ts";
import { MAX_BODY_BYTES } from "../http/request.ts";
import { type HttpResponse, json } from "../http/responses.ts";
import type { Visit } from "../http/visit.ts";
import { pageFiles, WebPage } from "../http/web_page.ts";
import { WebSocketConnection } from "../http/websocket_connection.ts";
import { webSocket } from "../http/websocket_handshake.ts";
import type { PhoneDoor } from "./phone_door.ts";
import { LinkedSite, type LinkedSiteOptions } from "./linked_site.ts";
import { LIMITS_OF_SENDERS, MAX_MESSAGE_BYTES, SENDING_FILES } from "./page_that_sends.ts";
import { PostLines } from "./post_lines.ts";

/** Its own files, and those of the page that watches. */
const PAGE = new WebPage(pageFiles("phone_page/phone.html", [
  "phone_page/phone.css",
  "phone_page/phone.js",
  ...SENDING_FILES,
  "page/page.css",
  "page/icon.svg",
]));

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
export interface PhoneSiteOptions extends LinkedSiteOptions {
  /** What the phone is asked for. */
  picture: PhonePicture;
}

/** Gives the page to everybody, and lets those in that have the token. */
export class PhoneSite extends LinkedSite {
  #door: PhoneDoor;
  #lines: PostLines;
  #picture: PhonePicture;

  /** Lets phones in by `door`. */
  constructor(door: PhoneDoor, options: PhoneSiteOptions) {
    super(PAGE, options);
    this.#door = door;
    this.#lines = new PostLines(door);
    this.#picture = options.picture;
  }

  /** Only phones that were let in are asked for long bodies. */
  maxBodyBytes = (path: string): number => path === LINE ? MAX_MESSAGE_BYTES : MAX_BODY_BYTES;

  protected override takesPost(path: string): boolean {
    return path === LINE;
  }

  protected override async respond(visit: Visit, path: string): Promise<HttpResponse | undefined> {
    if (path === "/picture.json") return json(defined({ ...this.#picture }));
    if (path === LINE) return await this.#lines.answer(visit.request);
    if (path !== "/ws") return undefined;
    return await webSocket(visit.request, async (connection) => {
      visit.onViewer();
      await this.#door.enter(new WebSocketConnection(connection, LIMITS_OF_SENDERS));
    });
  }
}
