// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { channelsOf } from "../../lib/broker/channels.ts";
import { Connection } from "../../lib/redis/connection.ts";
import { listPublished } from "../../lib/broker/listing.ts";
import { parseBrokerUrl } from "../../lib/broker/broker_url.ts";
import { Key } from "../../lib/security/key.ts";
import { more, TestEdge, TestPublisher } from "../support/broker.ts";
import { until } from "../support/patience.ts";
import { RedisServer, redisTest } from "../support/redis.ts";

const key = Key.random();

redisTest(
  "pictures pass a broker with their numbers and times, while somebody watches",
  async () => {
    await using redis = await RedisServer.start();
    const at = { hosts: redis.host, key };
    await using publisher = new TestPublisher(at);
    await using near = new TestEdge(at);
    await using far = new TestEdge(at);
    await until(
      () => near.events.some((event) => event.type === "state" && event.state === "idle"),
      "idle",
    );
    assertEquals(publisher.hub.viewers, 0); // nobody watches: nothing is sent
    const [first, second] = [near.watch(), far.watch()];
    await Promise.all([more(first, 20), more(second, 20)]);
    for (const { live } of [first, second]) {
      assert(live.every(({ seq }, index) => index === 0 || seq > live[index - 1].seq), "in order");
      assert(live.every(({ ageMs }) => ageMs > -5 && ageMs < 5000), JSON.stringify(live));
    }
    const { 0: { seq } } = first.live.slice(-1);
    assert(seq <= publisher.hub.totals.frames);
    assertEquals(publisher.hub.viewers, 1);
    await Promise.all([first.leave("enough"), second.leave("enough")]);
    await until(() => publisher.hub.viewers === 0, "the end of the demand");
  },
);

redisTest("an edge shows the reason of its source, its return, and that it is gone", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using edge = new TestEdge(at);
  const watcher = edge.watch();
  {
    await using publisher = new TestPublisher(at);
    await more(watcher, 5);
    publisher.live = false;
    publisher.hub.lost("Cannot read the camera: it was unplugged");
    await until(() => /unplugged/.test(watcher.descriptions.at(-1) ?? ""), "the loss");
    publisher.live = true;
    await more(watcher, 5);
    assertEquals(watcher.descriptions.at(-1), "live");
    publisher.live = false;
    publisher.hub.lost("Cannot read the camera: it is used");
    await until(() => /is used/.test(watcher.descriptions.at(-1) ?? ""), "the next loss");
  }
  // Whoever says that the source is not live may go, too.
  await until(() => /No sender publishes/.test(watcher.descriptions.at(-1) ?? ""), "the end");
});

redisTest("what the broker holds is sealed, and edges without the key see nothing", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  using spy = await Connection.open(redis.address, { tls: false });
  const seen: string[] = [];
  await spy.subscribe(channelsOf("door").frames, (bytes) => seen.push(bytes.toHex()));
  await more(edge.watch(), 10);
  await until(() => seen.length >= 5, "what others see");
  assert(seen.every((hex) => !hex.includes("ffd8ff")), "a JPEG in the clear");

  await using stranger = new TestEdge({ ...at, key: Key.random() });
  await using open = new TestEdge({ ...at, key: undefined });
  for (const other of [stranger, open]) {
    const watcher = other.watch();
    assertStringIncludes(await other.lost(), "its sender must have the same key");
    assertEquals(watcher.live, []);
  }
});

redisTest("an edge ignores what was recorded, changed or made up, and counts it", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  using spy = await Connection.open(redis.address, { tls: false });
  const { frames } = channelsOf("door");
  const recorded: Uint8Array[] = [];
  await spy.subscribe(frames, (bytes) => recorded.push(bytes.slice()));
  {
    await using _former = new TestPublisher(at);
    await using edge = new TestEdge(at);
    await more(edge.watch(), 10);
  }
  // The publisher is gone: an edge that starts now must not be shown what was recorded.
  await using restarted = new TestEdge(at);
  const watcher = restarted.watch();
  await restarted.lost();
  const replay = async () => {
    for (const bytes of recorded.splice(0)) await spy.publish(frames, bytes);
  };
  const copies = recorded.map((bytes) => bytes.slice());
  await spy.unsubscribe(frames);
  await replay();
  assertEquals(watcher.live, []);

  await using _publisher = new TestPublisher(at);
  await more(watcher, 5);
  const attack = async () => {
    for (const bytes of copies) await spy.publish(frames, bytes);
    for (const bytes of copies) {
      const forged = bytes.slice();
      forged[bytes.length >> 1] ^= 1;
      await spy.publish(frames, forged);
    }
    await spy.publish(frames, new Uint8Array(100_000));
    await spy.publish(frames, new Uint8Array());
  };
  // Also what this publisher has just sent: again, and changed so that it would be the newest.
  const echoed = new Set<bigint>();
  await spy.subscribe(frames, (bytes) => {
    const forged = bytes.slice();
    const view = new DataView(forged.buffer);
    const counter = view.byteLength < 36 ? 0n : view.getBigUint64(20);
    if (counter === 0n || counter >= 1_000_000n || echoed.has(counter)) return;
    echoed.add(counter);
    view.setBigUint64(20, counter + 1_000_000n);
    for (const message of [bytes, forged]) spy.publish(frames, message).catch(() => {});
  });
  await attack();
  await more(watcher, 20);
  const { live } = watcher;
  assert(live.every(({ seq }, index) => index === 0 || seq > live[index - 1].seq), "in order");
  const refused = () => restarted.events.filter((event) => event.type === "refused");
  await until(() => refused().length > 0, "a report of what was refused");
});

redisTest("an open camera passes bare", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host };
  await using _publisher = new TestPublisher(at);
  await using edge = new TestEdge(at);
  await more(edge.watch(), 5);
});

redisTest("cameras are listed while they are published", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  const broker = parseBrokerUrl(`redis://${redis.host}`);
  const list = () => listPublished(broker, { tls: false });
  await redis.command("SET", "camcat:{forged", "x");
  await redis.command("SET", "camcat:{%1b[2J}", `{"epoch":"${"0".repeat(32)}"}`);
  await redis.command("SET", "camcat:{yard}", "not JSON");
  assertEquals(await list(), []);
  {
    await using _door = new TestPublisher(at);
    await using _yard = new TestPublisher({ ...at, name: "Hof, hinten", key: undefined });
    await until(async () => (await list()).length === 2, "two cameras");
    assertEquals(await list(), [
      { name: "Hof, hinten", open: true, live: true },
      { name: "door", open: false, live: true },
    ]);
  }
  assert(Number(await redis.command("PTTL", channelsOf("door").key)) <= 3500);
  await until(async () => (await list()).length === 0, "the end of the keys");
});

redisTest("a second sender of the same name is told, and edges show the later one", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using first = new TestPublisher(at);
  await using edge = new TestEdge(at);
  await more(edge.watch(), 5);
  await using second = new TestPublisher(at);
  await until(() => second.hub.viewers === 1, "the later one to be watched");
  await until(
    () =>
      first.events.some((event) => event.type === "advice" && /Another sender/.test(event.text)),
    "what the first is told",
  );
  await until(() => first.hub.viewers === 0, "the first to be left alone");
});
