// Sound over a broker, and what of it is trusted.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { channelsOf } from "../../lib/broker/channels.ts";
import { Connection } from "../../lib/redis/connection.ts";
import { Key } from "../../lib/security/key.ts";
import { more, TestEdge, TestListener, TestPublisher } from "../support/broker.ts";
import { until } from "../support/patience.ts";
import { RedisServer, redisTest } from "../support/redis.ts";

const key = Key.random();

redisTest("sound passes a broker beside pictures, while somebody listens", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using publisher = new TestPublisher(at);
  publisher.speak();
  await using near = new TestEdge(at);
  await using far = new TestEdge(at);
  const watcher = near.watch();
  await more(watcher, 5);
  assertEquals(near.hub.stream.sound, { channels: 1, live: false, reason: "" });
  assertEquals(publisher.hub.sound.viewers, 0); // somebody watches, and nobody listens
  {
    using listener = new TestListener(near.hub);
    await listener.more(50);
    assertEquals(near.hub.stream.sound, { channels: 1, live: true, reason: "" });
    assert(listener.heard.every(({ level }) => level === 60));
    assert(listener.heard.every(({ ageMs }) => ageMs > -5 && ageMs < 5000), "times of our clock");
    assertEquals(publisher.hub.sound.viewers, 1);
    await more(watcher, 5);
    using other = new TestListener(far.hub);
    await other.more(5); // pictures are not watched there
    assertEquals(publisher.hub.sound.viewers, 1);
  }
  await until(() => publisher.hub.sound.viewers === 0, "the microphone to be closed");
  assert(publisher.hub.viewers === 1, "the pictures are still watched");
  await until(() => near.hub.stream.sound?.live === false, "the end of the sound");
  assertEquals(near.hub.stream.sound?.reason, "");
});

redisTest("an edge tells its viewers why the sound is lost, and that it is back", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  await using edge = new TestEdge(at);
  using listener = new TestListener(edge.hub);
  const lost = (why: RegExp) =>
    until(() => why.test(edge.hub.stream.sound?.reason ?? ""), `the reason ${why}`);
  {
    await using publisher = new TestPublisher(at);
    publisher.hub.sound.announce(2);
    publisher.hub.sound.lost("The microphone was unplugged");
    await lost(/unplugged/);
    assertEquals(edge.hub.stream.sound?.channels, 2);
    publisher.speak();
    await listener.more(5);
  }
  await lost(/No sender publishes/);
  await using publisher = new TestPublisher(at);
  publisher.speak();
  await listener.more(5);
  await redis.kill();
  await lost(/broker .* is lost/);
  await redis.restart();
  const before = listener.heard.length;
  await listener.more(20);
  const news = listener.heard.slice(before);
  assert(news.every(({ ageMs }) => ageMs < 2000), JSON.stringify(news));
});

redisTest("sound at the broker is sealed, and an edge hears none that was recorded", async () => {
  await using redis = await RedisServer.start();
  const at = { hosts: redis.host, key };
  using spy = await Connection.open(redis.address, { tls: false });
  const { frames, sound } = channelsOf("door");
  const recorded: Uint8Array[] = [];
  await spy.subscribe(sound, (bytes) => recorded.push(bytes.slice()));
  await using publisher = new TestPublisher(at);
  publisher.speak();
  await using edge = new TestEdge(at);
  using listener = new TestListener(edge.hub);
  await listener.more(20);
  assert(recorded.length >= 10, "what others see");
  assert(recorded.every((bytes) => !bytes.toHex().includes("f00102")), "Opus in the clear");
  await spy.unsubscribe(sound);

  const packets = () => publisher.hub.sound.packets;
  for (const bytes of recorded) {
    const forged = bytes.slice();
    new DataView(forged.buffer).setBigUint64(20, 1_000_000n); // it would be the newest
    for (const message of [bytes, forged]) {
      await spy.publish(sound, message);
      await spy.publish(frames, message);
    }
  }
  await listener.more(20);
  assert(listener.heard.length <= packets(), `${listener.heard.length} of ${packets()}`);
  await using stranger = new TestEdge({ ...at, key: Key.random() });
  using deaf = new TestListener(stranger.hub);
  await stranger.lost();
  assertEquals(deaf.heard, []);
  const refused = () => edge.events.filter((event) => event.type === "refused");
  await until(() => refused().length > 0, "a report of what was refused");
});
