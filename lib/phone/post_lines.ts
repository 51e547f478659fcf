/**
 * Requests of phones that cannot have a WebSocket.
 *
 * @module
 */

import { within } from "../base/within.ts";
import { type HttpResponse, respond, sentence } from "../http/responses.ts";
import type { HttpRequest } from "../http/request.ts";
import type { PhoneDoor } from "./phone_door.ts";
import { PostConnection } from "./post_connection.ts";

/** How long a body may take. */
const BODY_MS = 10_000;
/** Lines at the same time: one is of the camera, others have just been replaced. */
const MAX_LINES = 8;
/** What a page may call its line. */
const ID = /^[\w-]{16,64}$/;

/**
 * Answers `POST` with bytes from a phone, and `GET` for bytes to it. The page gives each line a new
 * name, `?id=`, and opens it with its first `POST`, `&open`: a line that has ended does not return.
 */
export class PostLines {
  #door: PhoneDoor;
  #lines = new Map<string, PostConnection>();

  /** Lets phones in by `door`. */
  constructor(door: PhoneDoor) {
    this.#door = door;
  }

  /** Answers one request of a phone that was let in. */
  async answer({ method, url, pieces }: HttpRequest): Promise<HttpResponse> {
    const id = url.searchParams.get("id") ?? "";
    const isNew = method === "POST" && url.searchParams.has("open");
    const line = this.#lines.get(id) ?? (isNew ? this.#open(id) : undefined);
    if (line === undefined) return sentence(410, "Cannot continue: this connection has ended");
    if (method === "GET") {
      const bytes = await line.give();
      if (bytes.length === 0 && line.isClosed) {
        return sentence(410, "Cannot continue: this connection has ended");
      }
      return respond(bytes, { "Content-Type": "application/octet-stream" });
    }
    const taken = line.take(pieces).then(() => true, () => false);
    if (await within(taken, BODY_MS)) return respond("", {}, line.isClosed ? 410 : 200);
    line.close(); // what is missing cannot come later
    return sentence(408, "Cannot take the body: it must come within 10 s");
  }

  /** Opens a line. @returns undefined if its name cannot be, or there are too many */
  #open(id: string): PostConnection | undefined {
    if (!ID.test(id) || this.#lines.size >= MAX_LINES) return undefined;
    const line = new PostConnection();
    this.#lines.set(id, line);
    this.#door.enter(line).finally(() => this.#lines.delete(id));
    return line;
  }
}
