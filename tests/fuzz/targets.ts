/**
 * What must hold of every parser, whatever comes.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import {
  type Address,
  formatAddress,
  parseAddress,
  parseListenAddress,
} from "../../lib/protocol/address.ts";
import { parsePeer } from "../../lib/security/peer.ts";
import { encodeControl, encodePart, encodeSound, MessageReader } from "../../lib/protocol/codec.ts";
import { type Control, MAX_CONTROL_BYTES } from "../../lib/protocol/control.ts";
import { parseControl } from "../../lib/protocol/parse_control.ts";
import { ProtocolError, UsageError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { HUFFMAN_TABLES } from "../../lib/jpeg/huffman.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { fromBase64, toBase64 } from "../../lib/pairing/base64.ts";
import { Spake2 } from "../../lib/pairing/spake2.ts";
import { Key } from "../../lib/security/key.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import {
  DHT,
  dqt,
  EOI,
  HEADER,
  join,
  jpeg,
  multiPicture,
  SCAN,
  segment,
  sof,
  SOI,
  SOS,
} from "../support/jpegs.ts";
import type { Random } from "../support/random.ts";
import { BROKER_TARGET } from "./broker_target.ts";
import { DNS_TARGET } from "./dns_target.ts";
import { HTTP_TARGETS } from "./http_targets.ts";
import { mutate, mutateText } from "./mutate.ts";
import { OPUS_TARGET } from "./opus_target.ts";
import { OGG_TARGET } from "./ogg_target.ts";
import { REDIS_TARGET } from "./redis_target.ts";
import type { Target } from "./target.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const UTF8 = new TextEncoder();

const TABLES = HUFFMAN_TABLES.toHex();
const JPEGS: Bytes[] = [
  jpeg(),
  jpeg(new Uint8Array(3000)),
  jpeg(new Uint8Array(70_000).fill(0x55)),
  join(SOI, segment(0xe1, jpeg()), HEADER.subarray(2), SOS, SCAN, 0xff, 0xd9), // a thumbnail
  join(SOI, dqt(0), dqt(1), sof(), SOS, SCAN, 0xff, 0xd9), // without Huffman tables
  join(HEADER, SOS, SCAN, UTF8.encode("\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n")), // without EOI
  multiPicture(jpeg().length, 2),
  join(SOI, dqt(0), sof(16, 8, 0xc2), DHT, SOS, SCAN, DHT, SOS, 0xff, 0xd3, SCAN, 0xff, 0xd9),
];

const NAMES = { a: "viewer", b: "sender" };
const SHARE = new Spake2("a", 123_456n, NAMES).share;

const CONTROLS: Control[] = [
  { type: "hello", version: 1 },
  { type: "hello", version: 1, camera: "door" },
  { type: "hello", version: 1, frames: "all" },
  { type: "list", version: 1 },
  { type: "cameras", cameras: ["door", "Küche", ""] },
  { type: "cameras", cameras: ["door", "yard"], live: [true, false] },
  { type: "secure", version: 1 },
  { type: "stream", version: 1, name: "Kamera 1 äöü \u{1f3a5}", live: true, reason: "" },
  { type: "stream", version: 2, name: "x", live: false, reason: "Cannot\nread", hops: 3 },
  { type: "hello", version: 1, sound: true },
  {
    ...{ type: "stream" as const, version: 1, name: "x", live: true, reason: "" },
    sound: { channels: 2, live: false, reason: "Cannot\nhear" },
  },
  { type: "taken", bytes: 123456 },
  { type: "frame", seq: 7, time: 1790000000000.5 },
  { type: "ack", seq: 9007199254740991 },
  { type: "ping", time: -0.5 },
  { type: "pong", time: 1e300, clock: 0 },
  { type: "bye", reason: "gone", key: "needed" },
  { type: "bye", reason: "wrong", key: "needed", tries: 2 },
  { type: "pair", version: 1, share: toBase64(SHARE) },
  { type: "confirm", confirmation: toBase64(SHARE.subarray(0, 32)) },
  {
    type: "key",
    confirmation: toBase64(SHARE.subarray(1, 33)),
    sealed: toBase64(SHARE.subarray(2, 34)),
  },
  { type: "invite", version: 1 },
  { type: "code", code: "012345", seconds: 120, tries: 3 },
  { type: "pairing", state: "used up", peer: "192.168.1.30", tries: 0 },
  { type: "ring", version: 1, call: "0".repeat(32), name: "office", again: true },
  { type: "join", call: "0".repeat(32), as: "sender" },
];
const SOUNDS: Bytes[] = [
  encodeSound(new SoundPacket({ seq: 7, time: 1790000000000.5, data: Uint8Array.of(0xf8, 1, 2) })),
  encodeSound(new SoundPacket({ seq: 2 ** 32 - 1, time: 0, data: new Uint8Array(1500) })),
  encodePart(jpeg().subarray(0, 30), false),
  encodePart(jpeg().subarray(30), true),
  encodePart(new Uint8Array(40_000), false),
];
const MESSAGES: Bytes[] = [...CONTROLS.map(encodeControl), ...JPEGS.map(framed), ...SOUNDS];

function framed(payload: Bytes): Bytes {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, payload.length);
  return join(header, payload);
}

/** A few of `parts` in a row, damaged or not. */
function stream(random: Random, parts: readonly Bytes[]): Bytes {
  const bytes = join(...Array.from({ length: 1 + random.below(6) }, () => random.pick(parts)));
  return random.below(8) === 0 ? bytes : mutate(random, bytes, parts);
}

