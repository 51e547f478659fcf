/**
 * The opening handshake of WebSockets (RFC 6455 section 4.2).
 *
 * @module
 */

import type { Connection } from "../protocol/connection.ts";
import type { HttpRequest } from "./request.ts";
import { type HttpResponse, sentence } from "./responses.ts";
import { acceptValue } from "./websocket_frames.ts";

/** Answers a request for a WebSocket; `proceed` gets the connection after the handshake. */
export async function webSocket(
  { headers, hasMore }: HttpRequest,
  proceed: (connection: Connection) => Promise<void>,
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
    proceed,
  };
}
