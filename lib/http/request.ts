/**
 * Reading one HTTP/1.1 request (RFC 9112) from a peer that is not trusted.
 *
 * @module
 */

import type { Connection } from "../protocol/connection.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** The longest request head, in bytes. Browsers send the cookies of every port of a host. */
export const MAX_HEAD_BYTES = 16 * 1024;
/** The longest body, in bytes: a token, with room to spare. */
export const MAX_BODY_BYTES = 100;
/** Bytes of a long body read at once. */
const PIECE_BYTES = 64 * 1024;
/** The most header fields. */
const MAX_FIELDS = 100;

const LATIN1 = new TextDecoder("latin1");
const CR = 0x0d;
const LF = 0x0a;

/** A request that cannot be accepted; answered with a status and a sentence. */
export class RequestError extends Error {
  /** The name of the class. */
  override name = "RequestError";
  /** The HTTP status, 400 to 599. */
  readonly status: number;

  /** Makes an error from a status and a plain sentence. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * How long the body of a request may be, by its path, in bytes. One that may be longer than
 * {@linkcode MAX_BODY_BYTES} is left to who answers the request.
 */
export type BodyLimit = (path: string) => number;

/** The head of a request. */
export interface RequestHead {
  /** The method, in capitals. */
  method: string;
  /** Path and query of the target; the host in it means nothing. */
  url: URL;
  /** The host it is addressed to, with the port unless that is the default; empty if not given. */
  host: string;
  /** The header fields. */
  headers: Headers;
  /** The length of the body. */
  bodyBytes: number;
}

/**
 * Parses a head: request line and header fields, up to and without the empty line.
 *
 * @param maxBodyBytes how long the body may be, by the path
 */
export function parseHead(
  text: string,
  maxBodyBytes: BodyLimit = () => MAX_BODY_BYTES,
): RequestHead {
  const [requestLine, ...fields] = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const [, method, target] = /^([A-Z]{1,16}) ([!-~]+) HTTP\/1\.[01]$/.exec(requestLine) ?? [];
  if (method === undefined) {
    throw new RequestError(400, "Cannot read the request: it must be HTTP/1.1");
  }
  if (fields.length > MAX_FIELDS) {
    throw new RequestError(
      431,
      `Cannot read the request: it must have at most ${MAX_FIELDS} header fields, ` +
        `received ${fields.length}`,
    );
  }
  const headers = new Headers();
  for (const field of fields) {
    const colon = field.indexOf(":");
    const [name, value] = [field.slice(0, Math.max(0, colon)), field.slice(colon + 1).trim()];
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new RequestError(400, "Cannot read the request: a header field must be NAME: VALUE");
    }
    headers.append(name, value);
  }
  const isPath = target.startsWith("/");
  const url = isPath || /^https?:\/\//i.test(target)
    ? URL.parse(isPath ? `http://host${target}` : target)
    : null;
  if (url === null) {
    throw new RequestError(400, "Cannot read the request: its target must be a path");
  }
  // RFC 9112 section 3.2.2: the host of a whole URL goes before the field.
  const host = isPath ? headers.get("host") ?? "" : url.host;
  const bodyBytes = bodyBytesOf(headers, maxBodyBytes(url.pathname));
  return { method, url, host, headers, bodyBytes };
}

/** The length of the body that `headers` announce. */
function bodyBytesOf(headers: Headers, max: number): number {
  if (headers.has("transfer-encoding")) {
    throw new RequestError(411, "Cannot read the body: its length must be in Content-Length");
  }
  const length = headers.get("content-length") ?? "0";
  if (!/^\d+$/.test(length)) {
    throw new RequestError(400, "Cannot read the body: Content-Length must be a number");
  }
  if (Number(length) > max) {
    throw new RequestError(413, `Cannot read the body: it must be at most ${max} bytes long`);
  }
  return Number(length);
}

