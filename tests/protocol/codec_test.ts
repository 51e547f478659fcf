// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  encodeControl,
  encodeDescribedFrame,
  encodeFrame,
  type Message,
  MessageReader,
} from "../../lib/protocol/codec.ts";
import { type Control, MAX_CONTROL_BYTES } from "../../lib/protocol/control.ts";
import { parseControl } from "../../lib/protocol/parse_control.ts";
import { ProtocolError } from "../../lib/base/errors.ts";
import { type Bytes, Frame } from "../../lib/jpeg/frame.ts";
import { join, jpeg } from "../support/jpegs.ts";
import { fuzz } from "../support/random.ts";

const UTF8 = new TextEncoder();
const MAX_FRAME_BYTES = 1000;

/** A message as the protocol describes it: four bytes of length, then the payload. */
function message(payload: string | Uint8Array, length?: number): Bytes {
  const bytes = typeof payload === "string" ? UTF8.encode(payload) : payload;
  const header = new DataView(new ArrayBuffer(4));
  header.setUint32(0, length ?? bytes.length);
  return join(new Uint8Array(header.buffer), bytes);
}

/** What {@linkcode MessageReader} makes of `bytes` that come in chunks of `size`. */
function read(bytes: Uint8Array, size = bytes.length, maxFrameBytes = MAX_FRAME_BYTES): unknown[] {
  const reader = new MessageReader({ maxFrameBytes });
  const messages: unknown[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = reader.space();
    const chunk = bytes.subarray(at, at + Math.min(size, space.length));
    space.set(chunk);
    at += chunk.length;
    for (const message of reader.commit(chunk.length)) messages.push(plain(message));
  }
  return messages;
}

/** A frame as its bytes, in hex; a control message as it is. */
function plain(message: Message): unknown {
  return message instanceof Frame ? message.jpeg.toHex() : message;
}

/** Control messages, and the JSON that other programs may rely on. */
const CONTROLS: [Control, string][] = [
  [{ type: "hello", version: 1 }, `{"type":"hello","version":1}`],
  [
    { type: "hello", version: 1, camera: "door", frames: "all" },
    `{"type":"hello","version":1,"camera":"door","frames":"all"}`,
  ],
  [
    { type: "hello", version: 1, frames: "newest" },
    `{"type":"hello","version":1,"frames":"newest"}`,
  ],
  [
    { type: "stream", version: 1, name: "Küche 📷", live: true, reason: "" },
    `{"type":"stream","version":1,"name":"Küche 📷","live":true,"reason":""}`,
  ],
  [
    { type: "stream", version: 1, name: "x", live: true, reason: "", hops: 2 },
    `{"type":"stream","version":1,"name":"x","live":true,"reason":"","hops":2}`,
  ],
  [
    { type: "stream", version: 2, name: "", live: false, reason: "unplugged" },
    `{"type":"stream","version":2,"name":"","live":false,"reason":"unplugged"}`,
  ],
  [{ type: "hello", version: 1, sound: true }, `{"type":"hello","version":1,"sound":true}`],
  [
    {
      ...{ type: "stream" as const, version: 1, name: "x", live: true, reason: "" },
      sound: { channels: 1, live: false, reason: "unplugged" },
    },
    `{"type":"stream","version":1,"name":"x","live":true,"reason":"",` +
    `"sound":{"channels":1,"live":false,"reason":"unplugged"}}`,
  ],
  [{ type: "taken", bytes: 12 }, `{"type":"taken","bytes":12}`],
  [{ type: "frame", seq: 0, time: 0.5 }, `{"type":"frame","seq":0,"time":0.5}`],
  [
    { type: "frame", seq: Number.MAX_SAFE_INTEGER, time: 1795272000000.123 },
    `{"type":"frame","seq":9007199254740991,"time":1795272000000.123}`,
  ],
  [{ type: "ack", seq: 7 }, `{"type":"ack","seq":7}`],
  [{ type: "ping", time: -1 }, `{"type":"ping","time":-1}`],
  [{ type: "pong", time: 1.5, clock: 2.5 }, `{"type":"pong","time":1.5,"clock":2.5}`],
  [{ type: "bye", reason: "enough" }, `{"type":"bye","reason":"enough"}`],
];

const JPEG = jpeg();

