// The programs in examples/, each run as its head says.

// @ts-types="../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { send } from "../mod.ts";
import { JpegSplitter } from "../lib/jpeg/splitter.ts";
import { ffmpegJpegs, jpeg } from "./support/jpegs.ts";
import { Folder } from "./support/folder.ts";
import { withPatience } from "./support/patience.ts";
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
