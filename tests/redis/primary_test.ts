// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { parseBrokerUrl } from "../../lib/broker/broker_url.ts";
import { channelsOf } from "../../lib/broker/channels.ts";
import { listPublished } from "../../lib/broker/listing.ts";
import { connectToPrimary } from "../../lib/redis/primary.ts";
import { writeAll } from "../../lib/program/write_all.ts";
import { Key } from "../../lib/security/key.ts";
import { formatAddress } from "../../lib/protocol/address.ts";
import { more, TestEdge, TestPublisher } from "../support/broker.ts";
import { until, withPatience } from "../support/patience.ts";
import { RedisServer, redisTest, startCluster } from "../support/redis.ts";

const key = Key.random();
const PLAIN = { tls: false };

redisTest("connectToPrimary() asks for the primary of a replica that is named alone", async () => {
  await using primary = await RedisServer.start();
  await using replica = await RedisServer.start(
    "--replicaof",
    "127.0.0.1",
    `${primary.address.port}`,
  );
  const connect = (hosts: string) =>
    connectToPrimary(parseBrokerUrl(`redis://${hosts}`), PLAIN, channelsOf("door").key);
  const { message } = await assertRejects(() => connect(replica.host), CamcatError);
  assertStringIncludes(message, "it is a replica. Name its primary too");
  using connection = await connect(`${replica.host},127.0.0.1:1,${primary.host}`);
  assertEquals(formatAddress(connection.address), primary.host);
});

Deno.test("connectToPrimary() gives up a server that lets us in, and then says nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for (;;) {
      using connection = await listener.accept();
      const buffer = new Uint8Array(1000);
      let hasAnswered = false;
      while (await connection.read(buffer) !== null) {
        // The reply to HELLO 3: a map ("RESP protocol specification", section "Maps").
        if (!hasAnswered) {
          await writeAll(connection, new TextEncoder().encode("%1\r\n+role\r\n+master\r\n"));
        }
        hasAnswered = true;
      }
      if (hasAnswered) return;
    }
  })();
  const broker = parseBrokerUrl(`redis://127.0.0.1:${listener.addr.port}`);
  const { message } = await assertRejects(
    () =>
      withPatience(() => connectToPrimary(broker, PLAIN, channelsOf("door").key), () => "the end"),
    CamcatError,
  );
  assertStringIncludes(message, "it does not answer");
  await serving;
});

redisTest(
  "cameras of a Cluster are each at the node in charge, listed, and move with their slots",
  async () => {
    const nodes = await startCluster();
    await using _ = {
      [Symbol.asyncDispose]: async () => {
        for (const node of nodes) await node[Symbol.asyncDispose]();
      },
    };
    // Every node finds the others.
    const names = ["door", "yard", "hall"];
    const charges = new Set<string>();
    for (const [index, name] of names.entries()) {
      const at = { hosts: nodes[index % 3].host, key, name };
      await using _publisher = new TestPublisher(at);
      await using edge = new TestEdge({ ...at, hosts: nodes[(index + 1) % 3].host });
      await more(edge.watch(), 5);
      const broker = parseBrokerUrl(`redis://${at.hosts}`);
      using connection = await connectToPrimary(broker, PLAIN, channelsOf(name).key);
      charges.add(formatAddress(connection.address));
      const listed = await listPublished(broker, PLAIN);
      assert(listed.some((camera) => camera.name === name), JSON.stringify(listed));
      // Redis 7 shards channels: the other nodes are not troubled.
      const shards = await connection.command("PUBSUB", "SHARDCHANNELS", "camcat:*") as string[];
      assert(shards.map(String).includes(channelsOf(name).frames), String(shards));
    }
    assert(charges.size > 1, "all cameras are at one node");

    // A camera moves with its slot.
    const at = { hosts: nodes.map(({ host }) => host).join(), key };
    await using _publisher = new TestPublisher(at);
    await using edge = new TestEdge(at);
    const watcher = edge.watch();
    await more(watcher, 5);
    const slot = String(await nodes[0].command("CLUSTER", "KEYSLOT", channelsOf("door").key));
    const ids = await Promise.all(
      nodes.map(async (node) => String(await node.command("CLUSTER", "MYID"))),
    );
    const broker = parseBrokerUrl(`redis://${at.hosts}`);
    using before = await connectToPrimary(broker, PLAIN, channelsOf("door").key);
    const from = nodes.findIndex(({ host }) => host === formatAddress(before.address));
    const to = (from + 1) % 3;
    // The key expires meanwhile or is lost: its publisher writes it again.
    await nodes[to].command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from]);
    await nodes[from].command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to]);
    await until(async () => {
      await nodes[from].command("DEL", channelsOf("door").key).catch(() => {});
      try {
        await nodes[to].command("CLUSTER", "SETSLOT", slot, "NODE", ids[to]);
        await nodes[from].command("CLUSTER", "SETSLOT", slot, "NODE", ids[to]);
        return true;
      } catch {
        return false; // there is a key again
      }
    }, "the slot to move");
    await more(watcher, 50);
    using after = await connectToPrimary(broker, PLAIN, channelsOf("door").key);
    assertEquals(formatAddress(after.address), nodes[to].host);
  },
);
