// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import {
  Access,
  credentialsOf,
  EVERYTHING,
  type HttpCredentials,
  sessionCookie,
} from "../../lib/http/access.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { signShare } from "../../lib/security/share.ts";
import { Time } from "../support/time.ts";

const NOTHING = { token: undefined, sessions: [], share: undefined };

Deno.test("credentialsOf() finds the token, the view-only token, and all cookies of the session's name", () => {
  const cases: [Record<string, string>, Partial<ReturnType<typeof credentialsOf>>][] = [
    [{}, {}],
    [{ authorization: "Bearer abc" }, { token: "abc" }],
    [{ authorization: "bearer  abc" }, { token: "abc" }],
    [{ authorization: `Basic ${btoa("me:a:b")}` }, { token: "a:b" }],
    [{ authorization: "Basic %" }, {}],
    [{ authorization: "Digest abc" }, {}],
    [{ cookie: "a=1; camcat-80=x.y" }, { sessions: ["x.y"] }],
    [{ cookie: "camcat-80=tossed; camcat-80=x.y; b=2" }, { sessions: ["tossed", "x.y"] }],
    [{ cookie: "camcat-8080=x.y" }, {}],
  ];
  for (const [headers, expected] of cases) {
    const request = { headers: new Headers(headers), url: new URL("http://c/stream.mjpg?share=s") };
    assertEquals(credentialsOf(request, "camcat-80"), { ...NOTHING, share: "s", ...expected });
  }
});

Deno.test("credentialsOf() looks at a few cookies only, each of which costs a signature", () => {
  const headers = new Headers({ cookie: "camcat-80=x;".repeat(1000) });
  const { sessions } = credentialsOf({ headers, url: new URL("http://c/") }, "camcat-80");
  assertEquals(sessions.length, 16);
});

Deno.test("Access admits the token, and sessions that it has made", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const access = new Access({ secrets });
  const session = await access.newSession();
  const right = async (
    credentials: Partial<HttpCredentials>,
  ) => await access.admits({ ...NOTHING, ...credentials }, "1.2.3.4");
  assertEquals(await right({}), undefined);
  assertEquals(await right({ token: secrets.token }), EVERYTHING);
  assertEquals(await right({ token: `${secrets.token}A` }), undefined);
  assertEquals(await right({ token: "" }), undefined);
  assertEquals(await right({ sessions: [session] }), EVERYTHING);
  assertEquals(await right({ token: secrets.token, sessions: ["x"] }), EVERYTHING);
  assertEquals(await new Access({ secrets: undefined }).admits(NOTHING, "1.2.3.4"), EVERYTHING);
});

Deno.test("Access admits a view-only token in the URL or as the session, for as long as it is valid", async () => {
  const secrets = await httpSecretsOf(Key.random());
  const access = new Access({ secrets });
  const until = Math.ceil(Date.now() / 1000 + 60) * 1000;
  const share = await signShare(secrets.shareKey, until, "door");
  for (const shown of [{ share }, { sessions: ["tossed", share] }]) {
    const right = await access.admits({ ...NOTHING, ...shown }, "1.2.3.4");
    assertEquals(right?.until, until);
    assertEquals([await right!.includes("door"), await right!.includes("yard")], [true, false]);
  }
  const session = await access.newSession();
  const both = { ...NOTHING, share, sessions: [session] };
  assertEquals(await access.admits(both, "1.2.3.4"), EVERYTHING, "the more they may");
  const stranger = await signShare((await httpSecretsOf(Key.random())).shareKey, until);
  const over = await signShare(secrets.shareKey, Date.now() - 1000);
  for (const share of [stranger, over, "", "x".repeat(39), "é".repeat(39)]) {
    assertEquals(await access.admits({ ...NOTHING, share }, "1.2.3.4"), undefined, share);
  }
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
  assertEquals(await access.admits({ ...NOTHING, sessions: [...forged, session] }, ""), EVERYTHING);
  assertEquals(await access.admits({ ...NOTHING, sessions: [session, ...forged] }, ""), EVERYTHING);
  assertEquals(await access.admits({ ...NOTHING, sessions: forged }, ""), undefined);
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
