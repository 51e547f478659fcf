// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { encodeControl, type Message, MessageReader } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { type HttpOptions, serveHttp } from "../../lib/http/server.ts";
import { loopbackPair } from "../../lib/protocol/loopback.ts";
import { Hub } from "../../lib/send/hub.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { join, jpeg } from "../support/jpegs.ts";
import { Time } from "../support/time.ts";
import { until, withPatience } from "../support/patience.ts";

const secrets = await httpSecretsOf(Key.random());
const bearer = { authorization: `Bearer ${secrets.token}` };

/** A picture that differs from those with other numbers. */
function picture(number: number): Uint8Array<ArrayBuffer> {
  return jpeg(new TextEncoder().encode(`picture ${number}`));
}

/** Cameras called `door` and `yard`, served to clients with the key. */
class Stage implements AsyncDisposable {
  readonly door = new Hub({ name: "door", maxViewers: 2 });
  readonly yard = new Hub({ name: "yard" });
  readonly url: string;
  readonly port: number;
  #stop = new AbortController();
  #finished: Promise<void>;

  constructor(options: Partial<HttpOptions> = {}) {
    const { address, finished } = serveHttp(new CameraRouter([this.door, this.yard]), {
      address: { hostname: "127.0.0.1", port: 0 },
      secrets,
      names: ["camera.local"],
      signal: this.#stop.signal,
      ...options,
    });
    this.port = address.port;
    this.url = `http://127.0.0.1:${address.port}`;
    this.#finished = finished;
  }

  publish(number: number, hub = this.door): void {
    hub.publish(Frame.from(picture(number), { time: 1000 * number }));
  }

  async get(path: string, init: RequestInit = { headers: bearer }): Promise<Response> {
    return await fetch(this.url + path, init);
  }

  /** The status of a request with a header that fetch() refuses to set. */
  async raw(path: string, header: string): Promise<string> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    const request = `GET ${path} HTTP/1.1\r\n${header}Connection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    return (await new Response(connection.readable).text()).slice(9, 12);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.door.close("the end"), this.yard.close("the end")]);
    this.#stop.abort();
    await this.#finished;
  }
}

/** Reads a response in pieces of any size. */
class Pieces {
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #bytes: Uint8Array = join();

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  /** The next `count` bytes. */
  async take(count: number): Promise<Uint8Array> {
    while (this.#bytes.length < count) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("it has ended");
      this.#bytes = join(this.#bytes, value);
    }
    const taken = this.#bytes.slice(0, count);
    this.#bytes = this.#bytes.slice(count);
    return taken;
  }

  /** Text up to and including `end`. */
  async until(end: string): Promise<string> {
    let text = "";
    while (!text.endsWith(end)) text += String.fromCharCode(...await this.take(1));
    return text;
  }

  async ends(): Promise<boolean> {
    return (await this.#reader.read()).done;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

Deno.test("serveHttp() shows clients without the key nothing but the page", async () => {
  await using stage = new Stage();
  stage.publish(0);
  for (const path of ["/stream.mjpg", "/snapshot.jpg", "/status.json", "/metrics", "/ws", "/x"]) {
    const response = await stage.get(path, {});
    assertEquals([path, response.status], [path, 401]);
    const text = JSON.stringify([...response.headers]) + await response.text();
    assertEquals(/door|yard|FFD8/.test(text), false, text);
  }
  for (const path of ["/", "/page.js", "/page.css", "/key.js", "/viewer.js", "/wire.js"]) {
    const response = await stage.get(path, {});
    assertEquals([path, response.status], [path, 200]);
    assertEquals(response.headers.get("content-security-policy")?.startsWith("default-src"), true);
    assertEquals(/door|yard/.test(await response.text()), false);
  }
  const health = await stage.get("/healthz", {});
  assertEquals([health.status, await health.text()], [200, "ok\n"]);
});

Deno.test("serveHttp() accepts the token as a bearer token and as a password", async () => {
  await using stage = new Stage();
  const basic = `Basic ${btoa(`camcat:${secrets.token}`)}`;
  for (const authorization of [bearer.authorization, basic]) {
    const response = await stage.get("/status.json", { headers: { authorization } });
    assertEquals(response.status, 200);
    const { cameras } = await response.json();
    assertEquals(cameras.map(({ name }: { name: string }) => name), ["door", "yard"]);
  }
  const refused = await stage.get("/status.json", {});
  assertMatch(refused.headers.get("www-authenticate")!, /^Basic/, "players need the challenge");
  await refused.body?.cancel();
});

Deno.test("serveHttp() gives a session for the token", async () => {
  await using stage = new Stage();
  const wrong = await stage.get("/session", { method: "POST", body: "wrong" });
  assertEquals([wrong.status, wrong.headers.get("set-cookie")], [401, null]);
  await wrong.body?.cancel();
  const long = await stage.get("/session", { method: "POST", body: "x".repeat(1000) });
  assertEquals(long.status, 413);
  await long.body?.cancel();

  const right = await stage.get("/session", { method: "POST", body: secrets.token });
  assertEquals(right.status, 204);
  const cookie = right.headers.get("set-cookie")!;
  assertMatch(cookie, new RegExp(`^camcat-${stage.port}=.*; HttpOnly; SameSite=Strict$`));
  const headers = { cookie: cookie.split(";")[0] };
  assertEquals((await stage.get("/session", { headers })).status, 204);
  const status = await stage.get("/status.json", { headers });
  assertEquals(status.status, 200);
  await status.body?.cancel();
});

Deno.test("serveHttp() refuses other names and other sites, also when it is open", async () => {
  await using stage = new Stage({ secrets: undefined });
  stage.publish(0);
  const host = `Host: 127.0.0.1:${stage.port}\r\n`;
  const upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  assertEquals(await stage.raw("/snapshot.jpg", host), "200");
  assertEquals(await stage.raw("/snapshot.jpg", "Host: camera.local:1\r\n"), "200");
  assertEquals(await stage.raw("/snapshot.jpg", "Host: evil.example\r\n"), "421");
  assertEquals(await stage.raw("/snapshot.jpg", `${host}Sec-Fetch-Site: cross-site\r\n`), "403");
  assertEquals(await stage.raw("/ws", `${host}Origin: http://evil.example\r\n${upgrade}`), "403");
  assertEquals(await stage.raw("/ws", `Host: evil.example\r\n${upgrade}`), "421");
});

