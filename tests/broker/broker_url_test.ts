// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { formatBroker, parseBrokerUrl } from "../../lib/broker/broker_url.ts";

Deno.test("parseBrokerUrl() reads hosts, login and name", () => {
  const plain = { user: undefined, password: undefined, name: undefined, sentinel: undefined };
  assertEquals(parseBrokerUrl("redis://broker"), {
    ...{ ...plain, tls: false },
    hosts: [{ hostname: "broker", port: 6379 }],
  });
  assertEquals(parseBrokerUrl("REDISS://me:p%40ss:w@a:1,[::1]:2,10.0.0.7/Front%20door"), {
    ...{ ...plain, tls: true, user: "me", password: "p@ss:w", name: "Front door" },
    hosts: [
      { hostname: "a", port: 1 },
      { hostname: "::1", port: 2 },
      { hostname: "10.0.0.7", port: 6379 },
    ],
  });
  assertEquals(parseBrokerUrl("redis://:secret@h/").password, "secret");
  assertEquals(parseBrokerUrl("redis://h/door?sentinel=mymaster").sentinel, "mymaster");
});

Deno.test("parseBrokerUrl() refuses what is no URL of a broker, and repeats no password", () => {
  const cases = [
    "redis:/door",
    "redis://",
    "redis://user:hush@/door",
    "http://h/door",
    "redis://h:99999/door",
    "redis://h/door?x=1",
    "redis://hush:hush@h/%zz",
    `redis://h/${"n".repeat(101)}`,
    "redis://h/a%0ab",
    `redis://${Array(17).fill("h").join(",")}`,
  ];
  for (const text of cases) {
    const { message } = assertThrows(() => parseBrokerUrl(text), UsageError);
    assertEquals(message.includes("hush"), false, message);
  }
});

Deno.test("formatBroker() shows no login", () => {
  assertEquals(formatBroker(parseBrokerUrl("rediss://me:hush@a,b:7/door")), "rediss://a,b:7");
});
