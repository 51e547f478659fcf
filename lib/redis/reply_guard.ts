/**
 * Bounds on what a broker may send at once.
 *
 * The client library keeps what it reads until a reply or a message is whole, however large a server
 * says that will be. So every length is read here first (RESP, "Redis serialization protocol
 * specification"). Whatever the library could read in another way is refused.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import { formatBytes } from "../base/quantity.ts";
import { MAX_FRAME_BYTES } from "../jpeg/frame.ts";

/** The most bytes of a reply: the largest frame, and what may be around it. */
export const MAX_REPLY_BYTES = MAX_FRAME_BYTES + 64 * 1024;
/** The most values in one reply. `SCAN` and `CLUSTER SLOTS` give some thousand. */
const MAX_VALUES = 100_000;
/** The longest line. */
const MAX_LINE_BYTES = 64 * 1024;
/** Bytes of a line that are read: a type and a length. */
const HEAD_BYTES = 16;
/** What begins a value that the library reads. */
const TYPES = "+-:,(_#$=!*~>%";
const LF = 10;
const CR = 13;

/** Follows the bytes that a server sends. */
export class ReplyGuard {
  /** Replies and messages that are whole. */
  replies = 0;

  /** Bytes of a string and its line break that are still to come. */
  #skipped = 0;
  /** The begin of the line that is being read, its length, and whether it has had a CR. */
  #head = "";
  #lineBytes = 0;
  #hasReturn = false;
  /** Of the reply that is being read. */
  #bytes = 0;
  #values = 0;
  #missing = 1;

  /**
   * Takes the next bytes.
   *
   * @throws {ProtocolError} if a reply is larger than any that makes sense, or is none
   */
  check(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#skipped > 0) {
        const count = Math.min(this.#skipped, chunk.length - at);
        at += count;
        this.#skipped -= count;
        if (this.#skipped === 0) this.#endValue(0);
        continue;
      }
      const end = chunk.indexOf(LF, at);
      const part = chunk.subarray(at, end < 0 ? chunk.length : end);
      this.#readLine(part);
      at += part.length;
      if (end < 0) return;
      at++;
      this.#endLine();
    }
  }

  #readLine(part: Uint8Array): void {
    if (part.length === 0) return;
    // The only CR is the last byte before the LF: the library ends a line at the first CR.
    const returnAt = part.indexOf(CR);
    if (this.#hasReturn || returnAt >= 0 && returnAt < part.length - 1) throw nonsense();
    this.#hasReturn = returnAt >= 0;
    this.#head += String.fromCharCode(...part.subarray(0, HEAD_BYTES - this.#head.length));
    if (!TYPES.includes(this.#head[0])) throw nonsense();
    this.#lineBytes += part.length;
    if (this.#lineBytes > MAX_LINE_BYTES) throw tooLarge(`a line of ${this.#lineBytes} bytes`);
  }

  #endLine(): void {
    if (!this.#hasReturn) throw nonsense();
    const [head, lineBytes] = [this.#head, this.#lineBytes];
    this.#head = "";
    this.#lineBytes = 0;
    this.#hasReturn = false;
    this.#bytes += lineBytes + 1;
    this.#checkBytes(0);
    const length = /^.(\d{1,10})\r$/.exec(head)?.[1];
    switch (head[0]) {
      case "+":
      case "-":
      case ":":
      case ",":
      case "(":
        return this.#endValue(0);
      case "_":
        if (head !== "_\r") throw nonsense();
        return this.#endValue(0);
      case "#":
        if (!/^#[tf]\r$/.test(head)) throw nonsense();
        return this.#endValue(0);
      case "$":
      case "=":
      case "!":
        if (head === "$-1\r") return this.#endValue(0);
        if (length === undefined || head[0] === "=" && Number(length) < 4) throw nonsense();
        this.#checkBytes(Number(length));
        this.#skipped = Number(length) + 2;
        this.#bytes += this.#skipped;
        return;
      case "*":
      case "~":
      case ">":
      case "%":
        if (head === "*-1\r") return this.#endValue(0);
        if (length === undefined) throw nonsense();
        return this.#endValue(Number(length) * (head[0] === "%" ? 2 : 1));
    }
    throw nonsense();
  }

  /** A value has ended, which has so many others in it. */
  #endValue(inner: number): void {
    this.#values += inner;
    if (this.#values > MAX_VALUES) throw tooLarge(`${this.#values} values`);
    this.#missing += inner - 1;
    if (this.#missing > 0) return;
    this.replies++;
    this.#bytes = 0;
    this.#values = 0;
    this.#missing = 1;
  }

  #checkBytes(more: number): void {
    const bytes = this.#bytes + more;
    if (bytes > MAX_REPLY_BYTES) throw tooLarge(formatBytes(bytes));
  }
}

function tooLarge(what: string): ProtocolError {
  return new ProtocolError(
    `it sends ${what} at once, more than any message of camcat has. See "proto-max-bulk-len" in ` +
      "docs/broker.md",
  );
}

function nonsense(): ProtocolError {
  return new ProtocolError("it does not speak the protocol of Redis");
}
