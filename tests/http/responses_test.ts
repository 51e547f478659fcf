// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch } from "@std/assert";
import { empty, encodeResponse, json, respond, sentence } from "../../lib/http/responses.ts";

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("encodeResponse() writes head and body", () => {
  const text = textOf(encodeResponse(sentence(401, "No", { "X-A": "b" })));
  const [head, body] = text.split("\r\n\r\n");
  assertEquals(body, "No\n");
  const [status, ...fields] = head.split("\r\n");
  assertEquals(status, "HTTP/1.1 401 Unauthorized");
  for (
    const field of [
      ...["Content-Length: 3", "Content-Type: text/plain; charset=utf-8", "X-A: b"],
      ...["Connection: close", "X-Content-Type-Options: nosniff", "Cache-Control: no-store"],
    ]
  ) assertEquals(fields.includes(field), true, field);
  const date = fields.find((field) => field.startsWith("Date: "))!;
  assertMatch(date, /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
});

Deno.test("encodeResponse() leaves the body out for HEAD, and its length for none", () => {
  const response = respond(new Uint8Array(1000), { "Content-Type": "image/jpeg" });
  const head = textOf(encodeResponse(response, false));
  assertMatch(head, /\r\nContent-Length: 1000\r\n[^]*\r\n\r\n$/);
  assertEquals(textOf(encodeResponse(empty(204))).includes("Content-Length"), false);
  assertMatch(textOf(encodeResponse(json({ a: 1 }))), /\r\n\r\n\{"a":1\}\n$/);
});