Deno.test({
  name: "encodeControl() writes a length and JSON",
  permissions: "none",
  fn() {
    for (const [control, json] of CONTROLS) assertEquals(encodeControl(control), message(json));
  },
});

Deno.test({
  name: "encodeControl() keeps to the length that is accepted",
  permissions: "none",
  fn() {
    const endless = "\u0001📷".repeat(10_000);
    const stream = { type: "stream", version: 1, name: endless, live: false, reason: endless };
    const [told] = read(encodeControl(stream as Control));
    assertEquals((told as Control).type, "stream");
  },
});

Deno.test({
  name: "encodeFrame() and encodeDescribedFrame() write a length and the JPEG without a copy",
  permissions: "none",
  fn() {
    const frame = Frame.from(JPEG, { time: 1795272000000.123, seq: Number.MAX_SAFE_INTEGER });
    const described = encodeDescribedFrame(frame);
    const bare = encodeFrame(frame);
    assertEquals(bare, message(JPEG));
    const info = `{"type":"frame","seq":9007199254740991,"time":1795272000000.123}`;
    assertEquals(described, join(message(info), message(JPEG)));
    assert(bare.buffer === frame.jpeg.buffer && described.buffer === frame.jpeg.buffer);
  },
});

/** SOI and EOI: what a reader can tell of a JPEG without decoding it. */
const SHORTEST = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);

/** Something that begins and ends as a JPEG does. */
function ofLength(length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(0xff);
  bytes.set(SHORTEST.subarray(0, 2));
  bytes.set(SHORTEST.subarray(2), length - 2);
  return bytes;
}

Deno.test({
  name: "MessageReader refuses a picture that does not begin and end as a JPEG",
  permissions: "none",
  fn() {
    for (const bytes of [[0xff], [0xff, 0xd8], [0xff, 0xd8, 0xff], [0xff, 0xd9, 0xff, 0xd9]]) {
      const whole = message(Uint8Array.from(bytes));
      assertThrows(() => read(whole), ProtocolError, "it must be a JPEG from SOI to EOI");
    }
    const cut = message(JPEG.subarray(0, -1));
    assertThrows(() => read(cut), ProtocolError, "it must be a JPEG from SOI to EOI");
  },
});

Deno.test({
  name: "MessageReader reads every kind of message whatever the chunks",
  permissions: "none",
  fn() {
    const frame = Frame.from(JPEG, { time: 12, seq: 34 });
    const stream = join(
      ...CONTROLS.flatMap(([, json]) => [message(json), message(JPEG)]),
      message(JPEG),
      encodeDescribedFrame(frame),
      message(SHORTEST),
    );
    const expected = [
      ...CONTROLS.flatMap(([control]) => [control, JPEG.toHex()]),
      JPEG.toHex(),
      { type: "frame", seq: 34, time: 12 },
      JPEG.toHex(),
      SHORTEST.toHex(),
    ];
    for (let size = 1; size <= stream.length; size++) {
      assertEquals(read(stream, size), expected, `chunks of ${size} bytes`);
    }
  },
});

Deno.test({
  name: "MessageReader returns a message at its last byte",
  permissions: "none",
  fn() {
    for (const bytes of [message(JPEG), message(`{"type":"ack","seq":7}`)]) {
      assertEquals(read(bytes.subarray(0, -1)), []);
      assertEquals(read(bytes).length, 1);
    }
  },
});

Deno.test({
  name: "MessageReader accepts the longest message, and none longer",
  permissions: "none",
  fn() {
    const longest = ofLength(MAX_FRAME_BYTES);
    assertEquals(read(message(longest)), [longest.toHex()]);
    const ack = `{"type":"ack","seq":7}`;
    assertEquals(read(message(ack.padEnd(MAX_CONTROL_BYTES))), [{ type: "ack", seq: 7 }]);
  },
});

