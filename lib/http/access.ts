/**
 * Who may watch over HTTP: tokens, and the sessions of browsers.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { wait } from "../base/abort.ts";
import type { HttpSecrets } from "../security/identity.ts";
import { readShare, type Share } from "../security/share.ts";
import { type OnRefused, Throttle } from "../security/throttle.ts";

/** A session ends this long after it was last used. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** Cookies of a request that are looked at: each costs a signature. Browsers send one, rarely two. */
const MAX_SESSIONS = 16;
/** Requests that may wait at the same time because their address has shown wrong tokens. */
const MAX_WAITING = 64;

/** What a request shows to prove that it may watch. */
export interface HttpCredentials {
  /** The token, as `Authorization: Bearer TOKEN`, or Basic with it as the password. */
  token: string | undefined;
  /**
   * The cookies that may be the session. A browser sends several with one name when a page on
   * another path, or on a sibling domain, has set its own (RFC 6265 section 8.6).
   */
  sessions: string[];
  /** The view-only token in the URL, `?share=TOKEN`. */
  share: string | undefined;
}

/** Everything may be watched, for as long as the client likes. */
export const EVERYTHING: Share = { until: Infinity, includes: () => Promise.resolve(true) };

/** Reads the credentials of a request. @param cookie the name of the session cookie */
export function credentialsOf(
  { headers, url }: { headers: Headers; url: URL },
  cookie: string,
): HttpCredentials {
  const [, scheme, value] = /^(bearer|basic) +(\S+)$/i.exec(headers.get("authorization") ?? "") ??
    [];
  const cookies = (headers.get("cookie") ?? "").split(/[;,] */);
  return {
    token: scheme?.toLowerCase() === "basic" ? passwordOf(value) : value,
    sessions: cookies.filter((it) => it.startsWith(`${cookie}=`)).slice(0, MAX_SESSIONS)
      .map((it) => it.slice(cookie.length + 1)),
    share: url.searchParams.get("share") ?? undefined,
  };
}

function passwordOf(basic: string): string | undefined {
  try {
    const pair = atob(basic);
    return pair.slice(pair.indexOf(":") + 1);
  } catch {
    return undefined;
  }
}

/** Options of {@linkcode Access}. */
export interface AccessOptions {
  /** What the key is derived into for HTTP; without them everybody may watch. */
  secrets: HttpSecrets | undefined;
  /** Called for wrong tokens. */
  onRefused?: OnRefused | undefined;
}

/** Checks tokens, and makes and checks the sessions that browsers get in exchange for them. */
export class Access {
  #secrets: HttpSecrets | undefined;
  #throttle: Throttle;
  #waiting = 0;
  #hmac: Promise<CryptoKey> | undefined;

  /** Checks against `secrets`. */
  constructor({ secrets, onRefused }: AccessOptions) {
    this.#secrets = secrets;
    this.#throttle = new Throttle(onRefused);
    this.#hmac = secrets && crypto.subtle.importKey(
      "raw",
      secrets.sessionKey,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
  }

  /** Whether only clients that have shown the key may watch. */
  get needsKey(): boolean {
    return this.#secrets !== undefined;
  }

  /**
   * What a request with these credentials, from that IP address, may watch. A view-only token may
   * also be the session: the page of a link that was opened has it as its cookie.
   */
  async admits(
    { token, sessions, share }: HttpCredentials,
    address: string,
  ): Promise<Share | undefined> {
    if (this.#secrets === undefined) return EVERYTHING;
    for (const session of sessions) if (await this.isSession(session)) return EVERYTHING;
    if (token !== undefined && await this.isToken(token, address)) return EVERYTHING;
    for (const shown of share === undefined ? sessions : [share, ...sessions]) {
      const right = await readShare(this.#secrets.shareKey, shown);
      if (right !== undefined) return right;
    }
    return undefined;
  }

  /**
   * Whether this is the token. The answer to a wrong one is delayed for an address that has shown
   * several. The right one never waits: its owner may share the address with an attacker (NAT).
   */
  async isToken(token: string, address: string): Promise<boolean> {
    if (this.#secrets === undefined) return true;
    const [given, right] = [bytesOf(token), bytesOf(this.#secrets.token)];
    if (given.length === right.length && timingSafeEqual(given, right)) return true;
    const from = Throttle.addressOf(address);
    const delayMs = this.#throttle.delayMs(from);
    this.#throttle.add(from, "it does not have the key (HTTP)");
    if (delayMs > 0 && this.#waiting < MAX_WAITING) {
      this.#waiting++;
      await wait(delayMs, new AbortController().signal);
      this.#waiting--;
    }
    return false;
  }

  /**
   * Makes a session: the time of its end, in seconds since the Unix epoch, and our signature of
   * it. So it survives a restart of the sender, and needs no memory.
   *
   * @param now in milliseconds since the Unix epoch
   */
  async newSession(now: number = Date.now()): Promise<string> {
    if (this.#hmac === undefined) return "";
    const end = `${Math.floor(now / 1000) + SESSION_SECONDS}`;
    const signature = await crypto.subtle.sign("HMAC", await this.#hmac, bytesOf(end));
    return `${end}.${new Uint8Array(signature).toHex()}`;
  }

  /** Whether {@linkcode Access.newSession} made this session, and it has not ended. */
  async isSession(session: string, now: number = Date.now()): Promise<boolean> {
    if (this.#hmac === undefined) return true;
    const [, end, signature] = /^(\d{1,15})\.([0-9a-f]{64})$/.exec(session) ?? [];
    if (end === undefined || Number(end) * 1000 <= now) return false;
    const signed = Uint8Array.fromHex(signature);
    return await crypto.subtle.verify("HMAC", await this.#hmac, signed, bytesOf(end));
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/**
 * The value of the `Set-Cookie` field that gives a session to a browser, or prolongs it.
 *
 * @param seconds how long the browser keeps it
 */
export function sessionCookie(
  name: string,
  session: string,
  isSecure: boolean,
  seconds: number = SESSION_SECONDS,
): string {
  return `${name}=${session}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict` +
    (isSecure ? "; Secure" : "");
}
