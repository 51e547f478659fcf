/**
 * The line to the sender: this page is a sender of docs/protocol.md, over a WebSocket, and the
 * program is its viewer. At most two frames are under way, so that the line decides how many go.
 *
 * @module
 */

import { decode, encode, now } from "../page/wire.js";
import { PostSocket } from "./post_socket.js";

/** Frames that may be under way: one on the line, and one that is acknowledged. */
const MAX_UNDER_WAY = 2;
/** The sender pings every second: after this silence we connect again. */
const LOST_MS = 5000;
/** Sound is dropped while more bytes wait for the line, which are more than two pictures. */
const MAX_WAITING_BYTES = 512 * 1024;
/** The first byte of a message with sound. */
const SOUND = 0x53;
/** Delays before connecting again: each is twice the one before, up to the longest. */
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;

/** A connection that comes back by itself. */
export class Line {
  /** Milliseconds from capture to acknowledgement, of the last frame. */
  delayMs = undefined;
  /** Frames acknowledged. */
  frames = 0;

  #onChange;
  #onReady;
  #first;
  #canPost;
  #socket;
  #state = "connecting";
  #reason = "";
  /** Whether the browser refuses a WebSocket to this sender. */
  #usesPosts = false;
  #hadSocket = false;
  #hasHello = false;
  #wantsSound = false;
  #soundSeq = 0;
  #stream = { name: "", live: false, reason: "it is starting" };
  #seq = 0;
  /** Capture times of the frames under way, by number. */
  #underWay = new Map();
  #heardAt = 0;
  #waitMs = FIRST_DELAY_MS;
  #timer;

  /**
   * @param {{onChange: () => void, onReady: () => void, first?: () => object, canPost?: boolean}}
   * options `onReady` is called when a frame may be sent; `first` gives the first message of each
   * connection, if there is one; `canPost`: whether requests may take the place of a WebSocket
   */
  constructor({ onChange, onReady, first, canPost = true }) {
    this.#onChange = onChange;
    this.#onReady = onReady;
    this.#first = first;
    this.#canPost = canPost;
    setInterval(() => this.#check(), 1000);
  }

  /** `connecting`, `open`, `offline`, or `replaced` by another phone. */
  get state() {
    return this.#state;
  }

  /** Whether the other end wants sound; undefined until it has said so. */
  get wantsSound() {
    return this.#hasHello ? this.#wantsSound : undefined;
  }

  /** Why it is not open. */
  get reason() {
    return this.#reason;
  }

  /** Whether a frame may be sent now. */
  get isReady() {
    return this.#state === "open" && this.#underWay.size < MAX_UNDER_WAY;
  }

  /** Connects. */
  connect() {
    this.close("connecting");
    const socket = this.#socket = this.#usesPosts
      ? new PostSocket(new URL("line", document.baseURI))
      : this.#webSocket();
    this.#hasHello = this.#wantsSound = false;
    this.#underWay.clear();
    this.#heardAt = performance.now();
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#heardAt = performance.now();
      for (const message of decode(data)) this.#receive(message);
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      // A WebSocket that has worked once will work again.
      if (this.#canPost && !this.#hasHello && !this.#hadSocket) this.#usesPosts = !this.#usesPosts;
      this.#retry();
    };
  }

  #webSocket() {
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    if (this.#first) socket.onopen = () => socket.send(encode(this.#first()));
    return socket;
  }

  /** Closes it, for now or for good. */
  close(state) {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#become(state);
  }

  /**
   * Says what the picture is.
   *
   * @param {{name: string, live: boolean, reason: string, sound?: object}} stream `reason`: why it
   * is not live
   */
  describe(stream) {
    const isSame = JSON.stringify(stream) === JSON.stringify(this.#stream);
    this.#stream = stream;
    if (!isSame && this.#hasHello) this.#send(this.#streamMessage());
  }

  /**
   * Sends a frame.
   *
   * @param {Uint8Array} jpeg
   * @param {number} time when it was captured, in milliseconds since the Unix epoch
   */
  send(jpeg, time) {
    if (!this.isReady) return;
    const seq = this.#seq++;
    this.#underWay.set(seq, time);
    const info = encode({ type: "frame", seq, time });
    const message = new Uint8Array(info.length + 4 + jpeg.length);
    message.set(info);
    new DataView(message.buffer).setUint32(info.length, jpeg.length);
    message.set(jpeg, info.length + 4);
    this.#socket.send(message);
  }

  /**
   * Sends a packet of sound, if it is wanted and can leave.
   *
   * @param {{data: Uint8Array, time: number, level: number}} packet
   */
  sendSound({ data, time, level }) {
    if (this.#state !== "open" || !this.#wantsSound) return;
    if (this.#socket.bufferedAmount > MAX_WAITING_BYTES) return;
    const message = new Uint8Array(4 + 14 + data.length);
    const view = new DataView(message.buffer);
    view.setUint32(0, 14 + data.length);
    view.setUint8(4, SOUND);
    view.setUint8(5, level);
    view.setUint32(6, this.#soundSeq++);
    view.setBigUint64(10, BigInt(Math.round(time * 1000)));
    message.set(data, 18);
    this.#socket.send(message);
  }

  #receive(message) {
    switch (message.type) {
      case "hello":
        this.#hasHello = true;
        this.#hadSocket ||= !this.#usesPosts;
        this.#wantsSound = message.sound === true;
        this.#waitMs = FIRST_DELAY_MS;
        this.#send(this.#streamMessage());
        this.#become("open");
        this.#onReady();
        break;
      case "ping":
        this.#send({ type: "pong", time: message.time, clock: now() });
        break;
      case "ack": {
        const time = this.#underWay.get(message.seq);
        if (time !== undefined) this.delayMs = now() - time;
        for (const seq of this.#underWay.keys()) {
          if (seq > message.seq) continue;
          this.#underWay.delete(seq);
          this.frames++;
        }
        this.#onReady();
        break;
      }
      case "bye":
        this.close("replaced");
        this.#become("replaced", message.reason);
        break;
    }
  }

  #streamMessage() {
    return { type: "stream", version: 1, ...this.#stream };
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(message));
  }

  #check() {
    const isSilent = performance.now() - this.#heardAt > LOST_MS;
    if (this.#socket !== undefined && isSilent) this.#retry();
  }

  #retry() {
    this.close("offline");
    this.#become("offline", "The sender cannot be reached. Trying again.");
    this.#timer = setTimeout(() => this.connect(), this.#waitMs * (0.75 + Math.random() / 2));
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_DELAY_MS);
  }

  #become(state, reason = "") {
    // The reason stays on show until another attempt has succeeded.
    if (state === "connecting" && this.#state === "offline") return;
    this.#state = state;
    this.#reason = reason;
    this.#onChange();
  }
}
