// The compiled programs and a real Redis between them.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { Key } from "../../lib/security/key.ts";
import {
  type Event,
  type Program,
  programTest,
  SENDER,
  startReceiver,
  startSender,
} from "../support/programs.ts";
import { certificatesIn, HAS_REDIS, RedisServer } from "../support/redis.ts";

const PASSWORD = "correct-horse";
const ENV = { CAMCAT_REDIS_USER: "default", CAMCAT_REDIS_PASSWORD: PASSWORD };

function brokerTest(name: string, fn: () => Promise<void>): void {
  programTest(name, fn, !HAS_REDIS);
}

async function live(receiver: Program, from = 0): Promise<void> {
  await receiver.event(
    ({ event, state, frames }) => event === "stats" && state === "live" && frames > 0,
    from,
  );
}

async function run(args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(SENDER, { args, env }).output();
  const said = new TextDecoder().decode(stderr);
  assert(success, said);
  return new TextDecoder().decode(stdout);
}

brokerTest("one sender, a Redis with TLS and a password, two edges and their viewers", async () => {
  await using folder = new Folder();
  const { authority, args } = await certificatesIn(folder.path);
  await using redis = await RedisServer.start(...args, "--requirepass", PASSWORD);
  const broker = `rediss://${redis.host}`;
  const options = { env: ENV };
  const ca = `--broker-ca=${authority}`;
  await using publisher = startSender(
    ["test", "--name=door", `--publish=${broker}`, ca, "--on-demand", "--linger=1"],
    options,
  );
  await publisher.event(({ event, state }) => event === "broker" && state === "up");
  await publisher.event(({ event, state }) => event === "capture" && state === "idle");
  await using named = startSender([`${broker}/door`, ca], options);
  await using unnamed = startSender([broker, ca], options);
  const [first, second] = [await named.port(), await unnamed.port()];

  const listed = await run(["--list", broker, ca, "--json"], ENV);
  assertEquals(JSON.parse(listed), { name: "door", open: false, live: true });
  assertStringIncludes(await run(["--list", broker, ca], ENV), "door  live");
  await using asking = startReceiver([`127.0.0.1:${second}`, "--cameras"]);
  const { cameras } = await asking.event(({ event }) => event === "cameras");
  assertEquals(cameras, ["door"]);
  assert(!publisher.events.some(({ state }) => state === "starting"), "the camera was opened");

  await using near = startReceiver([`127.0.0.1:${first}`, "--no-display"]);
  await using far = startReceiver([`127.0.0.1:${second}`, "--no-display"]);
  await Promise.all([live(near), live(far)]);
  await publisher.event(({ event, edges }) => event === "broker" && edges === 2);
  const stats = near.events.findLast(({ event }) => event === "stats")!;
  assert(stats.latency_p50_ms > 0 && stats.latency_p50_ms < 5000, JSON.stringify(stats));

  const before = publisher.events.length;
  await Promise.all([near.stop(), far.stop()]);
  await publisher.event(({ event, state }) => event === "capture" && state === "idle", before);
  for (const program of [publisher, named, unnamed]) {
    const said = JSON.stringify(program.events) + program.stderr;
    assert(!said.includes(PASSWORD), "the password was told");
  }
});

