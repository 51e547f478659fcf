/**
 * What must hold of the parsers of HTTP requests and WebSocket frames, whatever comes.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { MAX_BODY_BYTES, parseHead, RequestError } from "../../lib/http/request.ts";
import { Opcode, WebSocketError, WebSocketReader } from "../../lib/http/websocket_frames.ts";
import { ProtocolError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { encodeControl, MessageReader } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { join, jpeg } from "../support/jpegs.ts";
import { clientFrame } from "../support/websocket.ts";
import { mutate, mutateText } from "./mutate.ts";
import type { Target } from "./target.ts";

const HEADS = [
  "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: */*",
  "POST /session HTTP/1.1\r\nHost: camera.local\r\nContent-Length: 43\r\nExpect: 100-continue",
  "GET http://[::1]:8080/stream.mjpg?camera=T%C3%BCr HTTP/1.0\nCookie: camcat-8080=1.ab; a=b",
  "POST /session HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked",
];

const MAX_MESSAGE_BYTES = 500;
const FRAMES = [
  clientFrame(Opcode.BINARY, new Uint8Array([0, 0, 0, 2, 0x7b, 0x7d])),
  clientFrame(Opcode.BINARY, new Uint8Array(300)),
  clientFrame(Opcode.BINARY, new Uint8Array(4), { isFinal: false }),
  clientFrame(Opcode.CONTINUATION, new Uint8Array(5)),
  clientFrame(Opcode.PING, new Uint8Array(125)),
  clientFrame(Opcode.CLOSE, new Uint8Array([3, 232])),
];

/** All that a reader makes of bytes that arrive in pieces, with the error at the end, if any. */
function readFrames(pieces: Iterable<Uint8Array>): unknown[] {
  const reader = new WebSocketReader(MAX_MESSAGE_BYTES);
  const seen: [number, string][] = [];
  try {
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0;) {
        const space = reader.space();
        assert(space.length > 0, "a frame that is not complete leaves room");
        const part = rest.subarray(0, space.length);
        space.set(part);
        reader.commit(part.length);
        rest = rest.subarray(part.length);
        for (let frame; (frame = reader.next()) !== undefined;) {
          assert(frame.payload.length <= MAX_MESSAGE_BYTES);
          const last = seen.at(-1);
          // Data come in pieces: only their bytes count.
          if (last?.[0] === Opcode.BINARY && frame.opcode === Opcode.BINARY) {
            last[1] += frame.payload.toHex();
          } else seen.push([frame.opcode, frame.payload.toHex()]);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof WebSocketError)) throw error;
    seen.push([error.code, ""]);
  }
  return seen;
}

const STREAM: Control = { type: "stream", version: 1, name: "phone", live: true, reason: "" };

/** A phone's frames and messages, as its page sends them: some in one WebSocket message, some apart. */
const PHONE = [
  clientFrame(Opcode.BINARY, encodeControl(STREAM)),
  clientFrame(Opcode.BINARY, join(encodeControl({ type: "frame", seq: 7, time: 1.5 }), framed())),
  clientFrame(Opcode.BINARY, framed().subarray(0, 9), { isFinal: false }),
  clientFrame(Opcode.CONTINUATION, framed().subarray(9)),
  clientFrame(Opcode.PING, new Uint8Array(3)),
];

/** A small JPEG with its length. */
function framed(): Uint8Array<ArrayBuffer> {
  const picture = jpeg();
  return join(0, 0, picture.length >> 8, picture.length & 0xff, picture);
}

/** All that comes from a phone's bytes; only the error, if there is one. */
function readPhone(pieces: Iterable<Uint8Array>): unknown[] {
  const socket = new WebSocketReader(MAX_MESSAGE_BYTES);
  const reader = new MessageReader({ maxFrameBytes: 300 });
  const seen: unknown[] = [];
  const take = (bytes: Uint8Array) => {
    for (let rest = bytes; rest.length > 0;) {
      const part = rest.subarray(0, reader.space().length);
      reader.space().set(part);
      rest = rest.subarray(part.length);
      for (const message of reader.commit(part.length)) {
        seen.push(message instanceof Frame ? message.jpeg.toHex() : message);
      }
    }
  };
  try {
    for (const piece of pieces) {
      for (let rest = piece; rest.length > 0;) {
        const part = rest.subarray(0, socket.space().length);
        socket.space().set(part);
        socket.commit(part.length);
        rest = rest.subarray(part.length);
        for (let frame; (frame = socket.next()) !== undefined;) {
          if (frame.opcode === Opcode.BINARY) take(frame.payload);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof WebSocketError || error instanceof ProtocolError)) throw error;
    return [error.name];
  }
  return seen;
}

/** The targets, by name. */
export const HTTP_TARGETS: Record<string, Target> = {
  request: {
    make: (random) => new TextEncoder().encode(mutateText(random, random.pick(HEADS), HEADS)),
    check(input) {
      try {
        const { method, url, host, bodyBytes, headers } = parseHead(
          new TextDecoder("latin1").decode(input),
        );
        assert(/^[A-Z]+$/.test(method) && url.pathname.startsWith("/"), `${method} ${url}`);
        assert(bodyBytes >= 0 && bodyBytes <= MAX_BODY_BYTES && Number.isInteger(bodyBytes));
        assert(!headers.has("transfer-encoding"));
        for (const text of [host, ...[...headers].flat()]) {
          // deno-lint-ignore no-control-regex -- a lone CR or LF would begin another field
          assert(!/[\x00\r\n]/.test(text), JSON.stringify(text));
        }
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        assert(error.status >= 400 && error.status < 500);
      }
    },
  },
  websocket: {
    make(random) {
      const frames = Array.from({ length: 1 + random.below(6) }, () => random.pick(FRAMES));
      return random.below(4) === 0 ? join(...frames) : mutate(random, join(...frames), FRAMES);
    },
    check(input, random) {
      const whole = readFrames([input]);
      assertEquals(readFrames(random.pieces(input)), whole);
      assertEquals(readFrames(Array.from(input, (byte) => Uint8Array.of(byte))), whole);
    },
  },
  phone: {
    make(random) {
      const frames = Array.from({ length: 1 + random.below(6) }, () => random.pick(PHONE));
      return random.below(4) === 0 ? join(...frames) : mutate(random, join(...frames), PHONE);
    },
    check(input, random) {
      const whole = readPhone([input]);
      assertEquals(readPhone(random.pieces(input)), whole);
      assertEquals(readPhone(Array.from(input, (byte) => Uint8Array.of(byte))), whole);
    },
  },
};
