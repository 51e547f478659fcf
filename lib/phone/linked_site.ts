/**
 * A site whose visitors come by a link with a token.
 *
 * @module
 */

import { refusalOf } from "../http/origin.ts";
import { type HttpResponse, respond, sentence } from "../http/responses.ts";
import { Sessions, type SessionsOptions } from "../http/sessions.ts";
import type { Visit, Website } from "../http/visit.ts";
import type { WebPage } from "../http/web_page.ts";

/** Options of {@linkcode LinkedSite}. */
export interface LinkedSiteOptions extends SessionsOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
}

/** Gives its page to everybody, and the rest to those that have the token. */
export abstract class LinkedSite implements Website {
  #page: WebPage;
  #isSecure: boolean;
  #names: string[];
  #sessions: Sessions;

  /** Gives `page`. */
  constructor(page: WebPage, options: LinkedSiteOptions) {
    this.#page = page;
    this.#isSecure = options.isSecure;
    this.#names = options.names.map((name) => name.toLowerCase());
    this.#sessions = new Sessions(options);
  }

  /** Answers one request. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { method, url, host, headers } = visit.request;
    const path = url.pathname;
    const facts = { path, host, headers, isSecure: this.#isSecure };
    const refusal = refusalOf(facts, this.#names);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);
    const takesPost = path === "/session" || this.takesPost(path);
    const allowed = takesPost ? ["GET", "POST"] : ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);

    const file = await this.#page.file(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/session") return await this.#sessions.answer(visit);
    // A link that somebody was given to watch a camera is no right to anything here.
    const right = await this.#sessions.admits(visit);
    if (right?.until !== Infinity) {
      return sentence(401, "Cannot show this: it needs the address of the QR code");
    }
    visit.onTrusted();
    const response = await this.respond(visit, path);
    return response ?? sentence(404, "Cannot find this: the page is at /");
  }

  /** Whether a path takes POST besides GET. */
  protected takesPost(_path: string): boolean {
    return false;
  }

  /** Answers a visitor with the token. @returns undefined if nothing is there */
  protected abstract respond(
    visit: Visit,
    path: string,
  ): HttpResponse | undefined | Promise<HttpResponse | undefined>;
}