Deno.test({
  name: "MessageReader refuses a message by its first five bytes, before it allocates memory",
  permissions: "none",
  fn() {
    const refused: [number, number, number, string][] = [
      // first byte of the payload, its length, the longest frame, why
      [0xff, 0, MAX_FRAME_BYTES, "a frame: it must be 1 to 1000 bytes long, received 0"],
      [0xff, MAX_FRAME_BYTES + 1, MAX_FRAME_BYTES, "must be 1 to 1000 bytes long, received 1001"],
      [0xff, 2 ** 31, MAX_FRAME_BYTES, "must be 1 to 1000 bytes long, received 2147483648"],
      [0xff, 2 ** 32 - 1, MAX_FRAME_BYTES, "must be 1 to 1000 bytes long, received 4294967295"],
      [0xff, 500, 0, "Cannot accept a picture: only the sender sends pictures"],
      [0x7b, 0, MAX_FRAME_BYTES, "a control message: it must be 1 to 4096 bytes long, received 0"],
      [0x7b, MAX_CONTROL_BYTES + 1, 16 << 20, "must be 1 to 4096 bytes long, received 4097"],
      [0x00, 500, MAX_FRAME_BYTES, "(a control message), received 00"],
      [0x0a, 500, MAX_FRAME_BYTES, "(a control message), received 0A"],
    ];
    for (const [first, length, maxFrameBytes, why] of refused) {
      const start = message(Uint8Array.of(first), length);
      for (const size of [1, 5]) {
        assertEquals(read(start.subarray(0, 4), size, maxFrameBytes), []);
        assertThrows(() => read(start, size, maxFrameBytes), ProtocolError, why);
      }
    }
    // What other programs say to a port they take for theirs.
    for (const foreign of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\0\x01\0", "SSH-2.0-x\r\n"]) {
      assertThrows(() => read(UTF8.encode(foreign)), ProtocolError, "its first byte must be");
    }
  },
});

Deno.test({
  name: "MessageReader allocates no more than the longest message needs",
  permissions: "none",
  fn() {
    const acks = join(...Array(2000).fill(message(`{"type":"ack","seq":7}`)));
    const cases: [number, Uint8Array, number][] = [
      // the longest frame, a stream, the memory it is worth
      [0, acks, 4096],
      [0, message(`{"type":"ack","seq":7}`.padEnd(MAX_CONTROL_BYTES)), 4 * MAX_CONTROL_BYTES],
      [MAX_FRAME_BYTES, join(...Array(500).fill(message(JPEG))), 64 * 1024],
      [100_000, message(ofLength(100_000)), 400_000],
    ];
    for (const [maxFrameBytes, stream, worth] of cases) {
      const reader = new MessageReader({ maxFrameBytes });
      for (let at = 0; at < stream.length;) {
        const space = reader.space();
        assert(space.buffer.byteLength <= worth, `${space.buffer.byteLength} of ${worth}`);
        const part = stream.subarray(at, at + space.length);
        space.set(part);
        for (const message of reader.commit(part.length)) {
          if (message instanceof Frame) message.release();
        }
        at += part.length;
      }
    }
  },
});

Deno.test({
  name: "MessageReader allocates in proportion to what it received",
  permissions: "none",
  fn() {
    const reader = new MessageReader({ maxFrameBytes: MAX_FRAME_BYTES });
    const stream = join(...Array(1000).fill(message(SHORTEST)));
    reader.space().set(stream);
    const frames = reader.commit(stream.length) as Frame[];
    assertEquals(frames.length, 1000);
    const bytes = new Set(frames.map(({ jpeg }) => jpeg.buffer)).values()
      .reduce((sum, { byteLength }) => sum + byteLength, 0);
    assert(bytes < 1_000_000, `${bytes} bytes for ${stream.length}`);
  },
});

Deno.test({
  name: "MessageReader.midMessage says whether a message has begun",
  permissions: "none",
  fn() {
    const bytes = message(`{"type":"ack","seq":7}`);
    const reader = new MessageReader({ maxFrameBytes: 0 });
    assertEquals(reader.midMessage, false);
    bytes.forEach((byte, index) => {
      reader.space()[0] = byte;
      reader.commit(1);
      assertEquals(reader.midMessage, index < bytes.length - 1, `after byte ${index}`);
    });
  },
});

Deno.test({
  name: "parseControl() ignores unknown types and fields",
  permissions: "none",
  fn() {
    for (const json of [`{}`, `{"type":"zoom","factor":2}`, `{"type":7}`, `{"type":null}`]) {
      assertEquals(parseControl(UTF8.encode(json)), undefined, json);
    }
    // Fields that later versions may add.
    const ack = UTF8.encode(`{"seq":7,"type":"ack","colour":"red","__proto__":{"seq":8}}`);
    assertEquals(parseControl(ack), { type: "ack", seq: 7 });
  },
});

