// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { TextWriter } from "../../lib/program/stdio.ts";
import { timeTest } from "../support/time.ts";

/** A reader that takes `most` bytes at a time, and nothing before it is opened. */
class Reader {
  text = "";
  #gate = Promise.withResolvers<void>();
  #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  open(): void {
    this.#gate.resolve();
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#gate.promise;
    const part = bytes.subarray(0, this.#most);
    this.text += new TextDecoder().decode(part);
    return part.length;
  }
}

timeTest("TextWriter writes all texts in order, however little a write takes", async () => {
  const reader = new Reader(3);
  const writer = new TextWriter(reader);
  for (let line = 0; line < 10; line++) writer.write(`line ${line}\n`);
  reader.open();
  await writer.flush();
  assertEquals(reader.text, Array.from({ length: 10 }, (_, line) => `line ${line}\n`).join(""));
});

timeTest(
  "TextWriter drops entire texts beyond 256 Ki characters, and writes again later",
  async () => {
    const reader = new Reader();
    const writer = new TextWriter(reader);
    writer.write("first\n"); // on its way: no longer in the queue
    const line = "x".repeat(1023) + "\n";
    for (let count = 0; count < 300; count++) writer.write(line);
    reader.open();
    await writer.flush();
    assertEquals(reader.text.length, "first\n".length + 256 * 1024);
    assertEquals(reader.text.endsWith(line), true);
    writer.write("last\n");
    await writer.flush();
    assertEquals(reader.text.endsWith("last\n"), true);
  },
);

timeTest("TextWriter.flush() waits 500 ms for a reader that does not read", async (time) => {
  const reader = new Reader();
  const writer = new TextWriter(reader);
  await writer.flush(); // nothing to wait for
  writer.write("text");
  let isFlushed = false;
  const flushed = writer.flush().then(() => isFlushed = true);
  await time.pass(499);
  assertEquals(isFlushed, false);
  await time.pass(1);
  await flushed;
  reader.open();
  await writer.flush();
});

timeTest("TextWriter reports once that its reader has exited, and writes no more", async () => {
  let writes = 0;
  let reports = 0;
  const write = () => {
    writes++;
    return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe"));
  };
  const writer = new TextWriter({ write }, () => reports++);
  for (let line = 0; line < 3; line++) {
    writer.write("text\n");
    await writer.flush();
  }
  assertEquals([writes, reports], [1, 1]);
});

timeTest("TextWriter goes on after a failed write, as on a full disk", async () => {
  let isFull = true;
  let text = "";
  const writer = new TextWriter({
    write(bytes) {
      if (isFull) return Promise.reject(new Error("No space left on device"));
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  });
  writer.write("lost\n");
  await writer.flush();
  isFull = false;
  writer.write("kept\n");
  await writer.flush();
  assertEquals(text, "kept\n");
});
