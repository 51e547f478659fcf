/**
 * The messages of a call. `docs/protocol.md` says when each is sent.
 *
 * @module
 */

import { choice, type Fields, integer, text } from "./fields.ts";

/** Caller to the end that waits, encrypted, instead of a hello: I want to talk. */
export interface Ring {
  /** The kind of message. */
  type: "ring";
  /** The highest protocol version the caller speaks. */
  version: number;
  /** The name of this call, which the caller chooses: 32 random hexadecimal digits. */
  call: string;
  /** Who calls. */
  name: string;
  /** Whether the call was accepted already, and its line broke. @default {false} */
  again?: boolean;
}

/** The answer to {@linkcode Ring} when somebody has accepted. */
export interface Accept {
  /** The kind of message. */
  type: "accept";
  /** Who has accepted. */
  name: string;
}

/** The answer to {@linkcode Ring} when nobody will accept. */
export interface Refuse {
  /** The kind of message. */
  type: "refuse";
}

/** The answer to {@linkcode Ring} during another call. */
export interface Busy {
  /** The kind of message. */
  type: "busy";
}

/** In both directions: the call is over. */
export interface Hangup {
  /** The kind of message. */
  type: "hangup";
}

/** Caller to the end that waits, as the first message of a connection for pictures and sound. */
export interface Join {
  /** The kind of message. */
  type: "join";
  /** The {@linkcode Ring.call} of an accepted call. */
  call: string;
  /** What the caller is on this connection. */
  as: "viewer" | "sender";
}

/** Any message of a call. */
export type CallMessage = Ring | Accept | Refuse | Busy | Hangup | Join;

/**
 * Reads a message of a call.
 *
 * @returns undefined if it is of another kind
 * @throws {ProtocolError} if a field is missing or of the wrong type
 */
export function parseCallMessage(fields: Fields): CallMessage | undefined {
  switch (fields.type) {
    case "ring":
      return {
        type: "ring",
        version: integer(fields, "version", 1),
        call: text(fields, "call"),
        name: text(fields, "name"),
        ...(fields.again === true ? { again: true } : {}),
      };
    case "accept":
      return { type: "accept", name: text(fields, "name") };
    case "refuse":
    case "busy":
    case "hangup":
      return { type: fields.type };
    case "join":
      return {
        type: "join",
        call: text(fields, "call"),
        as: choice(fields, "as", ["viewer", "sender"] as const),
      };
    default:
      return undefined;
  }
}