brokerTest(
  "sound, and a camera that comes later, pass a broker and a relay behind it",
  async () => {
    await using redis = await RedisServer.start();
    const broker = `redis://${redis.host}`;
    const onDemand = ["--on-demand", "--linger=1"];
    await using door = startSender([
      "test",
      "--name=door",
      "--sound",
      `--publish=${broker}`,
      ...onDemand,
    ]);
    await door.event(({ event, state }) => event === "broker" && state === "up");
    await using edge = startSender([broker, ...onDemand]);
    const source = `camcat://127.0.0.1:${await edge.port()}`;
    await using relay = startSender([source, "--camera=all", ...onDemand]);
    const port = await relay.port();
    const isHeard = ({ event, state, edges }: Event) =>
      event === "broker" && state === "heard" && edges === 1;
    {
      await using watching = startReceiver([`127.0.0.1:${port}`, "--no-display"]);
      await live(watching);
      assert(!door.events.some(isHeard), "the sound was sent, and nobody listens");
    }
    await using folder = new Folder();
    const path = `${folder.path}/door.mkv`;
    {
      await using recorder = startReceiver([
        ...[`127.0.0.1:${port}`, "--camera=door", "--no-display", `--record=${path}`],
      ]);
      await relay.event(({ event, sound }) => event === "stats" && sound?.packets > 100);
      await recorder.stop();
    }
    assert(door.events.some(isHeard));
    const args = ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0"];
    const { stdout } = await new Deno.Command("ffprobe", { args: [...args, path] }).output();
    assertEquals(new TextDecoder().decode(stdout).split("\n").sort(), ["", "mjpeg", "opus"]);
    await door.event(({ event, state, edges }) =>
      event === "broker" && state === "heard" && edges === 0
    );

    await using _yard = startSender(["test", "--name=yard", `--publish=${broker}`, ...onDemand]);
    const isAdded = ({ event, camera }: Event) => event === "camera-added" && camera === "yard";
    await edge.event(isAdded);
    await relay.event(isAdded);
    await using viewer = startReceiver([`127.0.0.1:${port}`, "--camera=yard", "--no-display"]);
    await live(viewer);
    await using asking = startReceiver([`127.0.0.1:${port}`, "--cameras"]);
    const { cameras } = await asking.event(({ event }) => event === "cameras");
    assertEquals(cameras, ["door", "yard"]);
  },
);

brokerTest("viewers see NO SIGNAL while the publisher or the broker is gone", async () => {
  await using redis = await RedisServer.start();
  const publish = () => startSender(["test", "--name=door", `--publish=redis://${redis.host}`]);
  await using edge = startSender([`redis://${redis.host}/door`]);
  await using viewer = startReceiver([`127.0.0.1:${await edge.port()}`, "--no-display"]);
  const notLive = (words: string, from: number) =>
    viewer.event(
      ({ event, state, live, reason }) =>
        event === "connection" && state === "stream" && !live && reason.includes(words),
      from,
    );
  await notLive("No sender publishes", 0);
  let at = viewer.events.length;
  {
    await using _publisher = publish();
    await live(viewer, at);
    at = viewer.events.length;
  } // killed
  await notLive("No sender publishes", at);
  at = viewer.events.length;
  await using _again = publish();
  await live(viewer, at);
  at = viewer.events.length;
  await redis.kill();
  await notLive("The broker", at);
  await redis.restart();
  at = viewer.events.length;
  await live(viewer, at);
});

brokerTest("a sender says what is wrong with a broker", async () => {
  const cases: [string[], number, string][] = [
    [["redis://127.0.0.1:1"], 1, "nothing listens there"],
    [["--list", "redis://127.0.0.1:1"], 1, "nothing listens there"],
    [["test", "--publish=http://h"], 2, "Cannot read the broker's URL"],
    [["test", "test", "--name=a,b", "--publish=redis://h/c"], 2, "leave the name out of --publish"],
    [["redis://h/c", "--fps=5"], 2, "Cannot use --fps with a broker as the SOURCE"],
    [["redis://h/c", "--new-key"], 2, "Cannot use --new-key with a broker"],
    [["redis://h/c", "--broker-ca=x"], 2, "must begin with rediss:"],
    [["test", "--broker-ca=x"], 2, "Cannot use --broker-ca without --publish"],
  ];
  const env = { CAMCAT_KEY: Key.random().text };
  await Promise.all(cases.map(async ([args, code, words]) => {
    const command = new Deno.Command(SENDER, { args: ["--listen=127.0.0.1:0", ...args], env });
    const output = await command.output();
    assertStringIncludes(new TextDecoder().decode(output.stderr), words);
    assertEquals(output.code, code, args.join(" "));
  }));
});
