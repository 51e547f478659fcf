/**
 * Sessions of browsers: a page shows a token once, and gets a cookie for it.
 *
 * @module
 */

import { Access, type AccessOptions, credentialsOf, sessionCookie } from "./access.ts";
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

  /** Whether a client may see the site. */
  async admits({ request: { headers }, peer }: Visit): Promise<boolean> {
    return await this.#access.admits(credentialsOf(headers, this.#cookie), peer.hostname);
  }

  /** Gives a session for a token (`POST`), or says whether there is one, and prolongs it. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { request: { method, body, headers }, peer } = visit;
    if (method === "POST") {
      return await this.#access.isToken(body, peer.hostname)
        ? await this.#welcome()
        : sentence(401, "Cannot start a session: this is not the key of this sender");
    }
    if (!await this.admits(visit)) {
      return sentence(401, "Cannot show anything: it needs the key");
    }
    const hasSession = credentialsOf(headers, this.#cookie).sessions.length > 0;
    return hasSession ? await this.#welcome() : empty(204);
  }

  async #welcome(): Promise<HttpResponse> {
    const session = await this.#access.newSession();
    return empty(204, { "Set-Cookie": sessionCookie(this.#cookie, session, this.#isSecure) });
  }
}
