/**
 * What sites share whose page sends pictures.
 *
 * @module
 */

import type { PagePath } from "../http/web_page.ts";
import type { WebSocketLimits } from "../http/websocket_connection.ts";
import { MAX_FRAME_BYTES } from "../jpeg/frame.ts";
import { MAX_CONTROL_BYTES } from "../protocol/control.ts";

/** The files with which a page sends its camera and its microphone. */
export const SENDING_FILES: readonly PagePath[] = [
  "phone_page/awake.js",
  "phone_page/camera.js",
  "phone_page/coarseness.js",
  "phone_page/line.js",
  "phone_page/microphone.js",
  "phone_page/post_socket.js",
  "phone_page/recorder.js",
  "phone_page/sending.js",
  "page/wire.js",
];

/** The longest message of a WebSocket, and the longest body of a request: a frame and its description. */
export const MAX_MESSAGE_BYTES: number = 2 * 4 + MAX_CONTROL_BYTES + MAX_FRAME_BYTES;

/** What such a page may send. */
export const LIMITS_OF_SENDERS: WebSocketLimits = {
  messageBytes: MAX_MESSAGE_BYTES,
  perSecond: 2000,
};
