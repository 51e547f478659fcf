/**
 * The two control messages that accompany every picture, read and written without a JSON parser:
 * parsing them would cost more than everything else that happens to a frame.
 *
 * @module
 */

/** An `Ack` or a `FrameInfo` of `control.ts`. */
export type FastMessage =
  | { type: "ack"; seq: number; held?: number }
  | { type: "frame"; seq: number; time: number };

const FRAME = ascii('{"type":"frame","seq":');
const TIME = ascii(',"time":');
const ACK = ascii('{"type":"ack","seq":');
const HELD = ascii(',"held":');
const [ZERO, NINE, POINT, END] = ascii("09.}");
/** Digits that a number holds exactly. */
const MAX_DIGITS = 15;

/** The most that {@linkcode writeFastMessage} writes: two numbers of 16 digits, and a fraction. */
export const MAX_FAST_MESSAGE_BYTES = 72;

/**
 * Reads a `frame` or an `ack` in exactly the form that camcat writes.
 *
 * @returns undefined for everything else, which needs the JSON parser
 */
export function readFastMessage(payload: Uint8Array): FastMessage | undefined {
  if (begins(payload, 0, ACK)) return readAck(payload);
  if (!begins(payload, 0, FRAME)) return undefined;
  const seqEnd = endOfDigits(payload, FRAME.length);
  const seq = digits(payload, FRAME.length, seqEnd);
  if (seq === undefined || !begins(payload, seqEnd, TIME)) return undefined;
  const whole = endOfDigits(payload, seqEnd + TIME.length);
  let time = digits(payload, seqEnd + TIME.length, whole);
  if (time === undefined) return undefined;
  let end = whole;
  if (payload[whole] === POINT) {
    end = endOfDigits(payload, whole + 1);
    const places = end - whole - 1;
    if (places < 1 || places > MAX_DIGITS) return undefined;
    time += value(payload, whole + 1, end) / 10 ** places; // to a quarter of a microsecond
  }
  if (payload[end] !== END || end + 1 !== payload.length) return undefined;
  return { type: "frame", seq, time };
}

function readAck(payload: Uint8Array): FastMessage | undefined {
  const end = payload.length - 1;
  if (payload[end] !== END) return undefined;
  const seqEnd = endOfDigits(payload, ACK.length);
  const seq = digits(payload, ACK.length, seqEnd);
  if (seq === undefined) return undefined;
  if (seqEnd === end) return { type: "ack", seq };
  if (!begins(payload, seqEnd, HELD)) return undefined;
  const held = digits(payload, seqEnd + HELD.length, end);
  return held === undefined ? undefined : { type: "ack", seq, held };
}

/**
 * Writes a `frame` as {@linkcode readFastMessage} reads it.
 *
 * @param at where in `bytes` it begins; it takes at most {@linkcode MAX_FAST_MESSAGE_BYTES}
 * @param time the capture time in milliseconds, to the microsecond
 * @returns where it ends
 */
export function writeFrameInfo(bytes: Uint8Array, at: number, seq: number, time: number): number {
  at = writeText(bytes, at, FRAME);
  at = writeDigits(bytes, at, seq);
  const microseconds = Math.round(time * 1000);
  at = writeText(bytes, at, TIME);
  at = writeDigits(bytes, at, Math.floor(microseconds / 1000));
  let rest = microseconds % 1000;
  if (rest > 0) bytes[at++] = POINT;
  for (; rest > 0; rest = rest % 100 * 10) bytes[at++] = ZERO + Math.floor(rest / 100);
  bytes[at++] = END;
  return at;
}

/** Writes an `ack` likewise. @param held whole milliseconds, left out when 0 */
export function writeAck(bytes: Uint8Array, at: number, seq: number, held = 0): number {
  at = writeText(bytes, at, ACK);
  at = writeDigits(bytes, at, seq);
  if (held > 0) {
    at = writeText(bytes, at, HELD);
    at = writeDigits(bytes, at, held);
  }
  bytes[at++] = END;
  return at;
}

function writeText(bytes: Uint8Array, at: number, text: Uint8Array): number {
  for (let index = 0; index < text.length; index++) bytes[at++] = text[index];
  return at;
}

function writeDigits(bytes: Uint8Array, at: number, value: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest /= 10) end++;
  for (let index = end - 1; index >= at; index--) {
    bytes[index] = ZERO + value % 10;
    value = Math.floor(value / 10);
  }
  return end;
}

/** A whole number as JSON allows it, without leading zeros. */
function digits(bytes: Uint8Array, at: number, end: number): number | undefined {
  const count = end - at;
  if (count < 1 || count > MAX_DIGITS || (bytes[at] === ZERO && count > 1)) return undefined;
  if (endOfDigits(bytes, at) !== end) return undefined;
  return value(bytes, at, end);
}

function value(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (; at < end; at++) value = value * 10 + bytes[at] - ZERO;
  return value;
}

function endOfDigits(bytes: Uint8Array, at: number): number {
  while (bytes[at] >= ZERO && bytes[at] <= NINE) at++;
  return at;
}

function begins(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[at + index] !== text[index]) return false;
  }
  return true;
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
