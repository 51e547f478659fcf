/**
 * Reads the control messages of an untrusted peer.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import { parseCallMessage } from "./call_messages.ts";
import type { Adaptation, Control, StreamSound } from "./control.ts";
import { readFastMessage } from "./fast_messages.ts";
import { choice, type Fields, flags, integer, number, object, text, texts } from "./fields.ts";
import { parsePairingMessage } from "./pairing_messages.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a control message.
 *
 * @param payload its bytes, without the length before them
 * @returns the message, or undefined if its type is unknown: ignore it
 * @throws {ProtocolError} if it is not a JSON object, or a field is missing or of the wrong type
 */
export function parseControl(payload: Uint8Array): Control | undefined {
  const fast = readFastMessage(payload);
  if (fast !== undefined) return fast;
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(payload));
  } catch (cause) {
    throw new ProtocolError("Cannot read a control message: it must be JSON in UTF-8", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("Cannot read a control message: it must be a JSON object");
  }
  const fields = value as Fields;
  switch (fields.type) {
    case "hello":
      return {
        type: "hello",
        version: integer(fields, "version", 1),
        ...(fields.camera === undefined ? {} : { camera: text(fields, "camera") }),
        ...(fields.frames === undefined
          ? {}
          : { frames: choice(fields, "frames", ["newest", "all"] as const) }),
        ...(fields.adapt === undefined ? {} : { adapt: adaptation(object(fields, "adapt")) }),
        ...(fields.heartbeat === true ? { heartbeat: true } : {}),
        ...(fields.sound === true ? { sound: true } : {}),
      };
    case "adapt":
      return { type: "adapt", ...adaptation(fields) };
    case "list":
      return { type: "list", version: integer(fields, "version", 1) };
    case "cameras":
      return {
        type: "cameras",
        cameras: texts(fields, "cameras"),
        ...(fields.live === undefined ? {} : { live: flags(fields, "live") }),
      };
    case "secure":
      return {
        type: "secure",
        version: integer(fields, "version", 1),
        ...(fields.sender === true ? { sender: true } : {}),
      };
    case "stream":
      return {
        type: "stream",
        version: integer(fields, "version", 1),
        name: text(fields, "name"),
        live: fields.live === true,
        reason: text(fields, "reason"),
        ...(fields.hops === undefined ? {} : { hops: integer(fields, "hops", 0) }),
        ...(fields.sound === undefined ? {} : { sound: streamSound(object(fields, "sound")) }),
      };
    case "frame":
      return { type: "frame", seq: integer(fields, "seq", 0), time: number(fields, "time") };
    case "ack":
      return {
        type: "ack",
        seq: integer(fields, "seq", 0),
        ...(fields.held === undefined ? {} : { held: integer(fields, "held", 0) }),
      };
    case "taken":
      return { type: "taken", bytes: integer(fields, "bytes", 0) };
    case "ping":
      return { type: "ping", time: number(fields, "time") };
    case "pong":
      return { type: "pong", time: number(fields, "time"), clock: number(fields, "clock") };
    case "bye":
      return {
        type: "bye",
        reason: text(fields, "reason"),
        ...(fields.key === "needed" || fields.key === "not needed" ? { key: fields.key } : {}),
        ...(fields.tries === undefined ? {} : { tries: integer(fields, "tries", 0) }),
      };
    default:
      return parsePairingMessage(fields) ?? parseCallMessage(fields);
  }
}

/** The fields of an {@linkcode Adaptation}. */
function adaptation(fields: Fields): Adaptation {
  const limit = (name: "rate" | "width" | "height" | "maxWidth" | "maxHeight") =>
    fields[name] === undefined ? {} : { [name]: integer(fields, name, 1) };
  return {
    ...(fields.prefer === undefined
      ? {}
      : { prefer: choice(fields, "prefer", ["smooth", "balanced", "sharp"] as const) }),
    ...limit("rate"),
    ...limit("width"),
    ...limit("height"),
    ...limit("maxWidth"),
    ...limit("maxHeight"),
  };
}

/** The fields of a {@linkcode StreamSound}. @throws {ProtocolError} if they are none */
export function streamSound(fields: Fields): StreamSound {
  return {
    channels: choice(fields, "channels", [1, 2] as const),
    live: fields.live === true,
    reason: text(fields, "reason"),
  };
}
