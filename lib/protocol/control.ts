/**
 * The control messages of the protocol. `docs/protocol.md` says when each is sent.
 *
 * @module
 */

import type { CallMessage } from "./call_messages.ts";
import type { PairingMessage } from "./pairing_messages.ts";

/** The version of the protocol spoken here. */
export const PROTOCOL_VERSION = 1;

/** The longest control message accepted, in bytes. */
export const MAX_CONTROL_BYTES = 4096;

/** Viewer to sender, as its first message: I speak control messages. */
export interface Hello {
  /** The kind of message. */
  type: "hello";
  /** The highest protocol version the viewer speaks. */
  version: number;
  /** The camera it wants. @default the first */
  camera?: string;
  /** Whether it wants every frame, in order, or only the newest. @default {"newest"} */
  frames?: "newest" | "all";
  /**
   * Whether the sender hears from it at least every 2 s, also while it does not read: after 10 s
   * without a message the connection is dead.
   *
   * @default {false}
   */
  heartbeat?: boolean;
  /** Whether it takes smaller and coarser pictures where the link is slow, and which. @default no */
  adapt?: Adaptation;
  /** Whether it takes sound, and pictures in parts between it. @default {false} */
  sound?: boolean;
}

/** The pictures that a viewer wants where it cannot have all of the camera's. */
export interface Adaptation {
  /**
   * All pictures, however small; at least 15 a second, then as sharp as fits; or the camera's own
   * pictures, however few.
   *
   * @default {"balanced"}
   */
  prefer?: "smooth" | "balanced" | "sharp";
  /** The most that the viewer is sent, in bits per second. @default no limit */
  rate?: number;
  /** The most pixels that it shows side by side. @default no limit */
  width?: number;
  /** The most pixels that it shows one above the other. @default no limit */
  height?: number;
  /** The most pixels side by side that it is sent, if the sender adapts. @default no limit */
  maxWidth?: number;
  /** The most pixels one above the other that it is sent. @default no limit */
  maxHeight?: number;
}

/** Viewer to sender: the viewer's wishes have changed, for example with the size of its window. */
export interface Adapt extends Adaptation {
  /** The kind of message. */
  type: "adapt";
}

/** Viewer to sender, instead of a hello: asks for the names of the cameras. */
export interface List {
  /** The kind of message. */
  type: "list";
  /** The highest protocol version the viewer speaks. */
  version: number;
}

/** Sender to viewer: the answer to {@linkcode List}; the sender closes the connection after it. */
export interface Cameras {
  /** The kind of message. */
  type: "cameras";
  /** Their names, in the sender's order. */
  cameras: string[];
  /** Whether each is live, in the same order. @default unknown */
  live?: boolean[];
}

/** Viewer to sender, as its first message instead of a hello: asks to continue encrypted. */
export interface Secure {
  /** The kind of message. */
  type: "secure";
  /** The highest protocol version the viewer speaks. */
  version: number;
  /** Said by the end that connects to a call: I am the sender here; answer as a viewer. */
  sender?: boolean;
}

/** Sender to viewer: the answer to {@linkcode Hello}, and again whenever it changes. */
export interface Stream {
  /** The kind of message. */
  type: "stream";
  /** The version both speak: the lower of the two highest. */
  version: number;
  /** The camera's name. */
  name: string;
  /** False while the capture is lost. */
  live: boolean;
  /** A plain sentence: why it is not live. Empty when it is. */
  reason: string;
  /** The relays that the frames have passed, this sender included. @default {0} */
  hops?: number;
  /** The sound of this camera. @default it has none */
  sound?: StreamSound;
}

/** What a viewer is told of a camera's sound. */
export interface StreamSound {
  /** 1, or 2 for stereo. */
  channels: number;
  /** False while the sound is lost, or not recorded because nobody listens. */
  live: boolean;
  /** A plain sentence: why it is lost. Empty when it is not. */
  reason: string;
}

/** Sender to viewer, immediately before the JPEG it describes. */
export interface FrameInfo {
  /** The kind of message. */
  type: "frame";
  /** Grows by one per captured frame; gaps are frames that this viewer was not sent. */
  seq: number;
  /** Capture time in milliseconds since the Unix epoch, on the sender's clock. */
  time: number;
}

/** Viewer to sender: this frame has gone to the display, and the viewer is done with earlier ones. */
export interface Ack {
  /** The kind of message. */
  type: "ack";
  /** The {@linkcode FrameInfo.seq} of that frame. */
  seq: number;
  /** How long the viewer held it, in milliseconds, because its display was busy. @default {0} */
  held?: number;
}

/** Viewer to sender: so much of the sound and of parts of pictures has arrived. */
export interface Taken {
  /** The kind of message. */
  type: "taken";
  /** The bytes of all these messages, with their lengths, since the connection began. */
  bytes: number;
}

/** In both directions: answer immediately. */
export interface Ping {
  /** The kind of message. */
  type: "ping";
  /** The asker's clock in milliseconds; the answer returns it unchanged. */
  time: number;
}

/** In both directions: the answer to {@linkcode Ping}. */
export interface Pong {
  /** The kind of message. */
  type: "pong";
  /** The {@linkcode Ping.time} of the question. */
  time: number;
  /** The answerer's clock, in milliseconds since the Unix epoch. */
  clock: number;
}

/** In both directions: the reason why the connection is closed now. */
export interface Bye {
  /** The kind of message. */
  type: "bye";
  /** A plain sentence for the user. */
  reason: string;
  /** Set if the reason is that one end uses a key and the other does not. */
  key?: "needed" | "not needed";
  /** How often a code may be tried, if a key is needed and the sender shows a code. */
  tries?: number;
}

/** Any control message. */
export type Control =
  | Hello
  | Adapt
  | List
  | Cameras
  | Secure
  | Stream
  | FrameInfo
  | Ack
  | Taken
  | Ping
  | Pong
  | Bye
  | PairingMessage
  | CallMessage;
