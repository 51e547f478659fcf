// What a broker may send at once, and brokers that send something else.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { CamcatError, ProtocolError } from "../../lib/base/errors.ts";
import { Connection } from "../../lib/redis/connection.ts";
import { MAX_REPLY_BYTES, ReplyGuard } from "../../lib/redis/reply_guard.ts";
import { MAX_FRAME_BYTES } from "../../lib/jpeg/frame.ts";
import { writeAll } from "../../lib/program/write_all.ts";
import { RedisServer, redisTest } from "../support/redis.ts";

const utf8 = new TextEncoder();

function check(...texts: string[]): void {
  const guard = new ReplyGuard();
  for (const text of texts) guard.check(utf8.encode(text));
}

Deno.test("ReplyGuard lets replies and messages through, however they are cut", () => {
  const replies = "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n+proto\r\n:3\r\n" + // HELLO
    "+OK\r\n_\r\n$-1\r\n*-1\r\n#t\r\n,1.5\r\n(12\r\n-ERR no\r\n!5\r\nERR x\r\n=8\r\ntxt:abcd\r\n" +
    "*2\r\n*0\r\n*1\r\n~1\r\n$0\r\n\r\n" +
    ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\n\r\n$9\r\n";
  check(replies.repeat(10_000)); // more values than one reply may have
  check(...replies.repeat(2));
  const guard = new ReplyGuard();
  guard.check(utf8.encode(`>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${16 * 1024 * 1024 + 68}\r\n`));
  for (let message = 0; message < 3; message++) {
    const chunk = new Uint8Array(4 * 1024 * 1024);
    for (let sent = 0; sent < 4; sent++) guard.check(chunk);
    guard.check(new Uint8Array(70));
    guard.check(utf8.encode(`>1\r\n$${16 * 1024 * 1024 + 68}\r\n`));
  }
  assertEquals(guard.replies, 3);
});

Deno.test("ReplyGuard refuses what is too large as soon as it is announced", () => {
  const half = Math.floor(MAX_REPLY_BYTES / 2);
  for (
    const text of [
      "$500000000\r\n",
      "=9999999999\r\n",
      `*2\r\n$${half}\r\n${"x".repeat(half)}\r\n$${half}\r\n`,
      "*100001\r\n",
      "%60000\r\n",
      "*60000\r\n*60000\r\n",
      "+" + "x".repeat(100_000),
      "*1\r\n".repeat(200_000),
    ]
  ) assertThrows(() => check(text), ProtocolError, "at once");
});

Deno.test("ReplyGuard refuses what the library could read in another way", () => {
  for (
    const text of [
      "_ab$500000000\r\n",
      ":1\rX$500000000\r\n",
      "#txx$500000000\r\n",
      "$-1xx$500000000\r\n",
      ":1\n",
      "+a\rb\r\n",
      "$12345678901\r\n",
      "$-2\r\n",
      "=3\r\nabc\r\n",
      "~-1\r\n",
      "$?\r\n",
      "|1\r\n",
      "HTTP/1.1 400 Bad Request\r\n",
      "\r\n",
    ]
  ) {
    assertThrows(() => check(text), ProtocolError, "protocol of Redis", text);
    assertThrows(() => check(...text), ProtocolError, "protocol of Redis", text);
  }
});

/** A server that answers each command with the same bytes. */
function server(answer: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async (connection: Deno.Conn) => {
    try {
      const buffer = new Uint8Array(4096);
      while (await connection.read(buffer) !== null) {
        await writeAll(connection, utf8.encode(answer));
      }
    } catch {
      // it was reset
    }
    connection.close();
  };
  const done = (async () => {
    const serving: Promise<void>[] = [];
    for await (const connection of listener) serving.push(serve(connection));
    await Promise.all(serving);
  })();
  return {
    address: listener.addr,
    async [Symbol.asyncDispose]() {
      listener.close();
      await done;
    },
  };
}

async function reasonAt(answer: string): Promise<string> {
  await using hostile = server(answer);
  const asked = async () => {
    using connection = await Connection.open(hostile.address, { tls: false });
    await connection.info();
  };
  const { message } = await assertRejects(asked, CamcatError);
  return message;
}

Deno.test("a server that announces 500 MB is left at once", async () => {
  await using hostile = server(`%1\r\n$6\r\nserver\r\n$500000000\r\n${"x".repeat(60_000)}`);
  const { message } = await assertRejects(
    () => Connection.open(hostile.address, { tls: false }),
    CamcatError,
  );
  assertStringIncludes(message, "Cannot connect to the broker 127.0.0.1:");
  assertStringIncludes(message, "it sends 500.0 MB at once");
});

Deno.test("a server that is none, or too old, is named plainly", async () => {
  assertStringIncludes(await reasonAt("HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol of Redis");
  for (const answer of ["_\r\n", "$-1\r\n", "*0\r\n", ":1\r\n"]) {
    assertStringIncludes(await reasonAt(answer), "it must be Redis 6 or later, or Valkey");
  }
  assertStringIncludes(await reasonAt("-ERR unknown command 'HELLO'\r\n"), "Redis 6 or later");
});

redisTest(
  "the largest frame passes a Redis, and a larger message ends the connection",
  async () => {
    await using redis = await RedisServer.start();
    using reading = await Connection.open(redis.address, { tls: false });
    using writing = await Connection.open(redis.address, { tls: false });
    const got = Promise.withResolvers<number>();
    const channel = "c".repeat(1300); // as long as that of the longest name
    await reading.subscribe(channel, ({ length }) => got.resolve(length));
    await writing.publish(channel, new Uint8Array(MAX_FRAME_BYTES + 68)); // with all headers
    assertEquals(await got.promise, MAX_FRAME_BYTES + 68);
    const large = writing.publish(channel, new Uint8Array(MAX_REPLY_BYTES));
    assertStringIncludes(await reading.ended, "it sends 16.8 MB at once");
    await large;
  },
);
