/**
 * What HTTP responses have in common.
 *
 * @module
 */

/** Restricts what browsers do with our responses: load nothing from, and show nothing on, other sites. */
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

/** A response with the header fields that all of ours have. */
export function respond(
  body: BodyInit | null,
  headers: Record<string, string>,
  status = 200,
): Response {
  return new Response(body, { status, headers: { ...HEADERS, ...headers } });
}

/** A value as JSON. */
export function json(value: unknown): Response {
  return respond(JSON.stringify(value) + "\n", { "Content-Type": "application/json" });
}

/** A plain sentence. */
export function sentence(status: number, text: string, headers?: Record<string, string>): Response {
  return respond(text + "\n", { "Content-Type": "text/plain; charset=utf-8", ...headers }, status);
}

/** Refuses a viewer, because there are as many as allowed. */
export function full(): Response {
  return sentence(503, "Cannot serve another viewer: all places are taken", {
    "Retry-After": "30",
  });
}