/** Longer frames are refused: small, so that small inputs reach the limit. */
const MAX_FRAME_BYTES = 50_000;

/** All frames of a stream that comes in `pieces`, and how the splitter counted. */
function split(pieces: Iterable<Uint8Array>): unknown {
  const splitter = new JpegSplitter({ maxFrameBytes: MAX_FRAME_BYTES });
  const frames: string[] = [];
  let [pushed, held] = [0, 0];
  // That a frame is too long shows with the byte after it, in whatever pieces it came.
  for (const piece of [...pieces, new Uint8Array(1)]) {
    for (const { jpeg } of splitter.push(piece, 0)) {
      // Tables that were missing are put in, and count for nothing.
      const hex = jpeg.toHex();
      const length = jpeg.length - (hex.includes(TABLES) ? HUFFMAN_TABLES.length : 0);
      assert(length <= MAX_FRAME_BYTES + 1 + EOI.length, `a frame of ${length} bytes`);
      assert(
        jpeg[0] === 0xff && jpeg[1] === 0xd8 && jpeg[2] === 0xff,
        "it does not begin with SOI",
      );
      assert(jpeg.at(-2) === 0xff && jpeg.at(-1) === 0xd9, "it does not end with EOI");
      frames.push(hex);
      held += length;
    }
    pushed += piece.length;
    // A frame of the longest kind, its last segment (64 KB) and the room to read on, doubled.
    const { byteLength } = splitter.space().buffer;
    assert(byteLength <= 1 << 20, `${byteLength} bytes of memory`);
  }
  frames.push(...splitter.end().map(({ jpeg }) => jpeg.toHex()));
  assertEquals(splitter.end(), []);
  // Each frame may have got an EOI that it lacked.
  const given = EOI.length * frames.length;
  assert(held + splitter.skippedBytes <= pushed + given, "more bytes than there were");
  return { frames, skipped: splitter.skippedBytes, dropped: splitter.droppedFrames };
}

