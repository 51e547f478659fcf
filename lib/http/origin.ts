/**
 * Which web pages may send requests: ours, and for pictures those that the user allows.
 * `docs/security.md` describes the attacks that this stops.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

const OTHER_SITE = "Cannot answer pages of other sites: open this address itself; " +
  "a proxy must pass on the Host header that it received, " +
  "and --http-allow-origin lets other pages show the picture";

/** Why a request is refused. */
export interface Refusal {
  /** The HTTP status. */
  status: 403 | 421;
  /** A plain sentence. */
  reason: string;
}

/** The parts of a request that say where it comes from. */
export interface RequestFacts {
  /** The path of its URL. */
  path: string;
  /** The host it is addressed to, a name or an IP address, with the port unless that is the default. */
  host: string;
  /** Its header fields. */
  headers: Headers;
  /** Whether it came over https, so that the page that sent it must have, too. */
  isSecure: boolean;
  /** Whether its URL has a view-only token, so that others may link to it. */
  isShared?: boolean;
}

/** What pages of other sites may show, where the user allows it. */
export const EMBEDDABLE: readonly string[] = ["/stream.mjpg", "/snapshot.jpg", "/status.json"];

/** What pages of allowed origins may send besides plain requests. */
export const PREFLIGHT: Record<string, string> = {
  "Access-Control-Allow-Headers": "Authorization",
  "Access-Control-Max-Age": "86400",
};

/** Pages of any site. */
export const ANY_ORIGIN = "*";

/**
 * Reads the origins of `--http-allow-origin`, in any case.
 *
 * @throws {UsageError} if one is neither `*` nor an origin (RFC 6454)
 */
export function parseOrigins(text: string): string[] {
  return text.split(",").map((part) => {
    const origin = part.trim().toLowerCase();
    if (origin === ANY_ORIGIN) return origin;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url?.origin === origin && /^https?:$/.test(url.protocol)) return origin;
    throw new UsageError(
      `it must be * or origins such as http://octopi.local:5000, received "${part}"`,
    );
  });
}

/**
 * The origin of a page of another site that may show what it asks for, `*` if any page may; undefined
 * if it may not. Browsers tell the origin of a picture's page in `Referer` only.
 *
 * @param allowed origins as `http://host:port`, in lower case, or `*`
 */
export function allowedOrigin(headers: Headers, allowed: readonly string[]): string | undefined {
  if (allowed.includes(ANY_ORIGIN)) return ANY_ORIGIN;
  const [origin] = /^https?:\/\/[^/]+/.exec(
    (headers.get("origin") ?? headers.get("referer") ?? "").toLowerCase(),
  ) ?? [];
  return origin !== undefined && allowed.includes(origin) ? origin : undefined;
}

/** Lets pages of an origin read a response (Fetch Standard, section 3.3). */
export function sharedWith(origin: string): Record<string, string> {
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "ETag, X-Timestamp",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Origin, Referer",
  };
}

/**
 * Refuses requests that a page of another site makes a browser send: under a name of the attacker
 * that resolves to our address (DNS rebinding), or across sites. Programs other than browsers do
 * not send the header fields that this examines.
 *
 * @param names the names of this machine, in lower case
 * @param isAllowed whether pages of other sites may ask for this
 */
export function refusalOf(
  { path, host, headers, isSecure, isShared = false }: RequestFacts,
  names: readonly string[],
  isAllowed = false,
): Refusal | undefined {
  if (!isOurs(host, names)) {
    const reason = "Cannot answer under this name: use the IP address, or start it with " +
      "--http-host NAME";
    return { status: 421, reason };
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  // Anybody may link to the page itself: it shows its visitor nothing of anybody else's.
  const isLink = (path === "/" || isShared) && origin === null &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  const isOwn = (origin === null || isSameOrigin(origin, host, isSecure)) &&
    (site === "same-origin" || site === "none");
  return isOwn || isLink || isAllowed ? undefined : { status: 403, reason: OTHER_SITE };
}

/**
 * This machine's name, also below the domains of home networks, which nobody can register: with
 * another an attacker could lead a browser here (DNS rebinding). RFC 6762, RFC 8375, and what ICANN
 * has reserved.
 */
export function ownHostNames(): string[] {
  const name = Deno.hostname();
  return [name, ...["local", "lan", "home", "home.arpa", "internal"].map((it) => `${name}.${it}`)];
}

/** Whether it is an IP address, which no DNS server can redirect, or a name of this machine. */
function isOurs(host: string, names: readonly string[]): boolean {
  const match = /^(?:\[[0-9a-f:.]+\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host);
  if (match === null) return false;
  const name = match[1]?.toLowerCase().replace(/\.$/, "");
  return name === undefined || name === "localhost" || /^\d+\.\d+\.\d+\.\d+$/.test(name) ||
    names.includes(name);
}

/**
 * Whether `origin` is the origin of a request to `host`: the same scheme, name and port
 * (RFC 6454). Over plain http the scheme of the origin is believed, because a proxy in front of us
 * may serve https.
 */
function isSameOrigin(origin: string, host: string, isSecure: boolean): boolean {
  const [, scheme, authority] = /^(https?):\/\/([^/]+)$/i.exec(origin) ?? [];
  if (scheme === undefined || (isSecure && scheme.toLowerCase() !== "https")) return false;
  const defaultPort = scheme.toLowerCase() === "https" ? ":443" : ":80";
  return withPort(authority, defaultPort) === withPort(host, defaultPort);
}

function withPort(authority: string, defaultPort: string): string {
  return authority.toLowerCase() + (/:\d+$/.test(authority) ? "" : defaultPort);
}
