/**
 * Responses over HTTP.
 *
 * @module
 */

/** What a browser may do with what it gets from here: nothing beyond this server. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; " +
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** A response with what every one of ours says. */
export function respond(
  body: BodyInit | null,
  headers: Record<string, string>,
  status = 200,
): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/** A value, for programs. */
export function json(value: unknown): Response {
  return respond(JSON.stringify(value) + "\n", { "Content-Type": "application/json" });
}

/** A plain sentence, for whoever looks. */
export function sentence(status: number, text: string, headers?: Record<string, string>): Response {
  return respond(text + "\n", { "Content-Type": "text/plain; charset=utf-8", ...headers }, status);
}

/** Refuses a viewer: there are as many as there may be. */
export function full(): Response {
  return sentence(503, "There is no place for another viewer", { "Retry-After": "30" });
}
