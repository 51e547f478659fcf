/**
 * The wire protocol: messages, framing, and the connections that carry them. `docs/protocol.md`
 * specifies it. Most programs need only `send` and `receive` of the main module.
 *
 * @module
 */

export * from "./codec.ts";
export type { Connection } from "./connection.ts";
export {
  type Ack,
  type Adapt,
  type Adaptation,
  type Bye,
  type Cameras,
  type Control,
  type FrameInfo,
  type Hello,
  type List,
  MAX_CONTROL_BYTES,
  type Ping,
  type Pong,
  PROTOCOL_VERSION,
  type Secure,
  type Stream,
  type StreamSound,
  type Taken,
} from "./control.ts";
export type { Accept, Busy, CallMessage, Hangup, Join, Refuse, Ring } from "./call_messages.ts";
export type {
  Code,
  Confirm,
  Invite,
  Pair,
  PairingMessage,
  PairingNews,
  PairingState,
  SealedKey,
} from "./pairing_messages.ts";
export { parseControl } from "./parse_control.ts";
export { SoundPacket } from "../sound/sound_packet.ts";
