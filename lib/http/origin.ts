/**
 * Which web pages may send requests: only ours. `docs/security.md` describes the attacks that this
 * stops.
 *
 * @module
 */

const OTHER_SITE = "Cannot answer pages of other sites: open this address itself; " +
  "a proxy must pass on the Host header that it received";

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
}

/**
 * Refuses requests that a page of another site makes a browser send: under a name of the attacker
 * that resolves to our address (DNS rebinding), or across sites. Programs other than browsers do
 * not send the header fields that this examines.
 *
 * @param names the names of this machine, in lower case
 */
export function refusalOf(
  { path, host, headers, isSecure }: RequestFacts,
  names: readonly string[],
): Refusal | undefined {
  if (!isOurs(host, names)) {
    const reason = "Cannot answer under this name: use the IP address, or start the sender with " +
      "--http-host NAME";
    return { status: 421, reason };
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  // Anybody may link to the page itself: it shows its visitor nothing of anybody else's.
  const isLink = path === "/" && origin === null &&
    headers.get("sec-fetch-mode") === "navigate" && headers.get("sec-fetch-dest") === "document";
  const isOwn = (origin === null || isSameOrigin(origin, host, isSecure)) &&
    (site === "same-origin" || site === "none");
  return isOwn || isLink ? undefined : { status: 403, reason: OTHER_SITE };
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
