/**
 * The control messages of the protocol: what they are, and reading them from a
 * peer that is not trusted. `docs/protocol.md` tells when each is sent.
 *
 * @module
 */

import { cut, printable } from "../base/text.ts";
import { ProtocolError } from "../base/errors.ts";
import { readFastMessage } from "./fast_messages.ts";

/** The version of the protocol spoken here. */
export const PROTOCOL_VERSION = 1;

/** The longest control message accepted, in bytes. */
export const MAX_CONTROL_BYTES = 4096;

/** Viewer to sender, first of all: I speak control messages. */
export interface Hello {
  /** Tells which message it is. */
  type: "hello";
  /** The highest protocol version the viewer speaks. */
  version: number;
  /** Which camera it wants; without one the first. */
  camera?: string;
  /** Whether it wants every frame, in order, or the newest only. @default {"newest"} */
  frames?: "newest" | "all";
}

/** Viewer to sender, instead of a hello: which cameras are there? */
export interface List {
  /** Tells which message it is. */
  type: "list";
  /** The highest protocol version the viewer speaks. */
  version: number;
}

/** Sender to viewer: the answer to {@linkcode List}; the connection is closed then. */
export interface Cameras {
  /** Tells which message it is. */
  type: "cameras";
  /** Their names, the first one first. */
  cameras: string[];
}

/** Viewer to sender, before anything else and instead of a hello: let us go on encrypted. */
export interface Secure {
  /** Tells which message it is. */
  type: "secure";
  /** The highest protocol version the viewer speaks. */
  version: number;
}

/** Sender to viewer: the answer to {@linkcode Hello}, and again whenever it changes. */
export interface Stream {
  /** Tells which message it is. */
  type: "stream";
  /** The version both speak: the lower of the two highest. */
  version: number;
  /** What the sender calls its picture. */
  name: string;
  /** False while the capture is lost: the pictures are old. */
  live: boolean;
  /** Why it is not live, a plain sentence; empty when it is. */
  reason: string;
}

/** Sender to viewer, right before the JPEG it describes. */
export interface FrameInfo {
  /** Tells which message it is. */
  type: "frame";
  /** Counted up by one per captured frame; gaps are frames this viewer was not sent. */
  seq: number;
  /** When it was captured, in milliseconds since the Unix epoch on the sender's clock. */
  time: number;
}

/** Viewer to sender: this frame has gone to its display, and all before it are done with. */
export interface Ack {
  /** Tells which message it is. */
  type: "ack";
  /** {@linkcode FrameInfo.seq} of that frame. */
  seq: number;
}

/** Either way: answer at once. */
export interface Ping {
  /** Tells which message it is. */
  type: "ping";
  /** The asker's clock in milliseconds; comes back unchanged. */
  time: number;
}

/** Either way: the answer to {@linkcode Ping}. */
export interface Pong {
  /** Tells which message it is. */
  type: "pong";
  /** {@linkcode Ping.time} of the question. */
  time: number;
  /** The answerer's clock, in milliseconds since the Unix epoch. */
  clock: number;
}

/** Either way: why the connection is closed now. */
export interface Bye {
  /** Tells which message it is. */
  type: "bye";
  /** A plain sentence for the user. */
  reason: string;
  /** Set when it is closed because one end uses a key and the other does not. */
  key?: "needed" | "not needed";
}

/** Any control message. */
export type Control =
  | Hello
  | List
  | Cameras
  | Secure
  | Stream
  | FrameInfo
  | Ack
  | Ping
  | Pong
  | Bye;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a control message.
 *
 * @param payload its bytes, without the length before them
 * @returns the message, or undefined when its type is unknown and it has to be ignored
 * @throws {ProtocolError} if it is not a JSON object, or a field is missing or of the wrong type
 */
export function parseControl(payload: Uint8Array): Control | undefined {
  const frequent = readFastMessage(payload);
  if (frequent !== undefined) return frequent;
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(payload));
  } catch (cause) {
    throw new ProtocolError("Cannot read a control message: it must be JSON in UTF-8", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("Cannot read a control message: it must be a JSON object");
  }
  const fields = value as Record<string, unknown>;
  switch (fields.type) {
    case "hello":
      return {
        type: "hello",
        version: integer(fields, "version", 1),
        ...(fields.camera === undefined ? {} : { camera: text(fields, "camera") }),
        ...(fields.frames === undefined ? {} : { frames: choice(fields) }),
      };
    case "list":
      return { type: "list", version: integer(fields, "version", 1) };
    case "cameras":
      return { type: "cameras", cameras: texts(fields, "cameras") };
    case "secure":
      return { type: "secure", version: integer(fields, "version", 1) };
    case "stream":
      return {
        type: "stream",
        version: integer(fields, "version", 1),
        name: text(fields, "name"),
        live: fields.live === true,
        reason: text(fields, "reason"),
      };
    case "frame":
      return { type: "frame", seq: integer(fields, "seq", 0), time: number(fields, "time") };
    case "ack":
      return { type: "ack", seq: integer(fields, "seq", 0) };
    case "ping":
      return { type: "ping", time: number(fields, "time") };
    case "pong":
      return { type: "pong", time: number(fields, "time"), clock: number(fields, "clock") };
    case "bye":
      return {
        type: "bye",
        reason: text(fields, "reason"),
        ...(fields.key === "needed" || fields.key === "not needed" ? { key: fields.key } : {}),
      };
    default:
      return undefined;
  }
}

function number(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw wrongField(fields, name, "a number");
}

function integer(fields: Record<string, unknown>, name: string, min: number): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min) return value;
  throw wrongField(fields, name, `a whole number from ${min}`);
}

function choice(fields: Record<string, unknown>): "newest" | "all" {
  const { frames } = fields;
  if (frames === "newest" || frames === "all") return frames;
  throw wrongField(fields, "frames", '"newest" or "all"');
}

/** A string as a user may see it. */
function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return printable(cut(value));
  throw wrongField(fields, name, "a string");
}

function texts(fields: Record<string, unknown>, name: string): string[] {
  const values = fields[name];
  if (!Array.isArray(values)) throw wrongField(fields, name, "a list of strings");
  return values.map((value) => text({ type: fields.type, [name]: value }, name));
}

function wrongField(fields: Record<string, unknown>, name: string, what: string): ProtocolError {
  return new ProtocolError(
    `Cannot read a control message: "${name}" of "${fields.type}" must be ${what}`,
  );
}