Deno.test("/stream.mjpg sends parts, and the boundary after each with it", async () => {
  await using stage = new Stage();
  stage.publish(1);
  const response = await stage.get("/stream.mjpg?camera=door");
  assertEquals(
    response.headers.get("content-type"),
    "multipart/x-mixed-replace; boundary=camcat",
  );
  const pieces = new Pieces(response);
  assertEquals(await pieces.until("\r\n"), "--camcat\r\n");
  for (const number of [1, 2, 3]) {
    if (number > 1) stage.publish(number);
    const expected = picture(number);
    assertEquals(
      await pieces.until("\r\n\r\n"),
      `Content-Type: image/jpeg\r\nContent-Length: ${expected.length}\r\n` +
        `X-Timestamp: ${number}.000000\r\n\r\n`,
    );
    assertEquals(await pieces.take(expected.length), expected);
    assertEquals(await pieces.until("--camcat\r\n"), "\r\n--camcat\r\n");
  }
  assertEquals(stage.door.viewers, 1);
  await pieces.cancel();
  await until(() => stage.door.viewers === 0, "the viewer to leave");
});

Deno.test("/stream.mjpg notices that a viewer has left, also while there is no picture", async () => {
  await using stage = new Stage();
  const pieces = new Pieces(await stage.get("/stream.mjpg"));
  await pieces.until("--camcat\r\n");
  assertEquals(stage.door.viewers, 1);
  await pieces.cancel();
  await until(() => stage.door.viewers === 0, "the viewer to leave");
});

Deno.test("/stream.mjpg keeps one frame for a client that does not read, and delays no other", async () => {
  await using stage = new Stage();
  const big = jpeg(new Uint8Array(1 << 20).fill(7));
  stage.door.publish(Frame.from(big, { time: 0 }));
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: stage.port });
  await connection.write(new TextEncoder().encode(
    `GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer.authorization}\r\n\r\n`,
  ));
  await until(() => stage.door.totals.sentBytes > 0, "the first frame to leave");
  for (let count = 0; count < 100; count++) {
    stage.door.publish(Frame.from(big, { time: count }));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { droppedFrames, sentBytes } = stage.door.totals;
  assertEquals(droppedFrames > 50 && sentBytes < 50 * big.length, true, `${droppedFrames}`);
});

