// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { allowedOrigin, parseOrigins, refusalOf } from "../../lib/http/origin.ts";

const PAGE = "/stream.mjpg";
const LINK = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };

const REQUESTS: [what: string, path: string, headers: Record<string, string>, status?: number][] = [
  ["an address", PAGE, { host: "192.168.1.20:8080" }],
  ["an IPv6 address", PAGE, { host: "[fe80::1]:8080" }],
  ["this machine", PAGE, { host: "localhost:8080" }],
  ["a name of this machine", PAGE, { host: "Camera.local:8080" }],
  ["such a name with a final dot", PAGE, { host: "camera.local." }],
  ["another name, as for DNS rebinding", PAGE, { host: "evil.example:8080" }, 421],
  ["a name that begins like an address", PAGE, { host: "192.168.1.20.evil.example" }, 421],
  ["a name that ends like ours", PAGE, { host: "evil-camera.local" }, 421],
  ["no name", PAGE, {}, 421],
  ["what is not a name", PAGE, { host: "localhost/@evil" }, 421],
  ["the page by another name", "/", { host: "evil.example" }, 421],
  ["our own page", "/ws", { host: "1.2.3.4:80", origin: "http://1.2.3.4" }],
  ["our own page behind TLS", "/ws", { host: "camera.local", origin: "https://camera.local" }],
  ["another page", "/ws", { host: "1.2.3.4", origin: "http://evil.example" }, 403],
  ["another port's page", "/ws", { host: "1.2.3.4:8080", origin: "http://1.2.3.4:81" }, 403],
  ["port 443 from port 80", "/ws", { host: "1.2.3.4:443", origin: "http://1.2.3.4" }, 403],
  ["port 80 from port 443", "/ws", { host: "1.2.3.4:80", origin: "https://1.2.3.4" }, 403],
  ["port 80 from http on 443", "/ws", { host: "1.2.3.4:80", origin: "http://1.2.3.4:443" }, 403],
  [
    "http from http on 443",
    "/ws",
    { host: "camera.local", origin: "http://camera.local:443" },
    403,
  ],
  [
    "https from https on 80",
    "/ws",
    { host: "camera.local", origin: "https://camera.local:80" },
    403,
  ],
  ["our page at IPv6", "/ws", { host: "[::1]", origin: "http://[::1]:80" }],
  ["IPv6 from another port", "/ws", { host: "[::1]", origin: "http://[::1]:8080" }, 403],
  ["a page in a sandbox", "/session", { host: "1.2.3.4", origin: "null" }, 403],
  ["what our page fetches", PAGE, { host: "1.2.3.4", "sec-fetch-site": "same-origin" }],
  ["what the user typed", PAGE, { host: "1.2.3.4", "sec-fetch-site": "none" }],
  ["a picture in another page", PAGE, { host: "1.2.3.4", "sec-fetch-site": "cross-site" }, 403],
  [
    "a picture in a page of the same site",
    PAGE,
    { host: "1.2.3.4", "sec-fetch-site": "same-site" },
    403,
  ],
  ["a link to the page", "/", { host: "1.2.3.4", ...LINK, "sec-fetch-dest": "document" }],
  ["a link to a picture", PAGE, { host: "1.2.3.4", ...LINK, "sec-fetch-dest": "document" }, 403],
  ["the page in a frame", "/", { host: "1.2.3.4", ...LINK, "sec-fetch-dest": "iframe" }, 403],
];

for (const [what, path, { host = "", ...headers }, status] of REQUESTS) {
  Deno.test(`refusalOf() ${status === undefined ? "accepts" : "refuses"} ${what}`, () => {
    const facts = { path, host, headers: new Headers(headers), isSecure: false };
    assertEquals(refusalOf(facts, ["camera.local"])?.status, status);
  });
}

Deno.test("refusalOf() refuses pages that came over http when it serves https", () => {
  const statusFor = (host: string, origin: string) => {
    const facts = { path: "/ws", host, headers: new Headers({ origin }), isSecure: true };
    return refusalOf(facts, ["camera.local"])?.status;
  };
  assertEquals(statusFor("camera.local", "https://camera.local"), undefined);
  assertEquals(statusFor("camera.local:443", "https://camera.local"), undefined);
  assertEquals(statusFor("camera.local", "https://camera.local:443"), undefined);
  assertEquals(statusFor("camera.local", "http://camera.local"), 403);
  assertEquals(statusFor("camera.local:8443", "http://camera.local:8443"), 403);
});

Deno.test("parseOrigins() reads origins in any case, and refuses what is none", () => {
  assertEquals(parseOrigins("*"), ["*"]);
  assertEquals(parseOrigins("http://OctoPi.local, https://a.example:8443"), [
    "http://octopi.local",
    "https://a.example:8443",
  ]);
  for (const text of ["", "octopi.local", "http://a/path", "http://a/", "ftp://a", "http://a:80"]) {
    assertThrows(() => parseOrigins(text), UsageError, "it must be * or origins");
  }
});

Deno.test("allowedOrigin() allows the pages that the user named, by Origin or Referer", () => {
  const origins = ["http://octopi.local", "https://a.example:8443"];
  const cases: [headers: Record<string, string>, allowed: string | undefined][] = [
    [{}, undefined],
    [{ origin: "http://octopi.local" }, "http://octopi.local"],
    [{ origin: "HTTP://OctoPi.local" }, "http://octopi.local"],
    [{ referer: "http://octopi.local/" }, "http://octopi.local"],
    [{ referer: "https://a.example:8443/x?y" }, "https://a.example:8443"],
    [{ origin: "http://octopi.local:81" }, undefined],
    [{ origin: "https://octopi.local" }, undefined],
    [{ origin: "http://octopi.local.evil.example" }, undefined],
    [{ referer: "http://evil.example/http://octopi.local" }, undefined],
    // The origin counts where both are told.
    [{ origin: "http://evil.example", referer: "http://octopi.local/" }, undefined],
    [{ origin: "null" }, undefined],
  ];
  for (const [headers, allowed] of cases) {
    assertEquals(allowedOrigin(new Headers(headers), origins), allowed, JSON.stringify(headers));
    assertEquals(allowedOrigin(new Headers(headers), ["*"]), "*");
    assertEquals(allowedOrigin(new Headers(headers), []), undefined);
  }
});

Deno.test("refusalOf() lets allowed pages pass, but under no foreign name", () => {
  const headers = new Headers({ "sec-fetch-site": "cross-site" });
  const facts = { path: PAGE, headers, isSecure: false };
  assertEquals(refusalOf({ ...facts, host: "1.2.3.4" }, [], true), undefined);
  assertEquals(refusalOf({ ...facts, host: "evil.example" }, [], true)?.status, 421);
});

Deno.test("refusalOf() lets others link to what a view-only token is for, and not embed it", () => {
  const facts = { path: PAGE, host: "1.2.3.4", isSecure: false, isShared: true };
  const request = (headers: Record<string, string>) =>
    refusalOf({ ...facts, headers: new Headers(headers) }, [])?.status;
  assertEquals(request({ ...LINK, "sec-fetch-dest": "document" }), undefined);
  assertEquals(request({ ...LINK, "sec-fetch-dest": "iframe" }), 403);
  assertEquals(request({ "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" }), 403);
});
