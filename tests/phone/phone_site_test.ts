// The site over real connections, with clients that are no browsers. The page itself is tested in
// tests/programs/phone_test.ts.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { serveSite } from "../../lib/http/server.ts";
import { Opcode } from "../../lib/http/websocket_frames.ts";
import type { Frame } from "../../lib/jpeg/frame.ts";
import { PhoneDoor } from "../../lib/phone/phone_door.ts";
import { PhoneSite } from "../../lib/phone/phone_site.ts";
import { receivePhones } from "../../lib/phone/receive_phones.ts";
import { encodeControl } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { phoneSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { join, jpeg, sof } from "../support/jpegs.ts";
import { until, withPatience } from "../support/patience.ts";
import { Random } from "../support/random.ts";
import { clientFrame, WebSocketClient } from "../support/websocket.ts";

const secrets = await phoneSecretsOf(Key.random());
const LIVE: Control = { type: "stream", version: 1, name: "phone", live: true, reason: "" };

/** A site, and what comes of its phones. */
class Stage implements AsyncDisposable {
  readonly frames: Frame[] = [];
  readonly lost: string[] = [];
  readonly url: string;
  readonly port: number;
  #stop = new AbortController();
  #finished: Promise<unknown>;

  constructor() {
    const door = new PhoneDoor();
    const { signal } = this.#stop;
    const { address, finished } = serveSite(
      (where) =>
        new PhoneSite(door, {
          ...where,
          secrets,
          names: ["studio.local"],
          picture: { name: "desk", width: 640, height: 480 },
        }),
      { address: { hostname: "127.0.0.1", port: 0 }, signal },
      "--phone-listen",
    );
    this.port = address.port;
    this.url = `http://127.0.0.1:${address.port}`;
    const receiving = receivePhones(door, {
      signal,
      onFrame: (frame) => this.frames.push(frame),
      onLost: (reason) => this.lost.push(reason),
    });
    this.#finished = Promise.all([finished, receiving]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await withPatience(() => this.#finished, () => "its end");
  }
}

/** A phone that is no browser. */
function connect({ port }: Stage, token = secrets.token): Promise<WebSocketClient> {
  return WebSocketClient.connect(`127.0.0.1:${port}`, `Bearer ${token}`);
}

Deno.test("PhoneSite gives its page to everybody, and the rest to phones with the token", async () => {
  await using stage = new Stage();
  const page = await fetch(`${stage.url}/`);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  const html = await page.text();
  assert(!html.includes("desk"));
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const file = await fetch(`${stage.url}/${path}`);
    assertEquals(file.status, 200, path);
    for (const [, module] of (await file.text()).matchAll(/ from "(.*)"/g)) {
      const { status, body } = await fetch(new URL(module, `${stage.url}/${path}`));
      assertEquals(status, 200, module);
      await body?.cancel();
    }
  }
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(stage.url + path, init);
    return [response.status, await response.text()];
  };
  assertMatch(
    `${await get("/picture.json")}`,
    /^401,Cannot show this: it needs the address of the/,
  );
  assertEquals((await get("/session", { method: "POST", body: "wrong" }))[0], 401);
  assertEquals((await get("/nothing", bearer()))[0], 404);
  const long = "x".repeat(1000);
  assertEquals((await get("/line?id=1", { method: "POST", body: long }))[0], 401);
  assertEquals((await get("/line?id=1", { ...bearer(), method: "POST", body: long }))[0], 410);
  assertEquals((await get("/session", { method: "POST", body: long }))[0], 413);
  assertEquals((await get("/picture.json", { ...bearer(), method: "POST" }))[0], 405);
  assertEquals(await get("/picture.json", bearer()), [
    200,
    '{"name":"desk","width":640,"height":480}\n',
  ]);
  const session = await fetch(`${stage.url}/session`, { method: "POST", body: secrets.token });
  assertEquals(session.status, 204);
  const [cookie] = session.headers.get("set-cookie")!.split(";");
  assertEquals((await get("/picture.json", { headers: { cookie } }))[0], 200);
});

function bearer() {
  return { headers: { authorization: `Bearer ${secrets.token}` } };
}

