/**
 * Who may do what over HTTP. `docs/security.md` tells against whom.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { wait } from "../base/abort.ts";
import type { HttpSecrets } from "../security/identity.ts";
import { type OnRefused, Throttle } from "../security/throttle.ts";

/** How long a session lasts that is not used. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** Requests that may be made to wait at the same time, for what their address has failed before. */
const MAX_WAITING = 64;

const OTHER_SITE = "Cannot answer pages of other sites: open this one itself; " +
  "a proxy must pass the Host on that it was asked for";

/** A request that is not answered with what it asks for. */
export interface Refusal {
  /** The HTTP status. */
  status: 403 | 421;
  /** Why, a plain sentence. */
  reason: string;
}

/** What is looked at of a request. */
export interface RequestFacts {
  /** The path of its URL. */
  path: string;
  /** What it takes us for, a name or an address, with the port. */
  host: string;
  /** Its header. */
  headers: Headers;
}

/**
 * Refuses what a page of somebody else's makes a browser ask for: by a name of its own
 * for our address (DNS rebinding), or across sites. Other programs than browsers
 * send none of the header fields that are looked at.
 *
 * @param names the names that this machine goes by
 */
export function refusalOf(
  { path, host, headers }: RequestFacts,
  names: readonly string[],
): Refusal | undefined {
  if (!isOurs(host, names)) {
    const reason = "Cannot answer under this name: use the IP address, or start the sender with " +
      "--http-host NAME";
    return { status: 421, reason };
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  // A link to the page itself may be anywhere: it shows nobody anything else's.
  const isLink = path === "/" && origin === null &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  const isOwn = (origin === null || hostOf(origin) === withoutDefaultPort(host)) &&
    (site === "same-origin" || site === "none");
  return isOwn || isLink ? undefined : { status: 403, reason: OTHER_SITE };
}

/** Whether it is an IP address, which nobody can point elsewhere, or a name of this machine. */
function isOurs(host: string, names: readonly string[]): boolean {
  const match = /^(?:\[[0-9a-f:.]+\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  if (match === null) return false;
  const name = match[1]?.toLowerCase().replace(/\.$/, "");
  return name === undefined || name === "localhost" || /^\d+\.\d+\.\d+\.\d+$/.test(name) ||
    names.includes(name);
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1].replace(/:(80|443)$/, "").toLowerCase();
}

function withoutDefaultPort(host: string): string {
  return host.replace(/:(80|443)$/, "").toLowerCase();
}

/** What a request shows to be let in. */
export interface Shown {
  /** The token, as `Authorization: Bearer TOKEN`, or Basic with it as the password. */
  token: string | undefined;
  /** The session, a cookie. */
  session: string | undefined;
}

/** Reads what a request shows. @param cookie the name of the session's cookie */
export function shownBy(headers: Headers, cookie: string): Shown {
  const [, scheme, value] = /^(bearer|basic) +(\S+)$/i.exec(headers.get("authorization") ?? "") ??
    [];
  const cookies = (headers.get("cookie") ?? "").split(/; */);
  return {
    token: scheme?.toLowerCase() === "basic" ? passwordOf(value) : value,
    session: cookies.find((it) => it.startsWith(`${cookie}=`))?.slice(cookie.length + 1),
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
  /** Without them everybody is let in. */
  secrets: HttpSecrets | undefined;
  /** Hears of wrong tokens. */
  onRefused?: OnRefused | undefined;
}

/** Lets in who shows that it has the key: by the token, or by a session that it got for the token. */
export class Access {
  #secrets: HttpSecrets | undefined;
  #penalties: Throttle;
  #waiting = 0;
  #hmac: Promise<CryptoKey> | undefined;

  /** Makes it for these secrets. */
  constructor({ secrets, onRefused }: AccessOptions) {
    this.#secrets = secrets;
    this.#penalties = new Throttle(onRefused);
    this.#hmac = secrets && crypto.subtle.importKey(
      "raw",
      secrets.sessionKey,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
  }

  /** Whether a request from that IP address may see pictures. */
  async admits({ token, session }: Shown, address: string): Promise<boolean> {
    if (this.#secrets === undefined) return true;
    if (session !== undefined && await this.hasSession(session)) return true;
    return token !== undefined && await this.isToken(token, address);
  }

  /** Whether this is the token. Who is wrong again and again has to wait for the answer. */
  async isToken(token: string, address: string): Promise<boolean> {
    if (this.#secrets === undefined) return true;
    const from = Throttle.addressOf(address);
    const delayMs = this.#penalties.delayMs(from);
    if (delayMs > 0) {
      if (this.#waiting >= MAX_WAITING) return false;
      this.#waiting++;
      await wait(delayMs, new AbortController().signal);
      this.#waiting--;
    }
    const [given, right] = [bytesOf(token), bytesOf(this.#secrets.token)];
    if (given.length === right.length && timingSafeEqual(given, right)) {
      this.#penalties.forget(from);
      return true;
    }
    this.#penalties.add(from, "it does not have the key (HTTP)");
    return false;
  }

  /**
   * Makes a session: when it ends, in seconds since the Unix epoch, and our signature of
   * that. So it outlives the sender, and takes up no memory.
   *
   * @param now in milliseconds since the Unix epoch
   */
  async session(now: number = Date.now()): Promise<string> {
    if (this.#hmac === undefined) return "";
    const end = `${Math.floor(now / 1000) + SESSION_SECONDS}`;
    const signature = await crypto.subtle.sign("HMAC", await this.#hmac, bytesOf(end));
    return `${end}.${new Uint8Array(signature).toHex()}`;
  }

  /** Whether this is a session that {@linkcode Access.session} made, and it has not ended. */
  async hasSession(session: string, now: number = Date.now()): Promise<boolean> {
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

/** The header field that gives a session to a browser, or prolongs it. */
export function sessionCookie(name: string, session: string, isSecure: boolean): string {
  return `${name}=${session}; Path=/; Max-Age=${SESSION_SECONDS}; HttpOnly; SameSite=Strict` +
    (isSecure ? "; Secure" : "");
}
