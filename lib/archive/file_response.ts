/**
 * Files as HTTP responses, whole or in part.
 *
 * @module
 */

import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { writeAll } from "../program/write_all.ts";
import { empty, type HttpResponse } from "../http/responses.ts";
import type { Visit } from "../http/visit.ts";
import { type ByteRange, rangeOf } from "./byte_range.ts";
import type { Recording } from "./recordings.ts";

/** Bytes in memory at once for each client. */
const PIECE_BYTES = 256 * 1024;
/** How long a client may take for one of these pieces. */
const STALL_MS = 30_000;

/**
 * Responds with a recording, or with the part of it that `Range` asks for. A recording that is being
 * written ends where it ends now.
 *
 * @param read reads the file while there is room for another reader
 */
export function fileResponse(
  { path, name, bytes, endMs }: Recording,
  { request, onViewer }: Visit,
  read: (action: () => Promise<void>) => Promise<void>,
): HttpResponse {
  const etag = `"${bytes.toString(36)}-${Math.round(endMs).toString(36)}"`;
  const fields = {
    "Accept-Ranges": "bytes",
    "Content-Type": "video/x-matroska",
    "Content-Disposition": attachment(name),
    "ETag": etag,
    "Last-Modified": new Date(endMs).toUTCString(),
  };
  const isSame = [null, etag].includes(request.headers.get("if-range"));
  const range = isSame ? rangeOf(request.headers.get("range"), bytes) : undefined;
  if (range === "none") {
    return empty(416, { "Content-Range": `bytes */${bytes}`, "Content-Length": "0" });
  }
  const { from, to } = range ?? { from: 0, to: bytes };
  const headers: Record<string, string> = { ...fields, "Content-Length": `${to - from}` };
  if (range !== undefined) headers["Content-Range"] = `bytes ${from}-${to - 1}/${bytes}`;
  return {
    status: range === undefined ? 200 : 206,
    headers,
    proceed: async (connection) => {
      onViewer();
      await read(() => copy(path, { from, to }, connection));
    },
  };
}

/** Writes part of a file to a client, piece by piece; a client that takes nothing is disconnected. */
async function copy(path: string, { from, to }: ByteRange, connection: Connection): Promise<void> {
  using file = await Deno.open(path);
  await file.seek(from, Deno.SeekMode.Start);
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, to - from));
  for (let at = from; at < to;) {
    const count = await file.read(buffer.subarray(0, Math.min(buffer.length, to - at)));
    if (count === null) return; // it has become shorter
    const stalled = setTimeout(() => closeQuietly(connection), STALL_MS);
    try {
      await writeAll(connection, buffer.subarray(0, count));
    } finally {
      clearTimeout(stalled);
    }
    at += count;
  }
}

/** Offers the last part of a name for saving, also with letters beyond ASCII (RFC 6266). */
function attachment(name: string): string {
  const last = name.replaceAll("/", "_");
  const plain = last.replace(/[^\w.-]/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(last)}`;
}
