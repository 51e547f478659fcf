/**
 * The site from which a browser calls.
 *
 * @module
 */

import { EVERYTHING } from "../http/access.ts";
import { type HttpResponse, json } from "../http/responses.ts";
import type { Visit } from "../http/visit.ts";
import { soundResponse } from "../http/webm_listener.ts";
import { pageFiles, WebPage } from "../http/web_page.ts";
import { WebSocketConnection } from "../http/websocket_connection.ts";
import { webSocket } from "../http/websocket_handshake.ts";
import { LinkedSite, type LinkedSiteOptions } from "../phone/linked_site.ts";
import { LIMITS_OF_SENDERS, SENDING_FILES } from "../phone/page_that_sends.ts";
import { formatAddress } from "../protocol/address.ts";
import type { Bye } from "../protocol/control.ts";
import { sayLast, type Waiting } from "./waiting.ts";

/** Its own files, and those with which pages send and watch. */
const PAGE = new WebPage(pageFiles("call_page/call.html", [
  "call_page/call.css",
  "call_page/call.js",
  "call_page/call_line.js",
  "call_page/texts.js",
  ...SENDING_FILES,
  "page/page.css",
  "page/icon.svg",
  "page/opus_decoder.js",
  "page/sound.js",
  "page/sound_queue.js",
  "page/viewer.js",
  "page/webm_reader.js",
]));

/** WebSockets at the same time: a call has three, and some more while it comes back. */
const MAX_SOCKETS = 32;
const TOO_MANY: Bye = { type: "bye", reason: "There are too many connections. Try again" };

/** Options of {@linkcode CallSite}. */
export interface CallSiteOptions extends LinkedSiteOptions {
  /** How long a lost line is waited for, in milliseconds. */
  waitMs: number;
}

/** Gives the page to everybody, and lets those call that have the token. */
export class CallSite extends LinkedSite {
  #waiting: Waiting;
  #waitMs: number;
  #sockets = 0;

  /** Browsers call `waiting`. */
  constructor(waiting: Waiting, options: CallSiteOptions) {
    super(PAGE, options);
    this.#waiting = waiting;
    this.#waitMs = options.waitMs;
  }

  protected override respond(
    visit: Visit,
    path: string,
  ): HttpResponse | undefined | Promise<HttpResponse> {
    switch (path) {
      case "/call.json":
        return json({ wait: this.#waitMs });
      case "/sound.webm": {
        // The name of a call is known to its two ends only.
        const hub = this.#waiting.hubOf(visit.request.url.searchParams.get("call") ?? "");
        return hub && soundResponse(hub, visit, EVERYTHING);
      }
      case "/ws":
        return this.#talk(visit);
    }
    return undefined;
  }

  /** The connections of a call, as programs have them. */
  async #talk({ request, peer, onViewer }: Visit): Promise<HttpResponse> {
    return await webSocket(request, async (connection) => {
      onViewer();
      const socket = new WebSocketConnection(connection, LIMITS_OF_SENDERS);
      if (this.#sockets >= MAX_SOCKETS) return await sayLast(socket, TOO_MANY);
      this.#sockets++;
      try {
        await this.#waiting.serve(socket, formatAddress(peer));
      } finally {
        this.#sockets--;
      }
    });
  }
}
