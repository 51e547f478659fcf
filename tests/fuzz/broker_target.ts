/**
 * What must hold of the parsers of what is at a broker, whatever comes.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../lib/base/errors.ts";
import { channelsOf, MAX_NAME_LENGTH, nameOfKey } from "../../lib/broker/channels.ts";
import { parseListing } from "../../lib/broker/listing.ts";
import {
  encodeHeader,
  encodePicture,
  type Header,
  HEADER_BYTES,
  parseMessage,
  parsePackets,
  parsePicture,
} from "../../lib/broker/message.ts";
import { encodeNote, parseAnswer, parseQuestion, parseState } from "../../lib/broker/notes.ts";
import { encodeSound, MAX_SOUND_BYTES } from "../../lib/protocol/sound_message.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { join, jpeg } from "../support/jpegs.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const EPOCH = "00112233445566778899aabbccddeeff";
const SOUND = { channels: 1, live: false, reason: "The microphone was unplugged" };
const STATE = { live: false, reason: "Cannot read the camera", hops: 1, sound: SOUND };
/** 10 ms of silence, recorded then. */
const PACKET = encodeSound(
  new SoundPacket({ seq: 7, time: 1790000000000, level: 60, data: Uint8Array.of(0xf0, 1, 2) }),
);
const BODIES: [Header["kind"], Bytes][] = [
  ["frame", encodePicture({ seq: 7, time: 1790000000000.5, jpeg: jpeg() })],
  ["state", encodeNote(STATE)],
  ["question", encodeNote({ watching: true, listening: true, epoch: EPOCH, heard: 812 })],
  ["answer", encodeNote({ ...STATE, counter: 7, asked: 1790000000000.5, started: 0 })],
  ["sound", join(PACKET, PACKET)],
];
const MESSAGES: Bytes[] = BODIES.flatMap(([kind, body]) =>
  [false, true].map((sealed) => {
    const epoch = Uint8Array.fromHex(EPOCH);
    const head = encodeHeader({ kind, sealed, epoch, counter: 9, sentAt: 1790000000001 });
    return join(head, body, new Uint8Array(sealed ? 16 : 0));
  })
);
const TEXTS = ["camcat:{door}", "camcat:{K%C3%BCche}", `{"epoch":"${EPOCH}","open":true}`]
  .map((text) => new TextEncoder().encode(text));

/** The result, or undefined if it is refused as it should be. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Messages, notes, keys and their values. */
export const BROKER_TARGET: Target = {
  make: (random) => {
    const seeds = [...MESSAGES, ...TEXTS, ...BODIES.map(([, body]) => body)];
    return mutate(random, random.pick(seeds), seeds);
  },
  check(input) {
    const message = attempt(() => parseMessage(input));
    if (message !== undefined) {
      assertEquals(encodeHeader(message.header), message.head);
      assertEquals(join(message.head, message.body), input);
    }
    const body = message?.body ?? input;
    const picture = body.length < HEADER_BYTES ? undefined : attempt(() => parsePicture(body));
    if (picture !== undefined) assertEquals(encodePicture(picture), body);
    const states = [parseState, parseAnswer].map((parse) => attempt(() => parse(body)));
    for (const state of states) {
      if (state === undefined) continue;
      assert(!/[\p{Cc}\p{Cf}]/u.test(state.reason) && state.reason.length <= 200, state.reason);
      const { live, reason, hops, sound } = state;
      assert((sound?.reason.length ?? 0) <= 200);
      const told = sound === undefined ? {} : { sound };
      assertEquals(parseState(encodeNote(state)), { live, reason, hops, ...told });
    }
    const packets = attempt(() => parsePackets(body)) ?? [];
    for (const { data } of packets) assert(data.length > 0 && data.length <= MAX_SOUND_BYTES);
    assert(packets.length * 19 <= body.length); // length, header, and one byte of Opus
    const question = attempt(() => parseQuestion(body));
    if (question !== undefined) assertEquals(parseQuestion(encodeNote(question)), question);
    const text = new TextDecoder().decode(input);
    const name = nameOfKey(text);
    if (name !== undefined) {
      assert(name.length <= MAX_NAME_LENGTH);
      assertEquals(nameOfKey(channelsOf(name).key), name);
    }
    const listing = parseListing(text);
    assert(listing === undefined || /^[0-9a-f]{32}$/.test(listing.epoch));
  },
};
