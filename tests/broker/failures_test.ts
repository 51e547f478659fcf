// Brokers that go away, hang, fill up and change places, and edges that are slow.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { channelsOf } from "../../lib/broker/channels.ts";
import { writeAll } from "../../lib/program/write_all.ts";
import { Key } from "../../lib/security/key.ts";
import { jpeg } from "../support/jpegs.ts";
import { more, TestEdge, TestPublisher } from "../support/broker.ts";
import { until } from "../support/patience.ts";
import { RedisServer, redisTest } from "../support/redis.ts";

const key = Key.random();

/** A way to a server that lets a bounded number of bytes through per second. */
class NarrowWay implements AsyncDisposable {
  readonly host: string;
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #connections: Deno.Conn[] = [];
  #passing: Promise<void>[] = [];

  constructor(port: number, bytesPerSecond: number) {
    this.host = `127.0.0.1:${this.#listener.addr.port}`;
    this.#accept(port, bytesPerSecond);
  }

  async #accept(port: number, bytesPerSecond: number): Promise<void> {
    try {
      for await (const near of this.#listener) {
        const far = await Deno.connect({ hostname: "127.0.0.1", port });
        this.#connections.push(near, far);
        near.readable.pipeTo(far.writable).catch(() => {});
        this.#passing.push(this.#pass(far, near, bytesPerSecond).catch(() => {}));
      }
    } catch {
      // closed
    }
  }

  async #pass(from: Deno.Conn, to: Deno.Conn, bytesPerSecond: number): Promise<void> {
    const buffer = new Uint8Array(bytesPerSecond / 50);
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) return;
      await writeAll(to, buffer.subarray(0, count));
      await new Promise((resolve) => setTimeout(resolve, count / bytesPerSecond * 1000));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // a pipe has closed it
      }
    }
    await Promise.all(this.#passing);
  }
}

redisTest("a broker that is restarted is found again", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  await redis.kill();
  assertStringIncludes(await edge.lost(), `The broker ${redis.host} is lost`);
  assert(!edge.hub.stream.live);
  const [before, restartedAt] = [watcher.live.length, now()];
  await redis.restart();
  await more(watcher, 5);
  assert(edge.hub.stream.live);
  assert(publisher.events.some(({ type }) => type === "down"));
  // What was published meanwhile is gone: the first picture afterwards is a new one.
  assert(watcher.live.slice(before).every(({ time }) => time >= restartedAt));
});

redisTest("a broker that hangs is given up, and used again when it answers", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  redis.signal("SIGSTOP");
  await edge.lost();
  await until(
    () => publisher.events.some(({ type }) => type === "down"),
    "the publisher to notice",
  );
  const [before, continuedAt] = [watcher.live.length, now()];
  redis.signal("SIGCONT");
  await more(watcher, 5);
  assert(
    watcher.live.slice(before).every(({ time }) => time >= continuedAt),
    "old ones were shown",
  );
});

redisTest("a broker that refuses pictures for a while gets the next ones", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  await redis.command("ACL", "SETUSER", "default", "-publish");
  // An edge asks a few times a second, and a publisher that waited for a refused picture would send none.
  const refused = async () => {
    const stats = String(await redis.command("INFO", "commandstats"));
    return Number(/cmdstat_publish:.*rejected_calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };
  await until(async () => await refused() >= 200, "many pictures to be refused");
  await redis.command("ACL", "SETUSER", "default", "+publish");
  await more(watcher, 5);
});

redisTest("a replica takes over when the primary is killed", async () => {
  await using primary = await RedisServer.start();
  await using replica = await RedisServer.start(
    "--replicaof",
    "127.0.0.1",
    `${primary.address.port}`,
  );
  const at = { hosts: `${primary.host},${replica.host}`, key };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  await primary.kill();
  await edge.lost();
  await replica.command("REPLICAOF", "NO", "ONE");
  await more(watcher, 5);
});

redisTest("a primary that becomes a replica while it runs is left", async () => {
  await using first = await RedisServer.start();
  await using second = await RedisServer.start("--replicaof", "127.0.0.1", `${first.address.port}`);
  const at = { hosts: `${first.host},${second.host}`, key };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  await second.command("REPLICAOF", "NO", "ONE");
  await first.command("REPLICAOF", "127.0.0.1", `${second.address.port}`);
  assertStringIncludes(await edge.lost(), "it has become a replica");
  await more(watcher, 5);
});

redisTest("Sentinels tell where the primary is now", async () => {
  await using primary = await RedisServer.start();
  await using replica = await RedisServer.start(
    "--replicaof",
    "127.0.0.1",
    `${primary.address.port}`,
  );
  await until(
    async () => /state=online/.test(String(await primary.command("INFO", "replication"))),
    "the replica to be ready",
  );
  await using sentinel = await RedisServer.startSentinel(primary);
  const at = { hosts: sentinel.host, key };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  await until(
    async () => /slaves=1/.test(String(await sentinel.command("INFO", "sentinel"))),
    "the Sentinel to know the replica",
  );
  await primary.kill();
  await edge.lost();
  await more(watcher, 5);
  assertStringIncludes(String(await replica.command("INFO", "replication")), "role:master");
});

redisTest("pictures pass a broker whose memory is full, and its user is told", async () => {
  await using redis = await RedisServer.start(
    "--maxmemory",
    "1",
    "--maxmemory-policy",
    "noeviction",
  );
  const at = { hosts: redis.host, key };
  await using publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  await more(edge.watch(), 20);
  const told = () =>
    publisher.events.some((event) =>
      event.type === "advice" && /"?door"? is not listed at the broker: OOM/.test(event.text)
    );
  await until(told, "what the publisher tells");
});

redisTest("a subscriber that does not read harms nobody, and is cut off", async () => {
  await using redis = await RedisServer.start(
    ...["--client-output-buffer-limit", "pubsub", "12mb", "0", "0"],
  );
  const at = { hosts: redis.host, key };
  await using _publisher = new TestPublisher(at, jpeg(new Uint8Array(50_000)));
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  await more(watcher, 5);
  const told = watcher.descriptions.length;
  using stalled = await Deno.connect(redis.address);
  const { frames } = channelsOf("door");
  await writeAll(stalled, new TextEncoder().encode(`SUBSCRIBE ${frames}\r\n`));
  const clients = async () => String(await redis.command("CLIENT", "LIST", "TYPE", "PUBSUB"));
  const isThere = async () => (await clients()).includes(`:${stalled.localAddr.port} `);
  // deno-lint-ignore no-explicit-any -- of a TCP connection
  const { port } = stalled.localAddr as any;
  assert(port > 0);
  await until(isThere, "the stalled one to subscribe");
  await until(async () => !await isThere(), "the stalled one to be cut off");
  await more(watcher, 20);
  assertEquals(watcher.descriptions.slice(told), []); // the other edge has kept its picture
});

redisTest("an edge behind a narrow link skips to the newest picture", async () => {
  await using redis = await RedisServer.start();
  await using _publisher = new TestPublisher(
    { hosts: redis.host, key },
    jpeg(new Uint8Array(20_000)),
  );
  // 2 MB a second are published, and half a MB gets through.
  await using way = new NarrowWay(redis.address.port, 500_000);
  await using edge = new TestEdge({ hosts: way.host, key });
  const watcher = edge.watch();
  await more(watcher, 125); // 2.5 MB: five seconds of the link, in which four times as much comes
  const ages = watcher.live.slice(-60).map(({ ageMs }) => ageMs).sort((a, b) => a - b);
  assert(ages[30] < 2000, `half of the pictures were older than ${ages[30]} ms`);
});
