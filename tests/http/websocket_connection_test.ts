// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { WebSocketConnection } from "../../lib/http/websocket_connection.ts";
import { Opcode } from "../../lib/http/websocket_frames.ts";
import { join } from "../support/jpegs.ts";
import { timeTest } from "../support/time.ts";
import { clientFrame } from "../support/websocket.ts";
import { connect, type End } from "../support/wire.ts";

/** A WebSocket, and the client's end of its connection. */
function open(capacity?: number): { client: End; server: End; socket: WebSocketConnection } {
  const [client, server] = connect(capacity);
  return { client, server, socket: new WebSocketConnection(server) };
}

/** The bytes that `from` has for us now, at most 100 000. */
async function receive(from: { read(into: Uint8Array): Promise<number | null> }) {
  const buffer = new Uint8Array(100_000);
  const count = await from.read(buffer);
  return count === null ? null : buffer.slice(0, count);
}

Deno.test("WebSocketConnection reads messages as a stream, and writes each as a message", async () => {
  const { client, socket } = open();
  await client.write(clientFrame(Opcode.BINARY, new Uint8Array([1, 2, 3])));
  await client.write(clientFrame(Opcode.BINARY, new Uint8Array()));
  await client.write(clientFrame(Opcode.BINARY, new Uint8Array([4])));
  const two = new Uint8Array(2);
  assertEquals([await socket.read(two), ...two], [2, 1, 2]);
  assertEquals(await receive(socket), join(3));
  assertEquals(await receive(socket), join(4));
  assertEquals(await socket.write(new Uint8Array(300)), 300);
  assertEquals(await receive(client), join(0x82, 126, 1, 44, new Uint8Array(300)));
  client.close();
  assertEquals(await socket.read(two), null);
});

Deno.test("WebSocketConnection answers pings, also between frames that the client is slow to read", async () => {
  const { client, socket } = open(1000);
  const reading = socket.read(new Uint8Array(1));
  await client.write(clientFrame(Opcode.PING, new Uint8Array([7])));
  assertEquals(await receive(client), join(0x8a, 1, 7));

  const writing = socket.write(new Uint8Array(5000).fill(5));
  for (const number of [1, 2, 3]) {
    await client.write(clientFrame(Opcode.PING, new Uint8Array([number])));
  }
  await client.write(clientFrame(Opcode.BINARY, new Uint8Array([9])));
  assertEquals(await reading, 1);
  let received = join();
  while (received.length < 4 + 5000 + 3) received = join(received, (await receive(client))!);
  await writing;
  assertEquals(received.slice(4, 5004), new Uint8Array(5000).fill(5), "the frame is whole");
  assertEquals(received.slice(5004), join(0x8a, 1, 3), "the latest ping is answered");
});

Deno.test("WebSocketConnection closes when the client does, breaks the rules or sends too much", async () => {
  const cases: [frame: Uint8Array, code: number][] = [
    [clientFrame(Opcode.CLOSE, new Uint8Array([3, 232])), 1000],
    [clientFrame(Opcode.TEXT, new Uint8Array([65])), 1003],
    [join(0x82, 1, 0), 1002],
    [clientFrame(Opcode.BINARY, new Uint8Array(4101)), 1009],
  ];
  for (const [frame, code] of cases) {
    const { client, server, socket } = open();
    await client.write(frame);
    assertEquals(await socket.read(new Uint8Array(1)), null);
    assertEquals(await receive(client), join(0x88, 2, code >> 8, code & 0xff));
    assertEquals(await receive(client), null);
    assertEquals(server.isClosed, true);
    await assertRejects(() => socket.write(new Uint8Array(1)), Error, "the WebSocket is closed");
  }
});

Deno.test("WebSocketConnection closes at once while a write is pending", async () => {
  const { client, server, socket } = open(10);
  const writing = socket.write(new Uint8Array(100));
  socket.close();
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(server.isClosed, true);
  client.close();
  await assertRejects(() => writing);
});

Deno.test("WebSocketConnection holds no more of a message than its limit", async () => {
  const { client, socket } = open();
  const reading = socket.read(new Uint8Array(1));
  const header = new Uint8Array(14);
  header.set([0x82, 0xff]);
  new DataView(header.buffer).setUint32(6, 60 << 20);
  await client.write(header);
  assertEquals(await reading, null, "at its header");
});

timeTest("WebSocketConnection reads 200 frames a second, and the rest later", async (time) => {
  const { client, socket } = open();
  const frame = clientFrame(Opcode.BINARY, new Uint8Array([1]));
  await client.write(join(...Array.from({ length: 500 }, () => frame)));
  let read = 0;
  const reading = (async () => {
    while (await socket.read(new Uint8Array(100)) !== null) read++;
  })();
  await time.settle();
  assertEquals(read, 200);
  await time.pass(999);
  assertEquals(read, 200);
  await time.pass(1);
  assertEquals(read, 400);
  await time.pass(1000);
  assertEquals(read, 500);
  client.close();
  await reading;
});