Deno.test({
  name: "parseControl() refuses anything but a JSON object in UTF-8",
  permissions: "none",
  fn() {
    const refused: (string | Uint8Array)[] = [
      ...["", "{", `{"type":"hello","version":1`, `{'type':'hello'}`, `{"type":"ack","seq":07}`],
      ...["null", "true", "7", `"hello"`, "[]"],
      Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d),
      join(...[0x7b, 0x22, 0xc0, 0x80], UTF8.encode(`":1}`)),
      join(0xef, 0xbb, 0xbf, UTF8.encode(`{"type":"hello","version":1}`)),
    ];
    for (const payload of refused) {
      const bytes = typeof payload === "string" ? UTF8.encode(payload) : payload;
      assertThrows(() => parseControl(bytes), ProtocolError, "", `${payload}`);
    }
  },
});

Deno.test({
  name: "parseControl() refuses fields that are missing or wrong",
  permissions: "none",
  fn() {
    const wrong: Record<string, unknown[]> = {
      number: [undefined, null, "1", true, [], {}],
      integer: [undefined, null, "1", true, [], {}, 1.5, -1, 2 ** 53],
      text: [undefined, null, 1, true, [], {}],
    };
    const kinds: Record<string, keyof typeof wrong> = {
      ...{ version: "integer", seq: "integer", time: "number", clock: "number" },
      ...{ name: "text", reason: "text" },
    };
    for (const [control] of CONTROLS) {
      for (const [field, kind] of Object.entries(kinds)) {
        if (!(field in control)) continue;
        for (const value of wrong[kind]) {
          const json = JSON.stringify({ ...control, [field]: value });
          assertThrows(() => parseControl(UTF8.encode(json)), ProtocolError, `"${field}"`, json);
        }
      }
    }
    for (const frames of ["", "ALL", "every", true, null, 1, [], ["all"], {}]) {
      const json = JSON.stringify({ type: "hello", version: 1, frames });
      assertThrows(() => parseControl(UTF8.encode(json)), ProtocolError, '"frames"', json);
    }
    for (const json of [`{"type":"hello","version":0}`, `{"type":"ping","time":1e999}`]) {
      assertThrows(() => parseControl(UTF8.encode(json)), ProtocolError, "must be", json);
    }
  },
});

Deno.test({
  name: "parseControl() strips control characters from texts, and cuts long ones",
  permissions: "none",
  fn() {
    const cases: [string, string][] = [
      ["plain, ünd 漢字 📷", "plain, ünd 漢字 📷"],
      ["\x1b[2J\x07\r\n\t\x00\x7f", "\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"],
      ["\u009b31m", "\ufffd31m"],
      ["\u202egnp.exe", "\ufffdgnp.exe"],
      ["\u2028\u2029\u200b\ufeff", "\ufffd\ufffd\ufffd\ufffd"],
      ["x".repeat(1000), "x".repeat(200)],
    ];
    for (const [reason, expected] of cases) {
      const bye = parseControl(UTF8.encode(JSON.stringify({ type: "bye", reason })));
      assertEquals(bye, { type: "bye", reason: expected });
    }
    // No half of a character remains at the cut.
    const bye = parseControl(
      UTF8.encode(JSON.stringify({ type: "bye", reason: "x" + "📷".repeat(200) })),
    );
    assert((bye as { reason: string }).reason.isWellFormed());
  },
});

Deno.test({
  name: "MessageReader throws only ProtocolError on any input",
  permissions: "none",
  fn() {
    const valid = [...CONTROLS.map(([, json]) => message(json)), message(JPEG)];
    fuzz(5000, (random) => {
      const stream = random.damaged(join(...[1, 2, 3, 4].map(() => random.pick(valid))));
      const reader = new MessageReader({ maxFrameBytes: random.pick([0, MAX_FRAME_BYTES]) });
      try {
        for (const piece of random.pieces(stream)) {
          for (let at = 0; at < piece.length;) {
            const space = reader.space();
            assert(space.buffer.byteLength <= 64 * 1024);
            const part = piece.subarray(at, at + space.length);
            space.set(part);
            reader.commit(part.length);
            at += part.length;
          }
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    });
  },
});
