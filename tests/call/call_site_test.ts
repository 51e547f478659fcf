// The site over real connections, with clients that are no browsers. The page itself is tested in
// tests/programs/call_page_test.ts.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { within } from "../../lib/base/within.ts";
import { CallReport } from "../../lib/call/call_report.ts";
import { CallSite } from "../../lib/call/call_site.ts";
import { Keys } from "../../lib/call/keys.ts";
import { Waiting } from "../../lib/call/waiting.ts";
import { serveSite } from "../../lib/http/server.ts";
import { Opcode } from "../../lib/http/websocket_frames.ts";
import { encodeControl } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { callSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { KeptConsole } from "../support/console.ts";
import { join } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import { Random } from "../support/random.ts";
import { clientFrame, WebSocketClient } from "../support/websocket.ts";

const secrets = await callSecretsOf(Key.random());
const ID = "0123456789abcdef0123456789abcdef";
const RING: Control = { type: "ring", version: 1, call: ID, name: "office" };
const JOIN: Control = { type: "join", call: ID, as: "viewer" };
const HELLO: Control = { type: "hello", version: 1 };

/** An end that waits, without camera, microphone and screen, and its site. */
class Stage implements AsyncDisposable {
  readonly console = new KeptConsole();
  readonly host: string;
  #stop = new AbortController();
  #keys = new Keys();
  #finished: Promise<void>;

  constructor() {
    const { console } = this.console;
    const { signal } = this.#stop;
    const waiting = new Waiting({ autoAnswer: true, rings: false }, {
      ...{ name: "kitchen", camera: undefined, hasSound: false, microphone: undefined },
      ...{ size: undefined, fps: undefined, maxRate: undefined, player: undefined },
      ...{ showsSelf: false, cancelsEcho: false, waitMs: 100, keys: this.#keys, console, signal },
      report: new CallReport(console, false),
    }, () => {});
    const { address, finished } = serveSite(
      (where) => new CallSite(waiting, { ...where, secrets, names: [], waitMs: 100 }),
      { address: { hostname: "127.0.0.1", port: 0 }, signal },
      "--page",
    );
    this.host = `127.0.0.1:${address.port}`;
    this.#finished = finished;
  }

  async connect(...messages: Control[]): Promise<WebSocketClient> {
    const client = await WebSocketClient.connect(this.host, bearer.authorization);
    if (messages.length > 0) await client.send(...messages);
    return client;
  }

  async get(path: string, init?: RequestInit): Promise<[number, string]> {
    const response = await fetch(`http://${this.host}${path}`, init);
    return [response.status, await response.text()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#keys[Symbol.dispose]();
    assert(await within(this.#finished.then(() => true), 5000), "it must end within 5 s");
  }
}

const bearer = { authorization: `Bearer ${secrets.token}` };

Deno.test("CallSite gives its page to everybody, and calls to those with the token", async () => {
  await using stage = new Stage();
  const [status, html] = await stage.get("/");
  assertEquals(status, 200);
  assert(!html.includes("kitchen"));
  const paths = Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, path]) => `/${path}`);
  for (const path of paths) { // and what these import
    const [status, text] = await stage.get(path);
    assertEquals(status, 200, path);
    for (const [, module] of text.matchAll(/(?: from |new URL\()"(\.[^"]*)"/g)) {
      const { pathname } = new URL(module, `http://${stage.host}${path}`);
      if (!paths.includes(pathname)) paths.push(pathname);
    }
  }
  assert(paths.includes("/phone_page/line.js") && paths.includes("/page/wire.js"), `${paths}`);
  assertMatch((await stage.get("/call.json"))[1], /^Cannot show this: it needs the address/);
  assertEquals((await stage.get("/session", { method: "POST", body: "wrong" }))[0], 401);
  assertEquals((await stage.get("/sound.webm?call="))[0], 401);
  assertEquals(await stage.get("/call.json", { headers: bearer }), [200, '{"wait":100}\n']);
  assertEquals((await stage.get("/call.json", { headers: bearer, method: "POST" }))[0], 405);
  assertEquals((await stage.get("/status.json", { headers: bearer }))[0], 404);
  const foreign = { ...bearer, origin: "http://evil.example" };
  assertEquals((await stage.get("/call.json", { headers: foreign }))[0], 403);
  using stranger = await WebSocketClient.connect(stage.host, "Bearer wrong");
  assertEquals(await stranger.status(), "401");
});

Deno.test("CallSite lets nobody watch, listen or get the key without an accepted call", async () => {
  await using stage = new Stage();
  for (const call of ["", ID]) {
    assertEquals((await stage.get(`/sound.webm?call=${call}`, { headers: bearer }))[0], 404);
  }
  const first: Control[][] = [
    [JOIN, HELLO],
    [HELLO],
    [{ type: "list", version: 1 }],
    [{ type: "invite", version: 1 }],
    [{ ...RING, again: true }],
  ];
  for (const messages of first) {
    using client = await stage.connect(...messages);
    await client.hasEnded;
    assert(
      client.heard.every(({ type }) => ["bye", "hangup"].includes(type)),
      JSON.stringify(client.heard),
    );
  }
  assertEquals(stage.console.err, "");

  using line = await stage.connect(RING);
  assertEquals(await line.hears("accept"), { type: "accept", name: "kitchen" });
  using other = await stage.connect({ ...JOIN, call: ID.replace("0", "f") }, HELLO);
  await other.hasEnded;
  assertEquals(other.heard, []);
  using viewer = await stage.connect(JOIN, HELLO);
  assertEquals(await viewer.hears("stream"), {
    ...{ type: "stream", version: 1, name: "kitchen" },
    ...{ live: false, reason: "kitchen shows no picture" },
  });
  using third = await stage.connect({ ...RING, call: "another" });
  await third.hears("busy");
  await line.send({ type: "hangup" });
  await viewer.hasEnded;
  using late = await stage.connect(JOIN, HELLO);
  await late.hasEnded;
  assertEquals(late.heard, []);
});

Deno.test("CallSite outlives clients with the token that send anything", async () => {
  await using stage = new Stage();
  const random = new Random(9);
  const sender = join(
    encodeControl({ ...JOIN, as: "sender" }),
    encodeControl({ type: "stream", version: 1, name: "office", live: true, reason: "" }),
  );
  using line = await stage.connect(RING);
  await line.hears("accept");
  const bad: Uint8Array[] = [
    new Uint8Array(5000),
    clientFrame(Opcode.TEXT, new Uint8Array(10)),
    clientFrame(Opcode.BINARY, join(0xff, 0xff, 0xff, 0xff, 0xff)),
    clientFrame(Opcode.BINARY, join(0, 0, 0, 2, 0x7b, 0x7d)),
    clientFrame(Opcode.BINARY, join(sender, 0xff, 0xff, 0xff, 0xff, 0xff)),
    clientFrame(Opcode.BINARY, join(sender, 0, 0, 0, 4, 0x53, 1, 2, 3)),
    clientFrame(Opcode.BINARY, join(sender, random.bytes(4000))),
    ...Array.from({ length: 20 }, () => random.bytes(1 + random.below(3000))),
  ];
  for (const bytes of bad) {
    using client = await WebSocketClient.connect(stage.host, bearer.authorization);
    await client.raw(bytes).catch(() => {}); // it may be closed by now
  }
  await line.send({ type: "ping", time: 7 });
  assertEquals((await line.hears("pong") as { time: number }).time, 7);

  // So many connections, and no more.
  const clients = await Promise.all(Array.from({ length: 40 }, () => stage.connect()));
  const answers = () => clients.flatMap((it) => it.heard);
  await until(() => answers().length > 0, "a refusal of one too many");
  assertEquals(answers()[0], {
    type: "bye",
    reason: "There are too many connections. Try again",
  });
  for (const client of clients) client[Symbol.dispose]();
  await line.send({ type: "ping", time: 8 });
  await until(() => line.heard.some((it) => it.type === "pong" && it.time === 8), "an answer");
});

Deno.test("a line of a browser that breaks is waited for, and comes back", async () => {
  await using stage = new Stage();
  using line = await stage.connect(RING);
  await line.hears("accept");
  using again = await stage.connect({ ...RING, again: true });
  await again.hears("accept");
  await line.hasEnded;
  await again.send({ type: "ping", time: 1 });
  await again.hears("pong");
  again[Symbol.dispose]();
  await until(() => stage.console.err.includes("the connection did not come back"), "the end");
  using late = await stage.connect({ ...RING, again: true });
  await late.hears("hangup");
});
