// The programs in examples/, each run as its head says.

// @ts-types="../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { send } from "../mod.ts";
import { JpegSplitter } from "../lib/jpeg/splitter.ts";
import { ffmpegJpegs, jpeg } from "./support/jpegs.ts";
import { Folder } from "./support/folder.ts";
import { until, withPatience } from "./support/patience.ts";
import { testOnLinux } from "./support/processes.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** A running example; disposing of it ends it. */
class Example implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(name: string, ...args: string[]) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", `examples/${name}.ts`, ...args],
      cwd: ROOT,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { value } = await withPatience(() => this.#lines.read(), () => "a line");
      assert(value !== undefined, `it ended after ${this.#rest}`);
      this.#rest += value;
    }
    const [line, ...others] = this.#rest.split("\n");
    this.#rest = others.join("\n");
    return line;
  }

  async status(): Promise<number> {
    return (await withPatience(() => this.#process.status, () => "its end")).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await this.#lines.cancel();
    await this.#process.status;
  }
}

/** The address in the line that says where to watch. */
async function peerOf(example: Example): Promise<string> {
  const line = await example.line();
  assertMatch(line, /^receiver 127\.0\.0\.1:\d+/);
  return line.replace("receiver ", "");
}

Deno.test("examples serve pictures, relay them, count them and save one", async () => {
  await using folder = new Folder();
  const pictures = await ffmpegJpegs("320x240", 2);
  pictures.forEach((it, index) => Deno.writeFileSync(`${folder.path}/${index}.jpg`, it));
  await using server = new Example("serve_pictures", folder.path, "0");
  const served = await peerOf(server);
  const [, key] = served.split("/");
  await using relay = new Example("relay", served, "0");
  const relayed = `${await peerOf(relay)}/${key}`;
  await using counter = new Example("count_frames", relayed);
  assertMatch(await counter.line(), /^\d+\.\d fps, \d+ bytes, (\?|-?\d+) ms old$/);
  const file = `${folder.path}/now.jpg`;
  await using saver = new Example("save_snapshot", relayed, file);
  assertEquals(await saver.status(), 0);
  const saved = String(Deno.readFileSync(file));
  assert(pictures.some((it) => String(it) === saved), "it is one of those that were served");
});

Deno.test("the example that saves a picture says why it cannot", async () => {
  await using folder = new Folder();
  await using saver = new Example("save_snapshot", "127.0.0.1:1", `${folder.path}/now.jpg`);
  assertEquals(await saver.status(), 1);
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

testOnLinux("the Python client writes the pictures of an open sender", async () => {
  async function* pictures() {
    for (let number = 0;; number++) {
      yield jpeg(Uint8Array.of(number % 200));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  await using sender = await send(pictures(), { listen: { hostname: "127.0.0.1", port: 0 } });
  const { code, stdout } = await new Deno.Command("python3", {
    args: [`${ROOT}examples/client.py`, "127.0.0.1", `${sender.address.port}`, "20"],
  }).output();
  assertEquals(code, 0);
  assertEquals(new JpegSplitter().push(stdout).length, 20);
});

/** What a hook gets in its environment. */
const HOOK = {
  CAMCAT_EVENT: "motion",
  CAMCAT_TIME: "2026-11-26T12:00:00.000Z",
  CAMCAT_CAMERA: 'The "door" #1',
  CAMCAT_REASON: "picture",
  CAMCAT_SCORE: "12.5",
  CAMCAT_SECONDS: "",
  CAMCAT_FILE: "",
};

async function runHook(name: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(`${ROOT}examples/hooks/${name}`, {
    args,
    env: HOOK,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

testOnLinux("examples/hooks/webhook.sh posts JSON, whatever the names contain", async () => {
  const posted = Promise.withResolvers<unknown>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      posted.resolve(await request.json());
      return new Response();
    },
  );
  await runHook("webhook.sh", [`http://127.0.0.1:${server.addr.port}/hook`]);
  assertEquals(await posted.promise, {
    ...{ event: "motion", time: HOOK.CAMCAT_TIME, camera: HOOK.CAMCAT_CAMERA },
    ...{ reason: "picture", score: "12.5", seconds: "", file: "" },
  });
});

testOnLinux("examples/hooks/mqtt.sh publishes to an MQTT broker", async () => {
  await using folder = new Folder();
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close(); // mosquitto cannot choose one itself
  const settings = `listener ${port} 127.0.0.1\nallow_anonymous true\n`;
  await Deno.writeTextFile(`${folder.path}/mosquitto.conf`, settings);
  const broker = new Deno.Command("/usr/sbin/mosquitto", {
    args: ["-c", `${folder.path}/mosquitto.conf`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const publish = () => runHook("mqtt.sh", ["127.0.0.1", `${port}`]);
    await until(() => publish().then(() => true, () => false), "the broker");
    const subscribed = new Deno.Command("mosquitto_sub", {
      args: ["-h", "127.0.0.1", "-p", `${port}`, "-t", "camcat/#", "-v", "-C", "1", "-W", "60"],
      stdout: "piped",
    }).spawn();
    // What is published before it has subscribed is lost.
    const answer = subscribed.output();
    let hasAnswer = false;
    answer.finally(() => hasAnswer = true);
    await until(async () => {
      await publish();
      return hasAnswer;
    }, "the message");
    const line = new TextDecoder().decode((await answer).stdout);
    assertEquals(
      line,
      'camcat/The "door" _1/motion ' +
        '{"time":"2026-11-26T12:00:00.000Z","score":"12.5","seconds":""}\n',
    );
  } finally {
    broker.kill("SIGTERM");
    await broker.status;
  }
});