Deno.test("/stream.mjpg has as many places as the camera, and names the cameras", async () => {
  await using stage = new Stage();
  stage.publish(0);
  const streams = await Promise.all([0, 1].map(async () => {
    const pieces = new Pieces(await stage.get("/stream.mjpg"));
    await pieces.until("--camcat\r\n");
    return pieces;
  }));
  for (const path of ["/stream.mjpg", "/snapshot.jpg"]) {
    const full = await stage.get(path);
    assertEquals([full.status, await full.text()], [
      503,
      "Cannot serve another viewer: all places are taken\n",
    ]);
  }
  await stage.door.close("the end");
  await Promise.all(streams.map((pieces) => pieces.cancel()));
  const missing = await stage.get("/stream.mjpg?camera=roof");
  assertEquals(missing.status, 404);
  assertEquals(await missing.text(), 'There is no camera "roof" here, but "door", "yard"\n');
  const head = await stage.get("/stream.mjpg", { method: "HEAD", headers: bearer });
  assertEquals([head.status, await head.text()], [200, ""]);
  const put = await stage.get("/stream.mjpg", { method: "PUT", headers: bearer });
  assertEquals([put.status, await put.text()], [405, "Cannot PUT this\n"]);
});

Deno.test("/snapshot.jpg gives the newest picture, and waits for the first", async () => {
  await using stage = new Stage();
  const first = stage.get("/snapshot.jpg?camera=yard");
  await until(() => stage.yard.viewers === 1, "the camera to have a viewer");
  stage.publish(1, stage.yard);
  const response = await first;
  assertEquals(new Uint8Array(await response.arrayBuffer()), picture(1));
  assertEquals(response.headers.get("cache-control"), "no-store");
  const etag = response.headers.get("etag")!;
  assertEquals(stage.yard.viewers, 0);

  const headers = { ...bearer, "if-none-match": etag };
  assertEquals((await stage.get("/snapshot.jpg?camera=yard", { headers })).status, 304);
  stage.publish(2, stage.yard);
  const next = await stage.get("/snapshot.jpg?camera=yard", { headers });
  assertEquals(new Uint8Array(await next.arrayBuffer()), picture(2));

  stage.yard.lost("It was unplugged");
  const lost = await stage.get("/snapshot.jpg?camera=yard");
  assertEquals(lost.status, 503);
  assertStringIncludes(await lost.text(), "It was unplugged");
});

/** A WebSocket client that speaks the protocol. */
class Socket {
  readonly socket: WebSocket;
  #reader = new MessageReader({ maxFrameBytes: 1 << 20 });
  #received: Message[] = [];
  #hasEnded = false;

  constructor(stage: Stage, token = secrets.token) {
    const url = `ws://127.0.0.1:${stage.port}/ws`;
    const headers = { authorization: `Bearer ${token}` };
    this.socket = new WebSocket(url, { headers } as unknown as string[]);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      const bytes = new Uint8Array(data);
      this.#reader.space().set(bytes);
      const messages = this.#reader.commit(bytes.length);
      assertEquals(this.#reader.midMessage, false, "a WebSocket message holds whole messages");
      this.#received.push(...messages);
    };
    this.socket.onclose = () => this.#hasEnded = true;
  }

  send(...messages: Control[]): void {
    for (const message of messages) this.socket.send(encodeControl(message));
  }