/** All messages of a stream that comes in `pieces`, and the error they end with. */
function readMessages(
  pieces: Iterable<Uint8Array>,
  maxFrameBytes: number,
  sound = false,
): unknown[] {
  const reader = new MessageReader({ maxFrameBytes, sound });
  const messages: unknown[] = [];
  try {
    for (let piece of pieces) {
      while (piece.length > 0) {
        const space = reader.space();
        assert(space.length > 0, "no space");
        assert(space.buffer.byteLength <= 1 << 20, `${space.buffer.byteLength} bytes of memory`);
        const count = Math.min(space.length, piece.length);
        space.set(piece.subarray(0, count));
        piece = piece.subarray(count);
        for (const message of reader.commit(count)) {
          const isFrame = message instanceof Frame;
          assert(!isFrame || message.jpeg.length <= maxFrameBytes, "a frame that is too long");
          messages.push(isFrame ? message.jpeg.toHex() : message);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    assert(error.message.length < 300, "a message too long to send");
    return [...messages, error.message];
  }
  return [...messages, reader.midMessage];
}

/** Messages that were complete before the error in the same piece are lost; that is no difference. */
function assertSameMessages(a: unknown[], b: unknown[]): void {
  assertEquals(a.at(-1), b.at(-1));
  const count = Math.min(a.length, b.length) - 1;
  if (typeof a.at(-1) === "boolean") assertEquals(a.length, b.length);
  assertEquals(a.slice(0, count), b.slice(0, count));
}

function one(bytes: Uint8Array): Iterable<Uint8Array> {
  return bytes.length > 0 ? [bytes] : [];
}

function* singly(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

/** What `parse` makes of a text, or undefined if it refuses it as it should. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

const KEYS = [
  "qqqs-yqcy-q5rq-wzqf-pg9s-crgw-pudz-jgqr",
  "0myx-800c-sw4c-czy9-52hw-yzsv-zqa7-jmkj",
  "rd7x-yfnc-rntl-ue5k-2vk3-jw92-gc0y-0amg",
];
const ADDRESSES = [
  ...["localhost", "camera-2.example.org:80", "192.168.1.20", "192.168.1.20:1", "[::1]:1234"],
  ...["2001:db8::7", "[fe80::1%eth0]:9000", "fe80::1%wlan0", "::ffff:192.168.1.20", "*:80", ":0"],
  ...["8000", "[::]:0"],
];
const PEERS = ADDRESSES.flatMap((address) => [
  ...[address, `${address}//door`],
  ...KEYS.flatMap((key) => [`${address}/${key}`, `${address}/${key}/door`]),
]);

function makeText(random: Random, seeds: readonly string[]): Bytes {
  const text = random.pick(seeds);
  return UTF8.encode(random.below(16) === 0 ? text : mutateText(random, text, seeds));
}

function textOf(input: Bytes): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(input);
}

function assertAddress(address: Address, minPort: number, text: string): void {
  const { hostname, port } = address;
  assert(Number.isInteger(port) && port >= minPort && port <= 65535, `port ${port} of ${text}`);
  assert(hostname !== "" && !/[\s/[\]]/.test(hostname), `host ${hostname} of ${text}`);
}

/** Fails if an error tells as much of a key as would be worth anything, unless that is in `known`. */
function assertTellsNothing(secret: string, parse: () => unknown, known = ""): void {
  try {
    parse();
  } catch (error) {
    const [told, typed, open] = [Deno.inspect(error), secret, known]
      .map((text) => text.toLowerCase().replace(/[\s-]/g, ""));
    for (let at = 0; at + 12 <= typed.length; at++) {
      const part = typed.slice(at, at + 12);
      // Long parts of real keys only: an input may hold words of the message itself.
      if (KEYS.some((key) => key.replaceAll("-", "").includes(part))) {
        assert(open.includes(part) || !told.includes(part), `the error repeats ${part}`);
      }
    }
  }
}

/** All targets, by name. */
export const TARGETS: Record<string, Target> = {
  ...HTTP_TARGETS,
  broker: BROKER_TARGET,
  redis: REDIS_TARGET,
  ogg: OGG_TARGET,
  dns: DNS_TARGET,
  opus: OPUS_TARGET,
  splitter: {
    make: (random) => stream(random, JPEGS),
    check(input, random) {
      const whole = split(one(input));
      assertEquals(split(random.pieces(input)), whole);
      if (input.length < 4000) assertEquals(split(singly(input)), whole);
    },
  },
  codec: {
    make: (random) => stream(random, MESSAGES),
    check(input, random) {
      const readers: [number, boolean][] = [[0, false], [MAX_FRAME_BYTES, false], [
        MAX_FRAME_BYTES,
        true,
      ]];
      for (const reader of readers) {
        const whole = readMessages(one(input), ...reader);
        const pieces = readMessages(random.pieces(input), ...reader);
        assertSameMessages(pieces, whole);
        if (input.length < 4000) assertSameMessages(readMessages(singly(input), ...reader), whole);
      }
    },
  },
  control: {
    make(random) {
      const payloads = CONTROLS.map((control) => UTF8.encode(JSON.stringify(control)));
      if (random.below(2) === 0) return mutate(random, random.pick(payloads), payloads);
      return makeText(random, CONTROLS.map((control) => JSON.stringify(control)));
    },
    check(input) {
      let message: Control | undefined;
      try {
        message = parseControl(input);
      } catch (error) {
        if (error instanceof ProtocolError) return;
        throw error;
      }
      if (message === undefined) return;
      const values = (fields: object) => Object.values(fields).flat();
      const nested = values(message).filter((value) => value instanceof Object);
      for (const value of [...values(message), ...nested.flatMap(values)]) {
        assert(
          typeof value !== "string" || !/[\p{Cc}\p{Cf}]/u.test(value) && value.length <= 200,
          `a text of ${value}`,
        );
        assert(typeof value !== "number" || Number.isFinite(value), `a number of ${value}`);
      }
      // What was read can be sent on, and read again as the same.
      const encoded = encodeControl(message).subarray(4);
      assert(encoded.length <= MAX_CONTROL_BYTES);
      assertEquals(parseControl(encoded), message);
      if (message.type === "pair") assertEquals(fromBase64(message.share).length, SHARE.length);
      if (message.type === "key") assertEquals(fromBase64(message.sealed).length, 32);
    },
  },
  share: {
    make: (random) => mutate(random, SHARE, [SHARE]),
    check(input) {
      // Whatever comes is refused, or leads to a key that only who knows the code has.
      const agreement = new Spake2("b", 654_321n, NAMES).finish(input);
      if (agreement === undefined) return;
      assertEquals(input.length, SHARE.length);
      assert(agreement.confirmation.toHex() !== agreement.expected.toHex());
    },
  },
  address: {
    make: (random) => makeText(random, PEERS),
    check(input) {
      const text = textOf(input);
      const address = attempt(() => parseAddress(text));
      const listen = attempt(() => parseListenAddress(text));
      if (address !== undefined) assertAddress(address, 1, text);
      if (listen !== undefined) assertAddress(listen, 0, text);
      for (const one of [address, listen]) {
        if (one === undefined || one.port === 0) continue;
        // Which format may be written otherwise, but means the same from then on.
        const written = formatAddress(one);
        const again = parseAddress(written);
        assertEquals(formatAddress(again), written);
        if (!/^::ffff:/i.test(one.hostname)) assertEquals(again, one);
      }
      const peer = attempt(() => parsePeer(text));
      if (peer !== undefined) {
        assertAddress(peer.address, 1, text);
        const written = [formatAddress(peer.address), peer.key?.text, peer.camera].join("/");
        const again = parsePeer(written);
        assertEquals(again.key?.text, peer.key?.text);
        assertEquals(formatAddress(again.address), formatAddress(peer.address));
        assertEquals(again.camera, peer.camera);
      }
      const [host, secret] = text.split("/");
      if (secret) assertTellsNothing(secret, () => parsePeer(text), host);
    },
  },
  key: {
    make: (random) => makeText(random, [...KEYS, ...KEYS.map((key) => key.replaceAll("-", ""))]),
    check(input) {
      const text = textOf(input);
      const key = attempt(() => Key.parse(text));
      if (key === undefined) return assertTellsNothing(text, () => Key.parse(text));
      assertEquals(key.bytes.length, 16);
      assertEquals(Key.parse(key.text).text, key.text);
      const known = KEYS.includes(key.text);
      assert(known, `a damaged key is taken for another one: ${key.text}`);
    },
  },
  jpeg: {
    make: (random) => mutate(random, random.pick(JPEGS), JPEGS),
    check(input) {
      const size = sizeOf(input);
      if (size !== undefined) {
        for (const length of [size.width, size.height]) {
          assert(Number.isInteger(length) && length >= 0 && length <= 65535, `${length}`);
        }
      }
    },
  },
};
