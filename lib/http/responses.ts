/**
 * HTTP responses. Each ends its connection, so that a client holds one no longer than it needs it.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Connection } from "../protocol/connection.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** Header fields of all responses. They keep browsers from using what we send on other sites. */
const HEADERS = {
  "Connection": "close",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; " +
    "media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
    "form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** The reason phrases of RFC 9110 section 15 for the statuses in use. */
const PHRASES: Record<number, string> = {
  101: "Switching Protocols",
  200: "OK",
  204: "No Content",
  206: "Partial Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  413: "Content Too Large",
  416: "Range Not Satisfiable",
  421: "Misdirected Request",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const UTF8 = new TextEncoder();

/** What a request is answered with. */
export interface HttpResponse {
  /** The HTTP status. */
  status: number;
  /** Header fields besides those of all responses. */
  headers: Record<string, string>;
  /** The body; undefined for none. */
  body?: Bytes | undefined;
  /** Continues on the connection after the head, in place of a body, until the connection ends. */
  proceed?(connection: Connection): Promise<void>;
}

/** A response with a body. */
export function respond(
  body: Bytes | string,
  headers: Record<string, string>,
  status = 200,
): HttpResponse {
  return { status, headers, body: typeof body === "string" ? UTF8.encode(body) : body };
}

/** A response without a body. */
export function empty(status: number, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers };
}

/** A value as JSON. */
export function json(value: unknown): HttpResponse {
  return respond(JSON.stringify(value) + "\n", { "Content-Type": "application/json" });
}

/** A plain sentence. */
export function sentence(
  status: number,
  text: string,
  headers?: Record<string, string>,
): HttpResponse {
  return respond(text + "\n", { "Content-Type": "text/plain; charset=utf-8", ...headers }, status);
}

/** Refuses a viewer, because there are as many as allowed. */
export function full(): HttpResponse {
  return sentence(503, "Cannot serve another viewer: all places are taken", {
    "Retry-After": "30",
  });
}

/** Encodes a response. @param withBody false in answers to `HEAD` */
export function encodeResponse(
  { status, headers, body }: HttpResponse,
  withBody = true,
): Bytes {
  const fields = {
    ...HEADERS,
    "Date": new Date().toUTCString(),
    ...(body === undefined ? {} : { "Content-Length": `${body.length}` }),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = UTF8.encode(`HTTP/1.1 ${status} ${PHRASES[status] ?? ""}\r\n${lines}\r\n`);
  return withBody && body !== undefined ? concat([head, body]) : head;
}