Deno.test("PhoneSite refuses phones without the token, and pages of other sites", async () => {
  await using stage = new Stage();
  using stranger = await connect(stage, "wrong");
  assertEquals(await stranger.status(), "401");
  const foreign = await fetch(`${stage.url}/picture.json`, {
    headers: { ...bearer().headers, origin: "http://evil.example" },
  });
  assertEquals(foreign.status, 403);
  await foreign.body?.cancel();
});

Deno.test("receivePhones() takes pictures of a phone, with their times on this clock", async () => {
  await using stage = new Stage();
  const since = now();
  using phone = await connect(stage);
  await phone.hears("hello");
  await phone.send(LIVE);
  const ping = await phone.hears("ping") as { time: number };
  const ahead = 3_600_000; // the phone's clock
  await phone.send({ type: "pong", time: ping.time, clock: now() + ahead });
  const picture = jpeg(new Uint8Array(200_000).fill(0x55));
  const before = now();
  await phone.send({ type: "frame", seq: 0, time: before + ahead - 40 }, picture);
  await until(() => stage.frames.length > 0, "the frame");
  assertEquals(stage.frames[0].jpeg, picture);
  // At most as far off as the messages have taken by which the phone's clock is known.
  const [late, error] = [before - stage.frames[0].time, now() - since];
  assert(Math.abs(late - 40) <= error, `${late} ms, after ${error} ms`);
  assertEquals(await phone.hears("ack"), { type: "ack", seq: 0 });

  await phone.send({ ...LIVE, live: false, reason: "its screen is off" });
  await until(() => stage.lost.length > 0, "the reason");
  phone[Symbol.dispose]();
  await until(() => stage.lost.length > 1, "the end");
  assertEquals(stage.lost, ["The phone says: its screen is off", "The phone has gone"]);
});

Deno.test("receivePhones() lets a second phone replace the first, which is told so", async () => {
  await using stage = new Stage();
  using first = await connect(stage);
  await first.hears("hello");
  await first.send(LIVE, { type: "frame", seq: 0, time: now() }, jpeg(Uint8Array.of(1)));
  await until(() => stage.frames.length === 1, "a frame of the first");
  using second = await connect(stage);
  assertEquals(await first.hears("bye"), {
    type: "bye",
    reason: "another phone is the camera now",
  });
  await second.hears("hello");
  await second.send(LIVE, { type: "frame", seq: 0, time: now() }, jpeg(Uint8Array.of(2)));
  await until(() => stage.frames.length === 2, "a frame of the second");
  await first.hasEnded;
  assertEquals(stage.lost, []);
});

Deno.test("receivePhones() outlives phones that send anything", async () => {
  await using stage = new Stage();
  const random = new Random(7);
  const good = join(encodeControl(LIVE), encodeControl({ type: "frame", seq: 1, time: 1e300 }));
  const bad: Uint8Array[] = [
    new Uint8Array(5000),
    clientFrame(Opcode.TEXT, new Uint8Array(10)),
    clientFrame(Opcode.BINARY, join(0xff, 0xff, 0xff, 0xff, 0xff)), // a frame of 4 GiB
    clientFrame(Opcode.BINARY, join(good, 0, 0, 0, 2, 0xff, 0xd8)),
    clientFrame(Opcode.BINARY, join(good, 0, 0, 0, 40, tooLarge())),
    clientFrame(Opcode.BINARY, join(...Array.from({ length: 500 }, () => encodeControl(LIVE)))),
    clientFrame(Opcode.CLOSE, new Uint8Array()),
    ...Array.from({ length: 20 }, () => random.bytes(1 + random.below(3000))),
  ];
  for (const bytes of bad) {
    using phone = await connect(stage);
    await phone.hears("hello");
    await phone.raw(bytes).catch(() => {});
    phone[Symbol.dispose]();
  }
  using phone = await connect(stage);
  await phone.hears("hello");
  await phone.send(LIVE, { type: "frame", seq: 0, time: now() }, jpeg());
  await until(() => stage.frames.length > 0, "a frame of the last phone");
  assertEquals(stage.frames.length, 1);
  assertStringIncludes(stage.lost.join(), "The phone has gone");
});

/** A JPEG that claims 65535x65535 pixels. */
function tooLarge(): Uint8Array {
  const claim = join(0xff, 0xd8, sof(65_535, 65_535));
  return join(claim, new Uint8Array(Math.max(0, 38 - claim.length)), 0xff, 0xd9);
}