  /** The next message that is no ping; undefined at the end. */
  async receive(): Promise<Message | undefined> {
    for (;;) {
      await until(() => this.#received.length > 0 || this.#hasEnded, "a message");
      const message = this.#received.shift();
      if (message === undefined || message instanceof Frame || message.type !== "ping") {
        return message;
      }
      this.send({ type: "pong", time: message.time, clock: now() });
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await until(() => this.socket.readyState === WebSocket.CLOSED, "the socket to close");
  }
}

Deno.test("/ws speaks the protocol", async () => {
  await using stage = new Stage();
  stage.publish(0, stage.yard);
  const page = new Socket(stage);
  await new Promise((resolve) => page.socket.onopen = resolve);
  // The hello of a distant browser takes a while; the sender waits for it, longer than for that of
  // a connection without encryption, which comes later and has its picture first.
  const [silent, there] = await loopbackPair();
  const served = stage.yard.serve(there, "silent");
  await silent.read(new Uint8Array(1 << 16));
  silent.close();
  await served;
  page.send({ type: "hello", version: 1, camera: "yard" });
  const stream = await page.receive();
  assertEquals(stream, { type: "stream", version: 1, name: "yard", live: true, reason: "" });
  for (const number of [0, 1, 2]) {
    if (number > 0) stage.publish(number, stage.yard);
    const info = await page.receive() as Control & { type: "frame" };
    assertEquals(info, { type: "frame", seq: number, time: 1000 * number });
    assertEquals((await page.receive() as Frame).jpeg, picture(number));
    if (number < 2) page.send({ type: "ack", seq: number });
  }
  // The last is not acknowledged: one more may be on its way, the others share one slot.
  for (const number of [3, 4, 5, 6]) stage.publish(number, stage.yard);
  page.send({ type: "ack", seq: 2 });
  const numbers: number[] = [];
  while (numbers.at(-1) !== 6) {
    const { seq } = await page.receive() as Control & { type: "frame" };
    assertEquals((await page.receive() as Frame).jpeg, picture(seq));
    page.send({ type: "ack", seq });
    numbers.push(seq);
  }
  assertEquals(numbers.length <= 2, true, `${numbers}`);
  await page.close();
  await until(() => stage.yard.viewers === 0, "the viewer to leave");
});

Deno.test("/ws disconnects clients that break the rules or lack the key", async () => {
  await using stage = new Stage();
  const stranger = new Socket(stage, "wrong");
  assertEquals(await stranger.receive(), undefined);
  const page = new Socket(stage);
  await new Promise((resolve) => page.socket.onopen = resolve);
  page.send({ type: "hello", version: 1, camera: "roof" });
  assertEquals((await page.receive() as Control).type, "bye");
  assertEquals(await page.receive(), undefined);
  const talker = new Socket(stage);
  await new Promise((resolve) => talker.socket.onopen = resolve);
  talker.socket.send("text");
  assertEquals(await talker.receive(), undefined);
  await until(() => stage.door.viewers === 0, "the viewers to be gone");
});

Deno.test("serveHttp() says why it cannot start", async () => {
  await using stage = new Stage();
  const address = { hostname: "127.0.0.1", port: stage.port };
  assertThrows(() => new Stage({ address }), CamcatError, "choose another port with --http");
  const certificate = { cert: "nonsense", key: "nonsense" };
  assertThrows(() => new Stage({ certificate }), CamcatError, "--tls-cert and --tls-key must");
});

Deno.test("serveHttp() disconnects a client that does not finish its request within 10 s", async () => {
  await using stage = new Stage();
  const host = `Host: 127.0.0.1:${stage.port}\r\n`;
  for (
    const start of [
      "",
      `GET / HTTP/1.1\r\n${host}`,
      `POST /session HTTP/1.1\r\n${host}Content-Length: 43\r\n\r\nabc`,
      `GET /ws HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      `Authorization: ${bearer.authorization}\r\n\r\n`,
    ]
  ) {
    using time = new Time();
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: stage.port });
    await connection.write(new TextEncoder().encode(start));
    const buffer = new Uint8Array(1000);
    if (start.startsWith("GET /ws")) {
      const count = await connection.read(buffer) ?? 0;
      assertMatch(new TextDecoder().decode(buffer.subarray(0, count)), /^HTTP\/1\.1 101 /);
    }
    const isWaiting = () => time.dueMs.includes(10_000);
    await until(isWaiting, `the server to wait for more after: ${start}`);
    await time.pass(9_999);
    assertEquals(time.dueMs, [1], `no earlier end after: ${start}`);
    await time.pass(1);
    await withPatience(async () => {
      while (await connection.read(buffer).catch(() => null) !== null);
    }, () => `the end after: ${start}`);
  }
});

Deno.test("serveHttp() refuses a chunked body beside a length, and answers before it ends", async () => {
  await using stage = new Stage();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: stage.port });
  await connection.write(new TextEncoder().encode(
    `POST /session HTTP/1.1\r\nHost: 127.0.0.1:${stage.port}\r\nContent-Length: 6\r\n` +
      "Transfer-Encoding: chunked\r\n\r\n100000\r\n",
  ));
  const answer = await new Response(connection.readable).text();
  assertMatch(answer, /^HTTP\/1\.1 411 Length Required\r\n/);
});
