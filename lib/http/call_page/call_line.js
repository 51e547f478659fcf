/**
 * The line of a call, as docs/protocol.md has it, over a WebSocket: rings, and says when the call is
 * over. It comes back by itself when it breaks.
 *
 * @module
 */

import { decode, encode, now } from "../page/wire.js";

/** How long it rings at the other end. */
const RING_MS = 60_000;
const PING_MS = 1000;
/** After so long without a message the line is dead. */
const SILENCE_MS = 10_000;
/** Delays before connecting again: each is twice the one before, up to the longest. */
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;

/** One call. It rings at once. */
export class CallLine {
  /** Its name, which only the two ends know. */
  id = crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + hex(byte), "");
  /** Who has accepted; undefined before. */
  name;
  /** `ringing`, `live`, `lost` while it is waited for, or `over`. */
  state = "ringing";
  /**
   * Why it is over: `refused`, `busy`, `no answer`, `unreachable`, `us` or `them` who have hung up,
   * or `lost`; a sentence where the other end has said one.
   */
  outcome;

  #ownName;
  #waitMs;
  #onChange;
  #socket;
  #heardAt = 0;
  #delayMs = FIRST_DELAY_MS;
  #pinging;
  #giveUp;
  #retry;

  /** @param {{name: string, waitMs: number, onChange: () => void}} options `name`: who calls */
  constructor({ name, waitMs, onChange }) {
    this.#ownName = name;
    this.#waitMs = waitMs;
    this.#onChange = onChange;
    this.#pinging = setInterval(() => this.#tick(), PING_MS);
    this.#giveUp = setTimeout(() => this.#leave("no answer"), RING_MS);
    this.#connect();
  }

  /** Hangs up, or gives up. */
  hangUp() {
    this.#leave("us");
  }

  #connect() {
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.#socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#heardAt = performance.now();
    const again = this.name === undefined ? {} : { again: true };
    socket.onopen = () =>
      this.#send({ type: "ring", version: 1, call: this.id, name: this.#ownName, ...again });
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heardAt = performance.now();
      for (const message of decode(data)) this.#receive(message);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#break();
    };
  }

  #receive(message) {
    switch (message.type) {
      case "accept":
        clearTimeout(this.#giveUp);
        this.name = message.name;
        this.#delayMs = FIRST_DELAY_MS;
        this.#become("live");
        break;
      case "refuse":
        this.#end("refused");
        break;
      case "busy":
        this.#end("busy");
        break;
      case "hangup":
        this.#end(this.name === undefined ? "refused" : "them");
        break;
      case "bye":
        this.#end(message.reason);
        break;
      case "ping":
        this.#send({ type: "pong", time: message.time, clock: now() });
        break;
    }
  }

  /** The connection is lost: the call is waited for, if it was accepted. */
  #break() {
    if (this.name === undefined) return this.#end("unreachable");
    this.#socket = undefined;
    if (this.state !== "lost") {
      this.#giveUp = setTimeout(() => this.#end("lost"), this.#waitMs);
      this.#become("lost");
    }
    this.#retry = setTimeout(() => this.#connect(), this.#delayMs * (0.75 + Math.random() / 2));
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
  }

  #tick() {
    if (this.#socket === undefined) return;
    if (performance.now() - this.#heardAt <= SILENCE_MS) {
      return this.#send({ type: "ping", time: now() });
    }
    this.#socket.onclose = undefined;
    this.#socket.close();
    this.#break();
  }

  #leave(outcome) {
    this.#send({ type: "hangup" });
    this.#end(outcome);
  }

  #end(outcome) {
    if (this.state === "over") return;
    for (const timer of [this.#pinging, this.#giveUp, this.#retry]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.outcome = outcome;
    this.#become("over");
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(message));
  }

  #become(state) {
    this.state = state;
    this.#onChange();
  }
}

function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}
