// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { Connection } from "../../lib/redis/connection.ts";
import { Key } from "../../lib/security/key.ts";
import { more, TestEdge, TestPublisher } from "../support/broker.ts";
import { Folder } from "../support/folder.ts";
import { withPatience } from "../support/patience.ts";
import { certificatesIn, freePort, RedisServer, redisTest } from "../support/redis.ts";

const key = Key.random();

redisTest("pictures pass a broker with TLS and a user, and no other certificate", async () => {
  await using folder = new Folder();
  const { authority, args } = await certificatesIn(folder.path);
  await using redis = await RedisServer.start(
    ...args,
    ...["--user", "default", "off", "--user", "camera", "on", ">hush", "+@connection"],
  );
  await using other = new Folder();
  const wrong = await certificatesIn(other.path);
  const read = (path: string) => Deno.readTextFileSync(path);
  const login = { tls: true, user: "camera", password: "hush" };
  const refused = async (options: Parameters<typeof Connection.open>[1], words: string) => {
    const { message } = await assertRejects(
      () => Connection.open(redis.address, options),
      CamcatError,
    );
    assertStringIncludes(message, words);
  };
  await refused({ ...login, authorities: read(wrong.authority) }, "certificate is not trusted");
  await refused(login, "certificate is not trusted");
  await refused(
    { ...login, password: "hash", authorities: read(authority) },
    "another user or password",
  );
  await refused({ tls: true, authorities: read(authority) }, "another user or password");
  using connection = await Connection.open(redis.address, {
    ...login,
    authorities: read(authority),
  });
  assertEquals((await connection.info()).isPrimary, true);
});

redisTest("the rights in docs/broker.md are enough", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/broker.md", import.meta.url));
  const [, rights] = /^ {4}ACL SETUSER camera on >PASSWORD (.+)$/m.exec(docs)!;
  await using redis = await RedisServer.start();
  await redis.command("ACL", "SETUSER", "camera", "on", ">hush", ...rights.split(" "));
  const at = { hosts: redis.host, key, connection: { user: "camera", password: "hush" } };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  await more(edge.watch(), 5);
});

redisTest("Connection.open() says why there is none", async () => {
  const nobody = { hostname: "127.0.0.1", port: freePort() };
  const refused = await assertRejects(() => Connection.open(nobody, { tls: false }), CamcatError);
  assertStringIncludes(refused.message, "nothing listens there");
  await using redis = await RedisServer.start();
  redis.signal("SIGSTOP");
  const late = await assertRejects(
    () => Connection.open(redis.address, { tls: false }),
    CamcatError,
  );
  assertStringIncludes(late.message, "it does not answer");
});

redisTest(
  "Connection.open() takes a server that answered while this process was paused",
  async () => {
    await using redis = await RedisServer.start();
    // One of these pauses comes while the connection is made.
    for (let turns = 0; turns < 4; turns++) {
      const opening = Connection.open(redis.address, { tls: false });
      for (let turn = 0; turn < turns; turn++) await nextTurn();
      const from = performance.now();
      while (performance.now() < from + 1200);
      (await opening).close();
    }
  },
);

Deno.test("Connection.open() that is given up leaves no connection", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) ends.push(untilEnd(connection));
  })();
  for (let turns = 0; turns < 12; turns++) {
    const giveUp = new AbortController();
    const opening = Connection.open(listener.addr, { tls: false }, giveUp.signal);
    const refused = assertRejects(() => opening, CamcatError);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    giveUp.abort();
    await refused;
  }
  // The server never says anything: it is for us to end each of them.
  await withPatience(async () => {
    while (ends.length > 0) await ends.pop();
  }, () => "the connections to end");
  listener.close();
  await accepting;
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

async function untilEnd(connection: Deno.Conn): Promise<void> {
  try {
    while (await connection.read(new Uint8Array(1000)) !== null);
  } catch {
    // it was reset
  }
  connection.close();
}
