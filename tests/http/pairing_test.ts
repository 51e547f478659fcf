// Pairing over HTTP, with the code that browsers run.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import * as forPage from "../../lib/http/page/pairing.js";
import { parseCode as parseCodeOfPage } from "../../lib/http/page/pair.js";
import { serveHttp } from "../../lib/http/server.ts";
import { toBase64 } from "../../lib/pairing/base64.ts";
import { parseCode } from "../../lib/pairing/code.ts";
import { PairingDesk } from "../../lib/pairing/desk.ts";
import type { PairingGuest } from "../../lib/pairing/guest.ts";
import type { Wanted } from "../../lib/pairing/terms.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { Hub } from "../../lib/send/hub.ts";
import { BUNDLE, bundlePage, isOfThisDeno } from "../../tools/bundle_page.ts";
import { skipped } from "../support/skipped.ts";

const KEY = Key.random();
const SECRETS = await httpSecretsOf(KEY);

/** A sender of one camera over HTTP. */
class Site implements AsyncDisposable {
  readonly desk = new PairingDesk(KEY);
  readonly states: string[] = [];
  readonly url: string;
  #stop = new AbortController();
  #finished: Promise<void>;

  constructor() {
    const { address, finished } = serveHttp(new CameraRouter([new Hub({ name: "door" })]), {
      address: { hostname: "127.0.0.1", port: 0 },
      secrets: SECRETS,
      pairing: this.desk,
      names: [],
      signal: this.#stop.signal,
    });
    this.url = `http://127.0.0.1:${address.port}/`;
    this.#finished = finished;
  }

  async open(): Promise<string> {
    return (await this.desk.open(({ state }) => this.states.push(state))).code;
  }

  async post(path: string, body: string, headers = {}): Promise<{ status: number; text: string }> {
    const response = await fetch(this.url + path, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  }

  /** The first request. */
  async begin(guest: PairingGuest): Promise<{ exchange: string; confirmation: string }> {
    const { status, text } = await this.post("pair", toBase64(guest.share));
    assertEquals(status, 200, text);
    const { exchange, share } = JSON.parse(text);
    return { exchange, confirmation: toBase64(guest.confirm(Uint8Array.fromBase64(share))!) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.desk.close();
    this.#stop.abort();
    await this.#finished;
  }
}

async function guestWith(code: string, wanted: Wanted = "token"): Promise<PairingGuest> {
  return await forPage.PairingGuest.begin(code, wanted) as unknown as PairingGuest;
}
const wrong = (code: string) => `${(Number(code) + 1) % 1_000_000}`.padStart(6, "0");

const isComparable = await isOfThisDeno();
if (!isComparable) skipped("lib/http/page/pairing.js is not compared: another Deno made it");

Deno.test({
  name: "lib/http/page/pairing.js is what tools/bundle_page.ts makes now",
  ignore: !isComparable,
  fn: async () => {
    const isCurrent = await Deno.readTextFile(BUNDLE) === await bundlePage();
    assert(isCurrent, "run ./denow run -A tools/bundle_page.ts");
  },
});

Deno.test("the page reads codes as the receiver does", () => {
  for (const text of ["012345", " 012 345", "01-23-45", "12345", "1234567", "a12345", ""]) {
    assertEquals(parseCodeOfPage(text), parseCode(text), text);
  }
});

Deno.test("a page with the code gets the token, which starts a session", async () => {
  await using site = new Site();
  const guest = await guestWith(await site.open());
  const { exchange, confirmation } = await site.begin(guest);
  const { status, text } = await site.post(`pair?exchange=${exchange}`, confirmation);
  assertEquals(status, 200, text);
  const gift = JSON.parse(text);
  const token = guest.open(forPage.fromBase64(gift.confirmation), forPage.fromBase64(gift.sealed));
  const written = token!.toBase64({ alphabet: "base64url", omitPadding: true });
  assertEquals(written, SECRETS.token);
  assertEquals((await site.post("session", written)).status, 204);
  assertEquals(site.states, ["paired"]);
});

Deno.test("three wrong codes over HTTP make the code invalid, each told in a sentence", async () => {
  await using site = new Site();
  const code = await site.open();
  const sentences = [];
  for (let round = 0; round < 3; round++) {
    const { exchange, confirmation } = await site.begin(await guestWith(wrong(code)));
    const { status, text } = await site.post(`pair?exchange=${exchange}`, confirmation);
    assertEquals(status, 403);
    sentences.push(text.trim());
  }
  assertEquals(sentences, [
    "The code is wrong; 2 tries are left",
    "The code is wrong; 1 try is left",
    "The code was wrong three times and is not valid any more",
  ]);
  const { status } = await site.post("pair", toBase64((await guestWith(code)).share));
  assertEquals(status, 403);
});

Deno.test("an exchange can be finished once, and only for what it was begun", async () => {
  await using site = new Site();
  const code = await site.open();
  const asKey = await site.begin(await guestWith(code, "key"));
  assertEquals(
    (await site.post(`pair?exchange=${asKey.exchange}`, asKey.confirmation)).status,
    403,
  );
  assertEquals(site.states, ["wrong"]);
  const guest = await site.begin(await guestWith(code));
  const finish = () => site.post(`pair?exchange=${guest.exchange}`, guest.confirmation);
  assertEquals((await finish()).status, 200);
  const { status, text } = await finish();
  assertEquals(status, 403);
  assertMatch(text, /that took too long/);
});

Deno.test("only the last 32 exchanges are kept", async () => {
  await using site = new Site();
  const code = await site.open();
  const first = await site.begin(await guestWith(code));
  const share = toBase64((await guestWith(code)).share);
  for (let count = 0; count < 32; count++) {
    assertEquals((await site.post("pair", share)).status, 200);
  }
  assertEquals(
    (await site.post(`pair?exchange=${first.exchange}`, first.confirmation)).status,
    403,
  );
  assertEquals(site.states, []);
});

Deno.test("without a code, and for nonsense, there is no exchange", async () => {
  await using site = new Site();
  const share = toBase64((await guestWith("000000")).share);
  const { status, text } = await site.post("pair", share);
  assertEquals(status, 403);
  assertMatch(text, /shows no code. Run `sender --pair`/);
  await site.open();
  for (const body of ["", "x", "!!!", share.slice(4), toBase64(new Uint8Array(65))]) {
    assertEquals((await site.post("pair", body)).status, 400, body);
  }
  assertEquals((await site.post("pair?exchange=", share)).status, 403);
  assertEquals(await fetch(`${site.url}pair`).then((r) => (r.body?.cancel(), r.status)), 405);
  assertEquals(site.states, []);
});

Deno.test("a page of another site cannot use up the tries", async () => {
  await using site = new Site();
  const share = toBase64((await guestWith(await site.open())).share);
  for (const path of ["pair", "pair?share=x"]) {
    const { status } = await site.post(path, share, { "origin": "http://evil.example" });
    assertEquals(status, 403);
  }
  assertEquals(site.desk.tries, 3);
});
