// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Access, refusalOf, sessionCookie, shownBy } from "../../lib/http/access.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { Time } from "../support/time.ts";

const PAGE = "/stream.mjpg";
const LINK = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };

const REQUESTS: [what: string, path: string, headers: Record<string, string>, status?: number][] = [
  ["an address", PAGE, { host: "192.168.1.20:8080" }],
  ["an IPv6 address", PAGE, { host: "[fe80::1]:8080" }],
  ["this machine", PAGE, { host: "localhost:8080" }],
  ["a name of this machine", PAGE, { host: "Camera.local:8080" }],
  ["such a name in full", PAGE, { host: "camera.local." }],
  ["another name, as for DNS rebinding", PAGE, { host: "evil.example:8080" }, 421],
  ["a name that begins like an address", PAGE, { host: "192.168.1.20.evil.example" }, 421],
  ["a name that ends like ours", PAGE, { host: "evil-camera.local" }, 421],
  ["no name", PAGE, {}, 421],
  ["a name that is none", PAGE, { host: "localhost/@evil" }, 421],
  ["the page by another name", "/", { host: "evil.example" }, 421],
  ["our own page", "/ws", { host: "1.2.3.4:80", origin: "http://1.2.3.4" }],
  ["our own page behind TLS", "/ws", { host: "camera.local", origin: "https://camera.local" }],
  ["another page", "/ws", { host: "1.2.3.4", origin: "http://evil.example" }, 403],
  ["another port's page", "/ws", { host: "1.2.3.4:8080", origin: "http://1.2.3.4:81" }, 403],
  ["a page in a sandbox", "/session", { host: "1.2.3.4", origin: "null" }, 403],
  ["what we fetch", PAGE, { host: "1.2.3.4", "sec-fetch-site": "same-origin" }],
  ["what the user typed", PAGE, { host: "1.2.3.4", "sec-fetch-site": "none" }],
  ["a picture in another page", PAGE, { host: "1.2.3.4", "sec-fetch-site": "cross-site" }, 403],
  ["one in a neighbour's", PAGE, { host: "1.2.3.4", "sec-fetch-site": "same-site" }, 403],
  ["a link to the page", "/", { host: "1.2.3.4", ...LINK, "sec-fetch-dest": "document" }],
  ["a link to a picture", PAGE, { host: "1.2.3.4", ...LINK, "sec-fetch-dest": "document" }, 403],
  ["the page in a frame", "/", { host: "1.2.3.4", ...LINK, "sec-fetch-dest": "iframe" }, 403],
];

for (const [what, path, { host = "", ...headers }, status] of REQUESTS) {
  Deno.test(`refusalOf() ${status === undefined ? "lets" : "does not let"} pass: ${what}`, () => {
    const facts = { path, host, headers: new Headers(headers) };
    assertEquals(refusalOf(facts, ["camera.local"])?.status, status);
  });
}

Deno.test("shownBy() finds token and session", () => {
  const cases: [Record<string, string>, ReturnType<typeof shownBy>][] = [
    [{}, { token: undefined, session: undefined }],
    [{ authorization: "Bearer abc" }, { token: "abc", session: undefined }],
    [{ authorization: "bearer  abc" }, { token: "abc", session: undefined }],
    [{ authorization: `Basic ${btoa("me:a:b")}` }, { token: "a:b", session: undefined }],
    [{ authorization: "Basic %" }, { token: undefined, session: undefined }],
    [{ authorization: "Digest abc" }, { token: undefined, session: undefined }],
    [{ cookie: "a=1; camcat-80=x.y" }, { token: undefined, session: "x.y" }],
    [{ cookie: "camcat-8080=x.y" }, { token: undefined, session: undefined }],
  ];
  for (const [headers, shown] of cases) {
    assertEquals(shownBy(new Headers(headers), "camcat-80"), shown);
  }
});

const NOBODY = { token: undefined, session: undefined };

Deno.test("Access admits the token and what it made a session for it", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const access = new Access({ secrets });
  const session = await access.session();
  assertEquals(await access.admits(NOBODY, "1.2.3.4"), false);
  assertEquals(await access.admits({ ...NOBODY, token: secrets.token }, "1.2.3.4"), true);
  assertEquals(await access.admits({ ...NOBODY, token: `${secrets.token}A` }, "1.2.3.4"), false);
  assertEquals(await access.admits({ ...NOBODY, token: "" }, "1.2.3.4"), false);
  assertEquals(await access.admits({ ...NOBODY, session }, "1.2.3.4"), true);
  assertEquals(await access.admits({ token: secrets.token, session: "x" }, "1.2.3.4"), true);
  assertEquals(await new Access({ secrets: undefined }).admits(NOBODY, "1.2.3.4"), true);
});

Deno.test("Access knows its sessions from others, also after a restart", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const session = await new Access({ secrets }).session(0);
  const access = new Access({ secrets });
  const [end, signature] = session.split(".");
  assertEquals(await access.hasSession(session, 0), true);
  assertEquals(await access.hasSession(session, Number(end) * 1000), false, "it ends");
  for (const other of ["", ".", end, `${Number(end) + 1}.${signature}`, `${session}0`]) {
    assertEquals(await access.hasSession(other, 0), false, other);
  }
  const stranger = new Access({ secrets: await httpSecretsOf(Key.random()) });
  assertEquals(await access.hasSession(await stranger.session(0), 0), false);
});

Deno.test("Access tells of wrong tokens, and makes who shows them wait", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const told: number[] = [];
  const access = new Access({ secrets, onRefused: (_, __, failures) => told.push(failures) });
  for (let attempt = 0; attempt < 4; attempt++) await access.isToken("wrong", "1.2.3.4");
  assertEquals(told, [1]);
  using time = new Time();
  assertEquals(await access.isToken(secrets.token, "5.6.7.8"), true, "without any time passing");
  let isAnswered = false;
  const answer = access.isToken(secrets.token, "1.2.3.4").finally(() => isAnswered = true);
  await time.pass(249);
  assertEquals(isAnswered, false);
  await time.pass(1);
  assertEquals(await answer, true);
});

Deno.test("sessionCookie() is for this site and not for scripts", () => {
  assertEquals(
    sessionCookie("camcat-80", "x", true),
    "camcat-80=x; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure",
  );
});
