/**
 * What a site on our HTTP server gets and gives.
 *
 * @module
 */

import type { BodyLimit, HttpRequest } from "./request.ts";
import type { HttpResponse } from "./responses.ts";

/** A client with its request. */
export interface Visit {
  /** What it asks for. */
  request: HttpRequest;
  /** Where it is. */
  peer: Deno.NetAddr;
  /** Called once it has shown the key. */
  onTrusted(): void;
  /** Called once it has become what stays: its connection is not limited in time any more. */
  onViewer(): void;
}

/** Answers requests. */
export interface Website {
  /** Answers one request. */
  answer(visit: Visit): Promise<HttpResponse>;
  /** How long bodies may be. @default {100} */
  maxBodyBytes?: BodyLimit;
}
