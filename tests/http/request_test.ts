// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  MAX_BODY_BYTES,
  MAX_HEAD_BYTES,
  parseHead,
  readRequest,
  RequestError,
} from "../../lib/http/request.ts";
import { join } from "../support/jpegs.ts";
import { connect } from "../support/wire.ts";

const ascii = (text: string) => new TextEncoder().encode(text);

/** Reads a request of which all bytes arrive, in pieces of `size`, and then nothing more. */
async function read(bytes: Uint8Array, size = bytes.length) {
  const [client, server] = connect();
  const reading = readRequest(server);
  for (let at = 0; at < bytes.length; at += size) {
    await client.write(bytes.subarray(at, at + size)).catch(() => {});
    if (size > 1) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  client.close();
  return await reading;
}

Deno.test("parseHead() reads method, target, host and fields", () => {
  const head = parseHead(
    "POST /session?camera=T%C3%BCr HTTP/1.1\r\nHost: camera.local:8080\r\nCONTENT-LENGTH: 43\r\n" +
      "Cookie:  a=1 \r\ncookie: b=2\r\nX-Empty:",
  );
  assertEquals([head.method, head.url.pathname, head.host], [
    "POST",
    "/session",
    "camera.local:8080",
  ]);
  assertEquals(head.url.searchParams.get("camera"), "Tür");
  assertEquals([head.headers.get("cookie"), head.headers.get("x-empty")], ["a=1, b=2", ""]);
  assertEquals(head.bodyBytes, 43);
  const bare = parseHead("GET / HTTP/1.0\nHost: x");
  assertEquals([bare.method, bare.host, bare.bodyBytes], ["GET", "x", 0]);
});

Deno.test("parseHead() takes the host of a whole URL, and of no other field", () => {
  assertEquals(parseHead("GET http://a:81/x HTTP/1.1\r\nHost: b").host, "a:81");
  assertEquals(parseHead("GET //a/x HTTP/1.1\r\nHost: b").host, "b");
  assertEquals(
    parseHead("GET / HTTP/1.1\r\nHost: a\r\nHost: b").host,
    "a, b",
    "neither is believed",
  );
  assertEquals(parseHead("GET / HTTP/1.1").host, "");
});

const WRONG: [what: string, head: string, status: number][] = [
  ["no HTTP", "hello", 400],
  ["nothing", "", 400],
  ["HTTP/2", "PRI * HTTP/2.0", 400],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["a target that is no path", "GET example.org HTTP/1.1", 400],
  ["a URL that is none", "GET http://[ HTTP/1.1", 400],
  ["a target with a control character", "GET /\x00 HTTP/1.1", 400],
  ["two spaces", "GET  / HTTP/1.1", 400],
  ["a field without a colon", "GET / HTTP/1.1\r\nHost", 400],
  ["a field without a name", "GET / HTTP/1.1\r\n: x", 400],
  ["a space before the colon", "GET / HTTP/1.1\r\nHost : x", 400],
  ["a folded field", "GET / HTTP/1.1\r\nA: x\r\n y: z", 400],
  ["a control character in a field", "GET / HTTP/1.1\r\nA: x\x00", 400],
  ["a lone CR in a field", "GET / HTTP/1.1\r\nA: x\ry", 400],
  ["too many fields", `GET / HTTP/1.1${"\r\nA: b".repeat(101)}`, 431],
  ["a chunked body", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked", 411],
  [
    "a chunked body beside its length",
    "POST / HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked",
    411,
  ],
  ["a length that is no number", "POST / HTTP/1.1\r\nContent-Length: x", 400],
  ["a negative length", "POST / HTTP/1.1\r\nContent-Length: -1", 400],
  ["a length in hexadecimal", "POST / HTTP/1.1\r\nContent-Length: 0x10", 400],
  ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 6\r\nContent-Length: 7", 400],
  ["a long body", `POST / HTTP/1.1\r\nContent-Length: ${MAX_BODY_BYTES + 1}`, 413],
  ["a huge length", `POST / HTTP/1.1\r\nContent-Length: ${"9".repeat(400)}`, 413],
];

for (const [what, head, status] of WRONG) {
  Deno.test(`parseHead() refuses ${what}`, () => {
    const error = assertThrows(() => parseHead(head), RequestError);
    assertEquals(error.status, status);
  });
}

Deno.test("readRequest() reads one request, whatever the pieces it arrives in", async () => {
  const request = ascii("POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\ntoken");
  for (const size of [1, 2, 3, 7, request.length]) {
    const { method, url, host, body, hasMore } = (await read(request, size))!;
    assertEquals([method, url.pathname, host, body], ["POST", "/session", "x", "token"]);
    assertEquals(hasMore, false);
  }
  const next = await read(join(request, ascii("GET")));
  assertEquals([next!.body, next!.hasMore], ["token", true]);
  const lineFeeds = await read(ascii("GET / HTTP/1.0\n\n"), 1);
  assertEquals(lineFeeds!.url.pathname, "/");
});

Deno.test("readRequest() gives nothing for a request that is not complete", async () => {
  const request = ascii("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\ntoken");
  for (let length = 0; length < request.length; length++) {
    assertEquals(await read(request.subarray(0, length)), undefined, `${length} bytes`);
  }
});

Deno.test("readRequest() gathers no more than its limit", async () => {
  const [client, server] = connect(4096);
  const endless = (async () => {
    let sent = 0;
    await client.write(ascii("GET / HTTP/1.1\r\nA: "));
    for (;;) {
      const count = await client.write(new Uint8Array(4096).fill(0x61)).catch(() => 0);
      if (count === 0) return sent;
      sent += count;
    }
  })();
  const error = await assertRejects(() => readRequest(server), RequestError);
  assertEquals(error.status, 431);
  server.close();
  assertEquals(await endless < MAX_HEAD_BYTES + 2 * 4096, true);
});

Deno.test("readRequest() asks for a body that the client holds back", async () => {
  const [client, server] = connect();
  const reading = readRequest(server);
  await client.write(
    ascii("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
  );
  const answer = new Uint8Array(100);
  const count = await client.read(answer);
  assertEquals(answer.slice(0, count!), ascii("HTTP/1.1 100 Continue\r\n\r\n"));
  await client.write(ascii("token"));
  assertEquals((await reading)!.body, "token");
});
