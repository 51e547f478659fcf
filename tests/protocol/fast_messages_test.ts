// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { encodeControl, encodeDescribedFrame } from "../../lib/protocol/codec.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import {
  MAX_FAST_MESSAGE_BYTES,
  readFastMessage,
  writeAck,
  writeFrameInfo,
} from "../../lib/protocol/fast_messages.ts";
import { fuzz } from "../support/random.ts";

const UTF8 = new TextEncoder();
const read = (text: string) => readFastMessage(UTF8.encode(text));

Deno.test("readFastMessage() reads what camcat writes", () => {
  fuzz(2000, (random) => {
    const seq = random.below(4) === 0 ? random.below(10) : random.below(2 ** 31) * 2 ** 18;
    const time = [0, 1.5, 1_795_000_000_000 + random.below(1e9) / 1024, random.below(2 ** 31)][
      random.below(4)
    ];
    for (const ack of [{ seq }, { seq, held: 1 + random.below(100_000) }]) {
      const message = { type: "ack" as const, ...ack };
      assertEquals(readFastMessage(encodeControl(message).subarray(4)), message);
    }
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
    const message = encodeDescribedFrame(Frame.from(jpeg, { seq, time }));
    const info = readFastMessage(message.subarray(4, -8));
    assert(info?.type === "frame");
    assertEquals(info.seq, seq);
    assert(Math.abs(info.time - time) < 0.001, `${info.time} for ${time}`);
  });
});

Deno.test("writeAck() and writeFrameInfo() write JSON", () => {
  fuzz(3000, (random) => {
    const seq = [0, 9, 10, 99_999, 2 ** 53 - 1, random.below(2 ** 31)][random.below(6)];
    const fraction = [0, 0.5, 0.05, 0.001, 0.999, 0.9996, random.below(1000) / 1000];
    const time = [0, 7, 1_795_000_000_000 + random.below(2 ** 31)][random.below(3)] +
      fraction[random.below(fraction.length)];
    const bytes = new Uint8Array(MAX_FAST_MESSAGE_BYTES);
    const text = (end: number) => new TextDecoder().decode(bytes.subarray(0, end));
    assertEquals(JSON.parse(text(writeAck(bytes, 0, seq))), { type: "ack", seq });
    const held = 1 + random.below(10_000);
    assertEquals(JSON.parse(text(writeAck(bytes, 0, seq, held))), { type: "ack", seq, held });
    const info = JSON.parse(text(writeFrameInfo(bytes, 0, seq, time)));
    assertEquals([info.type, info.seq], ["frame", seq]);
    assert(Math.abs(info.time - time) < 0.001, `${info.time} for ${time}`);
  });
  const bytes = new Uint8Array(MAX_FAST_MESSAGE_BYTES);
  const end = writeFrameInfo(bytes, 0, 2 ** 53 - 1, 8_640_000_000_000_000.999); // the last Date
  assert(end <= MAX_FAST_MESSAGE_BYTES);
});

Deno.test("readFastMessage() leaves everything else to parseControl()", () => {
  const others = [
    "",
    "{",
    '{"type":"ack"}',
    '{"type":"ack","seq":}',
    '{"type":"ack","seq":7',
    '{"type":"ack","seq":7}}',
    '{"type":"ack","seq":7,"more":1}',
    '{"type":"ack","seq":07}',
    '{"type":"ack","seq":-7}',
    '{"type":"ack","seq":7.5}',
    '{"type":"ack","seq":1234567890123456}',
    '{"type":"ack","seq": 7}',
    '{"type":"frame","seq":7}',
    '{"type":"frame","seq":7,"time":}',
    '{"type":"frame","seq":7,"time":1.}',
    '{"type":"frame","seq":7,"time":.5}',
    '{"type":"frame","seq":7,"time":01.5}',
    '{"type":"frame","seq":7,"time":1e12}',
    '{"type":"frame","seq":7,"time":-1}',
    '{"type":"frame","seq":7,"time":1.5} ',
    '{"type":"frame","seq":,"time":1.5}',
    '{"type":"ping","time":1}',
  ];
  for (const text of others) assertEquals(read(text), undefined, text);
});

Deno.test("readFastMessage() agrees with JSON on any input", () => {
  const characters = '0123456789.,}"{:e- ';
  fuzz(5000, (random) => {
    let text = random.below(2) === 0
      ? '{"type":"ack","seq":7}'
      : '{"type":"frame","seq":7,"time":8.5}';
    for (let change = random.below(4); change > 0; change--) {
      const at = random.below(text.length);
      const put = characters[random.below(characters.length)];
      text = text.slice(0, at) + put + text.slice(at + random.below(2));
    }
    const message = read(text);
    if (message !== undefined) assertEquals(JSON.parse(text), message, text);
  });
});