/** A request that was read. */
export interface HttpRequest extends RequestHead {
  /** The body as text; empty if who answers reads it. */
  body: string;
  /** The body, if who answers reads it: piece by piece, from a peer that may be slow. */
  pieces: AsyncIterable<Uint8Array>;
  /** Whether more bytes came right after the request. */
  hasMore: boolean;
}

/**
 * Reads one request, and not more than {@linkcode MAX_HEAD_BYTES} and {@linkcode MAX_BODY_BYTES}.
 * It waits as long as the connection stays open: the caller closes it after some time.
 *
 * @returns undefined if the connection ends before the request does
 * @throws {RequestError} if it is not a request, or too long
 */
export async function readRequest(
  connection: Connection,
  maxBodyBytes?: BodyLimit,
): Promise<HttpRequest | undefined> {
  const buffer = buffers.pop() ?? new Uint8Array(MAX_HEAD_BYTES + MAX_BODY_BYTES);
  try {
    return await readInto(buffer, connection, maxBodyBytes);
  } finally {
    buffers.push(buffer);
  }
}

/** Memory of earlier requests: new memory for each would pile up until it is collected. */
const buffers: Bytes[] = [];

async function readInto(
  buffer: Bytes,
  connection: Connection,
  maxBodyBytes: BodyLimit = () => MAX_BODY_BYTES,
): Promise<HttpRequest | undefined> {
  let length = 0;
  const readMore = async () => {
    const count = await connection.read(buffer.subarray(length));
    length += count ?? 0;
    return count !== null;
  };
  let headEnd: number | undefined;
  for (let searched = 0; headEnd === undefined; searched = length) {
    if (length >= MAX_HEAD_BYTES) {
      throw new RequestError(
        431,
        `Cannot read the request: its head must be at most ${MAX_HEAD_BYTES} bytes long`,
      );
    }
    if (!await readMore()) return undefined;
    headEnd = findEmptyLine(buffer, Math.max(0, searched - 2), length);
  }
  const text = LATIN1.decode(buffer.subarray(0, headEnd)).replace(/\r?\n\r?\n$/, "");
  const head = parseHead(text, maxBodyBytes);
  if (maxBodyBytes(head.url.pathname) > MAX_BODY_BYTES) {
    const begun = buffer.slice(headEnd, length);
    return {
      ...head,
      body: "",
      pieces: piecesOf(begun, head.bodyBytes, connection),
      hasMore: false,
    };
  }
  const end = headEnd + head.bodyBytes;
  if (length < end && head.headers.get("expect")?.toLowerCase() === "100-continue") {
    await connection.write(new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n"));
  }
  while (length < end) if (!await readMore()) return undefined;
  return {
    ...head,
    body: LATIN1.decode(buffer.subarray(headEnd, end)),
    pieces: piecesOf(buffer.slice(headEnd, end), head.bodyBytes, connection),
    hasMore: length > end,
  };
}

/** A body of so many bytes: what has come of it, and the rest. Ends early if the connection does. */
async function* piecesOf(
  begun: Uint8Array,
  bodyBytes: number,
  connection: Connection,
): AsyncGenerator<Uint8Array, void, void> {
  let rest = bodyBytes - begun.length;
  if (begun.length > 0) yield rest < 0 ? begun.subarray(0, bodyBytes) : begun;
  if (rest <= 0) return;
  const buffer = new Uint8Array(Math.min(rest, PIECE_BYTES));
  while (rest > 0) {
    const count = await connection.read(buffer.subarray(0, Math.min(rest, buffer.length)));
    if (count === null) return;
    rest -= count;
    yield buffer.subarray(0, count);
  }
}

/** The index after the first empty line that ends in `[from, to)`. */
function findEmptyLine(bytes: Bytes, from: number, to: number): number | undefined {
  for (let at = from; (at = bytes.indexOf(LF, at)) >= 0 && at < to; at++) {
    if (bytes[at - 1] === LF || (bytes[at - 1] === CR && bytes[at - 2] === LF)) return at + 1;
  }
  return undefined;
}
