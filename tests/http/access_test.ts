// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Access, credentialsOf, sessionCookie } from "../../lib/http/access.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { Time } from "../support/time.ts";

Deno.test("credentialsOf() finds the token and all cookies of the session's name", () => {
  const cases: [Record<string, string>, ReturnType<typeof credentialsOf>][] = [
    [{}, { token: undefined, sessions: [] }],
    [{ authorization: "Bearer abc" }, { token: "abc", sessions: [] }],
    [{ authorization: "bearer  abc" }, { token: "abc", sessions: [] }],
    [{ authorization: `Basic ${btoa("me:a:b")}` }, { token: "a:b", sessions: [] }],
    [{ authorization: "Basic %" }, { token: undefined, sessions: [] }],
    [{ authorization: "Digest abc" }, { token: undefined, sessions: [] }],
    [{ cookie: "a=1; camcat-80=x.y" }, { token: undefined, sessions: ["x.y"] }],
    [{ cookie: "camcat-80=tossed; camcat-80=x.y; b=2" }, {
      token: undefined,
      sessions: ["tossed", "x.y"],
    }],
    [{ cookie: "camcat-8080=x.y" }, { token: undefined, sessions: [] }],
  ];
  for (const [headers, expected] of cases) {
    assertEquals(credentialsOf(new Headers(headers), "camcat-80"), expected);
  }
});

const NOTHING = { token: undefined, sessions: [] };

Deno.test("Access admits the token, and sessions that it has made", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const access = new Access({ secrets });
  const session = await access.newSession();
  assertEquals(await access.admits(NOTHING, "1.2.3.4"), false);
  assertEquals(await access.admits({ ...NOTHING, token: secrets.token }, "1.2.3.4"), true);
  assertEquals(await access.admits({ ...NOTHING, token: `${secrets.token}A` }, "1.2.3.4"), false);
  assertEquals(await access.admits({ ...NOTHING, token: "" }, "1.2.3.4"), false);
  assertEquals(await access.admits({ ...NOTHING, sessions: [session] }, "1.2.3.4"), true);
  assertEquals(await access.admits({ token: secrets.token, sessions: ["x"] }, "1.2.3.4"), true);
  assertEquals(await new Access({ secrets: undefined }).admits(NOTHING, "1.2.3.4"), true);
});

Deno.test("Access recognises its own sessions only, also after a restart", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const session = await new Access({ secrets }).newSession(0);
  const access = new Access({ secrets });
  const [end, signature] = session.split(".");
  assertEquals(await access.isSession(session, 0), true);
  assertEquals(await access.isSession(session, Number(end) * 1000), false, "it ends");
  for (const other of ["", ".", end, `${Number(end) + 1}.${signature}`, `${session}0`]) {
    assertEquals(await access.isSession(other, 0), false, other);
  }
  const stranger = new Access({ secrets: await httpSecretsOf(Key.random()) });
  assertEquals(await access.isSession(await stranger.newSession(0), 0), false);
});

Deno.test("Access admits a good session beside cookies of the same name from elsewhere", async () => {
  const access = new Access({ secrets: await httpSecretsOf(Key.random()) });
  const session = await access.newSession();
  const [end, signature] = session.split(".");
  const forged = [`${end}.${"0".repeat(64)}`, `${Number(end) + 1}.${signature}`, "", "x"];
  assertEquals(await access.admits({ ...NOTHING, sessions: [...forged, session] }, ""), true);
  assertEquals(await access.admits({ ...NOTHING, sessions: [session, ...forged] }, ""), true);
  assertEquals(await access.admits({ ...NOTHING, sessions: forged }, ""), false);
});

Deno.test("Access delays answers to wrong tokens, never to the right one", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const reported: number[] = [];
  const access = new Access({ secrets, onRefused: (_, __, failures) => reported.push(failures) });
  for (let attempt = 0; attempt < 4; attempt++) await access.isToken("wrong", "1.2.3.4");
  assertEquals(reported, [1]);
  using time = new Time();
  assertEquals(await access.isToken("wrong", "5.6.7.8"), false, "without any time passing");
  let isAnswered = false;
  const answer = access.isToken("wrong", "1.2.3.4").finally(() => isAnswered = true);
  await time.pass(249);
  assertEquals(isAnswered, false);
  assertEquals(await access.isToken(secrets.token, "1.2.3.4"), true, "from the same address");
  await time.pass(1);
  assertEquals(await answer, false);
});

Deno.test("Access keeps few requests waiting, and the right token gets in beside them", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const access = new Access({ secrets });
  using time = new Time();
  for (let attempt = 0; attempt < 3; attempt++) await access.isToken("wrong", "1.2.3.4");
  const answers = Array.from({ length: 1000 }, () => access.isToken("wrong", "1.2.3.4"));
  await time.settle();
  assertEquals(time.timers, 64);
  assertEquals(await access.isToken(secrets.token, "1.2.3.4"), true);
  await time.pass(4000);
  assertEquals((await Promise.all(answers)).includes(true), false);
});

Deno.test("sessionCookie() hides the session from scripts and other sites", () => {
  assertEquals(
    sessionCookie("camcat-80", "x", true),
    "camcat-80=x; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure",
  );
});
