/**
 * The messages by which a viewer gets the key of a sender that shows a code. `docs/protocol.md` says
 * when each is sent.
 *
 * @module
 */

import { bytes, choice, type Fields, integer, text } from "./fields.ts";

/** Bytes of a share of SPAKE2 on P-256. */
export const SHARE_BYTES = 65;
/** Bytes of a confirmation: HMAC-SHA-256. */
export const CONFIRMATION_BYTES = 32;
/** Bytes of a sealed key: 16, and a tag of 16. */
export const SEALED_KEY_BYTES = 32;

/** In both directions, the viewer first: a share of the key exchange. */
export interface Pair {
  /** The kind of message. */
  type: "pair";
  /** The highest protocol version the viewer speaks; in the answer the lower of both. */
  version: number;
  /** 65 bytes in base64. */
  share: string;
}

/** Viewer to sender: proves that it knows the code. */
export interface Confirm {
  /** The kind of message. */
  type: "confirm";
  /** 32 bytes in base64. */
  confirmation: string;
}

/** Sender to viewer: proves that it knows the code, and gives the key. */
export interface SealedKey {
  /** The kind of message. */
  type: "key";
  /** 32 bytes in base64. */
  confirmation: string;
  /** 32 bytes in base64. */
  sealed: string;
}

/** Viewer to sender, encrypted, instead of a hello: show me a code for somebody else. */
export interface Invite {
  /** The kind of message. */
  type: "invite";
  /** The highest protocol version the viewer speaks. */
  version: number;
}

/** Sender to viewer: the answer to {@linkcode Invite}. */
export interface Code {
  /** The kind of message. */
  type: "code";
  /** Six digits. */
  code: string;
  /** How long it is valid. */
  seconds: number;
  /** How often it may be tried. */
  tries: number;
}

/** What has become of a try, or of the code. */
export type PairingState = "wrong" | "paired" | "expired" | "used up" | "withdrawn";
const STATES: readonly PairingState[] = ["wrong", "paired", "expired", "used up", "withdrawn"];

/** Sender to viewer after {@linkcode Code}: what has become of it. */
export interface PairingNews {
  /** The kind of message. */
  type: "pairing";
  /** `wrong`: somebody tried another code; after any other one the code is not valid any more. */
  state: PairingState;
  /** The address of whoever tried; empty if nobody did. */
  peer: string;
  /** How many tries are left. */
  tries: number;
}

/** Any message about pairing. */
export type PairingMessage = Pair | Confirm | SealedKey | Invite | Code | PairingNews;

/**
 * Reads a message about pairing.
 *
 * @returns undefined if it is of another kind
 * @throws {ProtocolError} if a field is missing or of the wrong type
 */
export function parsePairingMessage(fields: Fields): PairingMessage | undefined {
  switch (fields.type) {
    case "pair":
      return {
        type: "pair",
        version: integer(fields, "version", 1),
        share: bytes(fields, "share", SHARE_BYTES),
      };
    case "confirm":
      return { type: "confirm", confirmation: bytes(fields, "confirmation", CONFIRMATION_BYTES) };
    case "key":
      return {
        type: "key",
        confirmation: bytes(fields, "confirmation", CONFIRMATION_BYTES),
        sealed: bytes(fields, "sealed", SEALED_KEY_BYTES),
      };
    case "invite":
      return { type: "invite", version: integer(fields, "version", 1) };
    case "code":
      return {
        type: "code",
        code: text(fields, "code"),
        seconds: integer(fields, "seconds", 0),
        tries: integer(fields, "tries", 0),
      };
    case "pairing":
      return {
        type: "pairing",
        state: choice(fields, "state", STATES),
        peer: text(fields, "peer"),
        tries: integer(fields, "tries", 0),
      };
    default:
      return undefined;
  }
}
