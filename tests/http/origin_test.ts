// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { refusalOf } from "../../lib/http/origin.ts";

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
