// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import {
  acceptValue,
  frameHeader,
  Opcode,
  WebSocketError,
  type WebSocketFrame,
  WebSocketReader,
} from "../../lib/http/websocket_frames.ts";
import { clientFrame } from "../support/websocket.ts";
import { join } from "../support/jpegs.ts";

const MAX = 1000;
const CONTINUATION = Opcode.CONTINUATION;

/** All frames in `bytes`, which arrive in pieces of `size`. */
function read(bytes: Uint8Array, size = bytes.length): WebSocketFrame[] {
  const reader = new WebSocketReader(MAX);
  const frames: WebSocketFrame[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const piece = rest.subarray(0, Math.min(size, reader.space().length));
    reader.space().set(piece);
    reader.commit(piece.length);
    rest = rest.subarray(piece.length);
    for (let frame; (frame = reader.next()) !== undefined;) {
      frames.push({ ...frame, payload: frame.payload.slice() });
    }
  }
  return frames;
}

Deno.test("WebSocketReader reads the example of RFC 6455 section 5.7 as binary", () => {
  const frame = join(0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58);
  assertEquals(read(frame), [
    { opcode: Opcode.BINARY, payload: new TextEncoder().encode("Hello") },
  ]);
});

Deno.test("WebSocketReader reads every length, in pieces of any size", () => {
  const payloads = [0, 1, 125, 126, 127, 300, MAX].map((length) =>
    new Uint8Array(length).map((_, index) => index * 7)
  );
  const bytes = join(...payloads.map((payload) => clientFrame(Opcode.BINARY, payload)));
  for (const size of [1, 2, 13, 1000, bytes.length]) {
    assertEquals(join(...read(bytes, size).map(({ payload }) => payload)), join(...payloads));
  }
});

Deno.test("WebSocketReader gives long messages in pieces, with little memory", () => {
  const long = 5_000_000;
  const reader = new WebSocketReader(long);
  const payload = new Uint8Array(long).map((_, index) => index * 7);
  const bytes = clientFrame(Opcode.BINARY, payload);
  const pieces: Uint8Array[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const space = reader.space();
    assertEquals(space.buffer.byteLength, 65_536);
    const part = rest.subarray(0, Math.min(space.length, 10_001));
    space.set(part);
    reader.commit(part.length);
    rest = rest.subarray(part.length);
    for (let frame; (frame = reader.next()) !== undefined;) pieces.push(frame.payload.slice());
  }
  assertEquals(join(...pieces), payload);
});

Deno.test("WebSocketReader reads fragments, with control frames between them", () => {
  const bytes = join(
    clientFrame(Opcode.BINARY, new Uint8Array([1]), { isFinal: false }),
    clientFrame(Opcode.PING, new Uint8Array([9])),
    clientFrame(CONTINUATION, new Uint8Array([2]), { isFinal: false }),
    clientFrame(CONTINUATION, new Uint8Array([3])),
    clientFrame(Opcode.CLOSE, new Uint8Array()),
  );
  assertEquals(read(bytes).map(({ opcode, payload }) => [opcode, ...payload]), [
    ...[[Opcode.BINARY, 1], [Opcode.PING, 9], [Opcode.BINARY, 2], [Opcode.BINARY, 3]],
    [Opcode.CLOSE],
  ]);
});

const long = (length: bigint) => {
  const header = new Uint8Array(14);
  header.set([0x82, 0xff]);
  new DataView(header.buffer).setBigUint64(2, length);
  return header;
};

const WRONG: [what: string, bytes: Uint8Array, code: number][] = [
  ["a frame without a mask", join(0x82, 0x01, 0x00), 1002],
  ["reserved bits", join(0xc2, 0x80, 0, 0, 0, 0), 1002],
  ["text", clientFrame(Opcode.TEXT, new Uint8Array(1)), 1003],
  ["an unknown opcode for data", clientFrame(3, new Uint8Array(1)), 1002],
  ["an unknown opcode for control", clientFrame(11, new Uint8Array(1)), 1002],
  ["a fragmented ping", clientFrame(Opcode.PING, new Uint8Array(1), { isFinal: false }), 1002],
  ["a long ping", clientFrame(Opcode.PING, new Uint8Array(126)), 1002],
  ["a continuation of nothing", clientFrame(CONTINUATION, new Uint8Array(1)), 1002],
  [
    "a message within a message",
    join(
      clientFrame(Opcode.BINARY, new Uint8Array(1), { isFinal: false }),
      clientFrame(Opcode.BINARY, new Uint8Array(1)),
    ),
    1002,
  ],
  ["a message that is too long", clientFrame(Opcode.BINARY, new Uint8Array(MAX + 1)), 1009],
  ["a message of 60 MiB, at its header", long(60n << 20n), 1009],
  ["a message of 2^63 bytes, at its header", long(1n << 63n), 1009],
  [
    "fragments that are too long together",
    join(
      clientFrame(Opcode.BINARY, new Uint8Array(MAX - 1), { isFinal: false }),
      ...Array.from(
        { length: 2 },
        () => clientFrame(CONTINUATION, new Uint8Array(1), { isFinal: false }),
      ),
    ),
    1009,
  ],
];

for (const [what, bytes, code] of WRONG) {
  Deno.test(`WebSocketReader refuses ${what}`, () => {
    assertEquals(assertThrows(() => read(bytes), WebSocketError).code, code);
  });
}

Deno.test("frameHeader() writes every length", () => {
  const lengths: [length: number, header: number[]][] = [
    [0, [0x82, 0]],
    [125, [0x82, 125]],
    [126, [0x82, 126, 0, 126]],
    [0xffff, [0x82, 126, 0xff, 0xff]],
    [0x10000, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ];
  for (const [length, header] of lengths) {
    assertEquals([...frameHeader(Opcode.BINARY, length)], header);
  }
});

Deno.test("acceptValue() gives the example of RFC 6455 section 1.3", async () => {
  assertEquals(await acceptValue("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});
