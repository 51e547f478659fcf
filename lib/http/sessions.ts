/**
 * Sessions of browsers: a page shows a token once, and gets a cookie for it.
 *
 * @module
 */

import { Access, type AccessOptions, credentialsOf, sessionCookie } from "./access.ts";
import type { Share } from "../security/share.ts";
import { empty, type HttpResponse, sentence } from "./responses.ts";
import type { Visit } from "./visit.ts";

/** Options of {@linkcode Sessions}. */
export interface SessionsOptions extends AccessOptions {
  /** Whether it is https. */
  isSecure: boolean;
  /** Where it listens. It is in the cookie's name, because browsers share cookies between ports. */
  port: number;
}

/** Says who may see a site, and answers `/session`. */
export class Sessions {
  #access: Access;
  #cookie: string;
  #isSecure: boolean;

  /** Makes sessions of one site. */
  constructor(options: SessionsOptions) {
    this.#access = new Access(options);
    this.#cookie = `camcat-${options.port}`;
    this.#isSecure = options.isSecure;
  }

  /** Whether only clients that have shown the key may see the site. */
  get needsKey(): boolean {
    return this.#access.needsKey;
  }

  /** What a client may see of the site; undefined for nothing. */
  async admits({ request, peer }: Visit): Promise<Share | undefined> {
    return await this.#access.admits(credentialsOf(request, this.#cookie), peer.hostname);
  }

  /**
   * Gives a session for a token (`POST`), or says whether there is one, and prolongs it (`GET`). A
   * view-only token becomes the session that ends with it.
   */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { request, peer } = visit;
    const { sessions, share } = credentialsOf(request, this.#cookie);
    if (request.method === "POST") {
      return await this.#access.isToken(request.body, peer.hostname)
        ? await this.#welcome()
        : sentence(401, "Cannot start a session: this is not the key of this sender");
    }
    const right = await this.admits(visit);
    if (right === undefined) return sentence(401, "Cannot show anything: it needs the key");
    if (right.until !== Infinity) {
      return share === undefined ? empty(204) : this.#cookieFor(share, right.until);
    }
    return sessions.length > 0 ? await this.#welcome() : empty(204);
  }

  #cookieFor(share: string, until: number): HttpResponse {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    const cookie = sessionCookie(this.#cookie, share, this.#isSecure, seconds);
    return empty(204, { "Set-Cookie": cookie });
  }

  async #welcome(): Promise<HttpResponse> {
    const session = await this.#access.newSession();
    return empty(204, { "Set-Cookie": sessionCookie(this.#cookie, session, this.#isSecure) });
  }
}
