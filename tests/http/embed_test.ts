// Pictures in pages of others, and links that let others watch.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type HttpOptions, serveHttp } from "../../lib/http/server.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { signShare } from "../../lib/security/share.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { Hub } from "../../lib/send/hub.ts";
import { jpeg } from "../support/jpegs.ts";
import { withPatience } from "../support/patience.ts";
import { Time } from "../support/time.ts";

const secrets = await httpSecretsOf(Key.random());
const ORIGIN = "http://octopi.local";
const HOUR_MS = 3_600_000;

/** Cameras called `door` and `yard`. */
class Stage implements AsyncDisposable {
  readonly url: string;
  #hubs = ["door", "yard"].map((name) => new Hub({ name }));
  #stop = new AbortController();
  #finished: Promise<void>;

  constructor(options: Partial<HttpOptions>) {
    const { address, finished } = serveHttp(new CameraRouter(this.#hubs), {
      ...{ address: { hostname: "127.0.0.1", port: 0 }, secrets, names: [] },
      ...{ signal: this.#stop.signal, ...options },
    });
    this.url = `http://127.0.0.1:${address.port}`;
    this.#finished = finished;
    for (const hub of this.#hubs) {
      hub.publish(Frame.from(jpeg(new TextEncoder().encode(hub.name)), { time: 1000 }));
    }
  }

  /** A response, read to its end. */
  async get(path: string, headers: Record<string, string> = {}, method = "GET") {
    const response = await fetch(this.url + path, { headers, method });
    return { response, status: response.status, text: await response.text() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#hubs.map((hub) => hub.close("the end")));
    this.#stop.abort();
    await this.#finished;
  }
}

/** What a browser tells for an `<img>` in a page of another site. */
const image = (origin: string) => ({
  "referer": `${origin}/`,
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "no-cors",
  "sec-fetch-dest": "image",
});

Deno.test("pages of allowed origins show pictures and figures, and may read them", async () => {
  await using stage = new Stage({ secrets: undefined, allowOrigins: [ORIGIN] });
  for (const path of ["/snapshot.jpg", "/status.json", "/?action=snapshot"]) {
    const { status, response } = await stage.get(path, image(ORIGIN));
    assertEquals(status, 200, path);
    assertEquals(response.headers.get("access-control-allow-origin"), ORIGIN);
    assertEquals(response.headers.get("cross-origin-resource-policy"), "cross-origin");
    assertStringIncludes(response.headers.get("vary")!, "Origin");
    assertEquals((await stage.get(path, image("http://evil.example"))).status, 403, path);
  }
});

Deno.test("with * any page may, but for what is no picture and no figure", async () => {
  await using stage = new Stage({ secrets: undefined, allowOrigins: ["*"] });
  const { status, response } = await stage.get("/snapshot.jpg", image("http://any.example"));
  assertEquals([status, response.headers.get("access-control-allow-origin")], [200, "*"]);
  for (const path of ["/metrics", "/session", "/ws", "/page.js", "/"]) {
    assertEquals((await stage.get(path, image("http://any.example"))).status, 403, path);
  }
});

Deno.test("an allowed page still needs the key, a session does not help it, a link does", async () => {
  await using stage = new Stage({ allowOrigins: ["*"] });
  const from = image("http://any.example");
  assertEquals((await stage.get("/snapshot.jpg", from)).status, 401);
  const share = await signShare(secrets.shareKey, Date.now() + HOUR_MS);
  assertEquals((await stage.get(`/snapshot.jpg?share=${share}`, from)).status, 200);
});

Deno.test("a page may ask whether it may send the token", async () => {
  await using stage = new Stage({ allowOrigins: [ORIGIN] });
  const headers = { origin: ORIGIN, "access-control-request-headers": "authorization" };
  const { status, response } = await stage.get("/status.json", headers, "OPTIONS");
  assertEquals(status, 204);
  assertEquals(response.headers.get("access-control-allow-headers"), "Authorization");
  const refused = await stage.get("/status.json", { origin: "http://evil.example" }, "OPTIONS");
  assertEquals(refused.status, 403);
});

Deno.test("the addresses of mjpg-streamer give what they give there", async () => {
  await using stage = new Stage({ secrets: undefined });
  const picture = await stage.get("/?action=snapshot&camera=yard");
  assertEquals(picture.response.headers.get("content-type"), "image/jpeg");
  assertStringIncludes(picture.text, "yard");
  const { headers, body } = await fetch(`${stage.url}/?action=stream`);
  assertStringIncludes(headers.get("content-type")!, "multipart/x-mixed-replace");
  await body!.cancel();
  assertStringIncludes((await stage.get("/?action=command")).text, "<!DOCTYPE html>");
});

Deno.test("a link shows its camera and no other, and its time is limited", async () => {
  await using stage = new Stage({});
  const share = await signShare(secrets.shareKey, Date.now() + HOUR_MS, "yard");
  const [first, named, other, figures, none] = await Promise.all([
    stage.get(`/snapshot.jpg?share=${share}`),
    stage.get(`/snapshot.jpg?share=${share}&camera=yard`),
    stage.get(`/snapshot.jpg?share=${share}&camera=door`),
    stage.get(`/status.json?share=${share}`),
    stage.get("/snapshot.jpg"),
  ]);
  assertEquals([first, named, other, figures, none].map(({ status }) => status), [
    ...[200, 200, 404, 200, 401],
  ]);
  assertStringIncludes(first.text, "yard");
  assertEquals(JSON.parse(figures.text).cameras.map(({ name }: { name: string }) => name), [
    "yard",
  ]);
  assertEquals(other.text, 'There is no camera "door" here, but "yard"\n');
  const gone = await signShare(secrets.shareKey, Date.now() + HOUR_MS, "garage");
  assertEquals((await stage.get(`/snapshot.jpg?share=${gone}`)).status, 404);
  const over = await signShare(secrets.shareKey, Date.now() - 1000);
  assertEquals((await stage.get(`/snapshot.jpg?share=${over}`)).status, 401);
});

Deno.test("pages of others may link to what a link shows, but not make it the session", async () => {
  await using stage = new Stage({});
  const share = await signShare(secrets.shareKey, Date.now() + HOUR_MS);
  const headers = {
    ...{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    "sec-fetch-dest": "document",
  };
  const status = async (path: string) =>
    (await stage.get(`${path}?share=${share}`, headers)).status;
  assertEquals(await status("/snapshot.jpg"), 200);
  assertEquals(await status("/"), 200);
  assertEquals(await status("/session"), 403);
  assertEquals(await status("/metrics"), 403);
});

Deno.test("a stream ends with the time of its link", async () => {
  using time = new Time();
  await using stage = new Stage({});
  const share = await signShare(secrets.shareKey, Date.now() + 5000);
  const { status, body } = await fetch(`${stage.url}/stream.mjpg?share=${share}`);
  assertEquals(status, 200);
  const reader = body!.getReader();
  assertEquals((await reader.read()).done, false);
  await time.pass(5000);
  // It would be served for ever.
  await withPatience(async () => {
    while (!(await reader.read().catch(() => ({ done: true }))).done);
  }, () => "the end of the stream");
});

Deno.test("the page of a link gets a session that ends with the link", async () => {
  await using stage = new Stage({});
  const share = await signShare(secrets.shareKey, Date.now() + HOUR_MS, "yard");
  const { status, response } = await stage.get(`/session?share=${share}`);
  assertEquals(status, 204);
  const [cookie, ...attributes] = response.headers.get("set-cookie")!.split("; ");
  assertEquals(cookie.split("=")[1], share);
  const [maxAge] = attributes.filter((it) => it.startsWith("Max-Age="));
  const seconds = Number(maxAge.split("=")[1]);
  assertEquals(seconds > 3500 && seconds <= 3600, true, maxAge);
  assertEquals((await stage.get("/session", { cookie })).status, 204);
  assertStringIncludes((await stage.get("/snapshot.jpg", { cookie })).text, "yard");
});
