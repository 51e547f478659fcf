/**
 * What publisher and edges tell each other besides pictures.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import { cut } from "../base/text.ts";
import type { Bytes } from "../jpeg/frame.ts";
import type { StreamSound } from "../protocol/control.ts";
import { type Fields, integer, number, object, text } from "../protocol/fields.ts";
import { streamSound } from "../protocol/parse_control.ts";
import { EPOCH_BYTES } from "./message.ts";

/** From an edge: is the publisher there, and is its camera wanted? */
export interface Question {
  /** Whether somebody watches at this edge. */
  watching: boolean;
  /** Whether somebody listens to the sound there. */
  listening: boolean;
  /** The publisher's epoch, as hex, that the edge heard last; empty if none. */
  epoch: string;
  /** The counter of the publisher's last message that the edge has heard. */
  heard: number;
}

/** The state of a stream, on its way to the edges. */
export interface State {
  /** Whether the capture is live. */
  live: boolean;
  /** Why it is not; empty when it is. */
  reason: string;
  /** How many relays the pictures have passed. */
  hops: number;
  /** The camera's sound. @default it has none */
  sound?: StreamSound | undefined;
}

/** To an edge: the answer to its question. */
export interface Answer extends State {
  /** The counter of the question. */
  counter: number;
  /** When the question was sent, on the edge's clock. */
  asked: number;
  /** When the publisher started, on its own clock. */
  started: number;
}

/** Writes a note as JSON; texts that are too long are cut. */
export function encodeNote(note: Question | Answer | State): Bytes {
  const shorten = (_name: string, value: unknown) => typeof value === "string" ? cut(value) : value;
  return new TextEncoder().encode(JSON.stringify(note, shorten));
}

/** Reads a question. @throws {ProtocolError} if it is none */
export function parseQuestion(body: Uint8Array): Question {
  const fields = fieldsOf(body);
  const { epoch } = fields;
  if (typeof epoch !== "string" || epoch !== "" && !isEpoch(epoch)) {
    throw new ProtocolError("Cannot read a question of an edge: its epoch is damaged");
  }
  return {
    watching: fields.watching === true,
    listening: fields.listening === true,
    epoch,
    heard: integer(fields, "heard", 0),
  };
}

/** Reads an answer. @throws {ProtocolError} if it is none */
export function parseAnswer(body: Uint8Array): Answer {
  const fields = fieldsOf(body);
  return {
    ...stateOf(fields),
    counter: integer(fields, "counter", 0),
    asked: number(fields, "asked"),
    started: number(fields, "started"),
  };
}

/** Reads a state. @throws {ProtocolError} if it is none */
export function parseState(body: Uint8Array): State {
  return stateOf(fieldsOf(body));
}

function stateOf(fields: Fields): State {
  return {
    live: fields.live === true,
    reason: text(fields, "reason"),
    hops: integer(fields, "hops", 0),
    ...(fields.sound === undefined ? {} : { sound: streamSound(object(fields, "sound")) }),
  };
}

/** Whether it is the hex form of an epoch. */
export function isEpoch(text: string): boolean {
  return text.length === EPOCH_BYTES * 2 && /^[0-9a-f]+$/.test(text);
}

function fieldsOf(body: Uint8Array): Fields {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new ProtocolError("Cannot read a note of the broker: it must be JSON in UTF-8", {
      cause,
    });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ProtocolError("Cannot read a note of the broker: it must be a JSON object");
}
