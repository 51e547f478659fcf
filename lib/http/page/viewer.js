/**
 * Shows the newest frame of one camera, or why there is none.
 *
 * @module
 */

import { ClockSync, decode, encode, now } from "./wire.js";

/** The sender answers our pings: after this time with neither an answer nor a due frame, it is silent. */
const SILENT_MS = 2000;
/** How often to check that. */
const CHECK_MS = 250;
/** After this silence we reconnect. */
const LOST_MS = 10_000;
/** How many of the latest intervals between frames say when the next is due. */
const INTERVALS = 8;
/** Delays before reconnecting: each is twice the one before, up to the longest. */
const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;

/**
 * Draws into a canvas. At most one frame waits; a newer one replaces it. Drawn frames are
 * acknowledged, so that the sender sends no more than can be drawn.
 */
export class Viewer {
  /** The camera's name. */
  name = "";
  /** The JPEG on show, as received, and when it was captured, on our clock. */
  shown = undefined;
  /** What the sender says of the camera's sound; undefined if it has none. */
  sound = undefined;
  /** When the last live picture was captured, on our clock. */
  liveAt = undefined;
  /** Frames drawn, and frames captured but not drawn. */
  frames = 0;
  drops = 0;

  #context;
  #onChange;
  #authorize;
  #first;
  #camera;
  #state = "connecting";
  #reason = "";
  #socket;
  #clock;
  #next;
  /** The size that the sender was told last. */
  #adapt;
  #isDrawing = false;
  #lastSeq;
  #isLive = false;
  #receivedAt = 0;
  /** When the last frame arrived on this connection, and the intervals between the last few. */
  #framedAt;
  #intervals = [];
  #hasDrawn = false;
  #wasSilent = false;
  /** Times from capture to the canvas since the last tick. */
  #latencies = [];
  #delayMs = FIRST_DELAY_MS;
  #timer;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onChange: () => void, authorize?: () => Promise<boolean>, first?: () => object}} options
   * `authorize` says whether we may watch, and rejects if the sender cannot be reached; `first`
   * gives a message that goes before our hello
   */
  constructor(canvas, { onChange, authorize = () => Promise.resolve(true), first }) {
    this.#context = canvas.getContext("2d", { alpha: false });
    this.#onChange = onChange;
    this.#authorize = authorize;
    this.#first = first;
    setInterval(() => this.#tick(), 1000);
    setInterval(() => this.#checkSilence(), CHECK_MS);
  }

  /**
   * `connecting`, `waiting` for the first picture, `live`, `silent` when the sender does not answer,
   * `lost`, `offline`, `locked`, or `paused`.
   */
  get state() {
    if (this.#state !== "live") return this.#state;
    if (!this.#hasDrawn) return "waiting";
    return this.#isSilent ? "silent" : "live";
  }

  /** Frames of a slow camera, or over a slow network, are due later: at the pace seen. */
  get #isSilent() {
    return performance.now() - this.#receivedAt > SILENT_MS + Math.max(0, ...this.#intervals);
  }

  /** Why it is not live, if known. */
  get reason() {
    return this.#reason;
  }

  /** The median time from capture to the canvas in the last second; undefined if not live. */
  get latencyMs() {
    return this.#latencies.toSorted((a, b) => a - b)[this.#latencies.length >> 1];
  }

  /** Starts or resumes watching. @param {string | undefined} camera undefined for the first */
  async watch(camera = this.#camera) {
    this.stop("connecting");
    if (camera !== this.#camera) this.liveAt = undefined;
    this.#camera = camera;
    const attempt = this.#socket = {};
    let mayWatch;
    try {
      mayWatch = await this.#authorize();
    } catch {
      if (this.#socket === attempt) this.#retry("The sender cannot be reached.");
      return;
    }
    if (this.#socket !== attempt) return; // watch() or stop() was called meanwhile
    if (mayWatch) this.#connect();
    else this.stop("locked");
  }

  /** Stops watching; the picture stays. */
  stop(state) {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = this.#next = undefined;
    this.#latencies = [];
    if (socket instanceof WebSocket) socket.close();
    this.#become(state);
  }

  #connect() {
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = this.#socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#clock = new ClockSync();
    this.#lastSeq = undefined;
    this.#framedAt = undefined;
    this.#intervals = [];
    this.#hasDrawn = false;
    this.#receivedAt = performance.now();
    socket.onopen = () => {
      this.#adapt = this.#shownSize();
      const hello = { type: "hello", version: 1, camera: this.#camera, adapt: this.#adapt };
      const messages = this.#first ? [this.#first(), hello] : [hello];
      socket.send(new Blob(messages.map(encode))); // together, so that neither is late
      this.#ping();
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      this.#receivedAt = performance.now();
      for (const message of decode(data)) this.#receive(message);
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#retry("The sender cannot be reached.");
    };
  }

  #receive(message) {
    if (message instanceof Uint8Array) {
      if (this.#next?.jpeg) this.drops++;
      if (this.#next) this.#next = { ...this.#next, jpeg: message, receivedAt: performance.now() };
      this.#draw();
      return;
    }
    switch (message.type) {
      case "stream":
        this.name = message.name;
        this.sound = message.sound;
        this.#isLive = message.live;
        this.#delayMs = FIRST_DELAY_MS;
        this.#become(message.live ? "live" : "lost", message.reason);
        break;
      case "frame":
        if (this.#framedAt !== undefined) {
          this.#intervals.push(this.#receivedAt - this.#framedAt);
          if (this.#intervals.length > INTERVALS) this.#intervals.shift();
        }
        this.#framedAt = this.#receivedAt;
        if (this.#next !== undefined) this.drops++;
        if (this.#lastSeq !== undefined) this.drops += message.seq - this.#lastSeq - 1;
        this.#lastSeq = message.seq;
        this.#next = {
          seq: message.seq,
          time: message.time,
          isLive: this.#isLive,
          receivedAt: performance.now(),
        };
        break;
      case "ping":
        this.#clock.ping(message, now());
        this.#send({ type: "pong", time: message.time, clock: now() });
        break;
      case "pong":
        this.#clock.pong(message, now());
        break;
      case "bye":
        this.#retry(message.reason);
        break;
    }
  }

  async #draw() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    while (this.#next?.jpeg !== undefined) {
      const socket = this.#socket;
      const { jpeg, seq, time, isLive, receivedAt } = this.#next;
      this.#next = undefined;
      const picture = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }))
        .catch(() => undefined); // a broken one is acknowledged, too
      if (socket === this.#socket) {
        if (picture !== undefined) this.#show(picture, jpeg, time, isLive);
        // How long drawing took is not the link's fault.
        this.#send({ type: "ack", seq, held: Math.round(performance.now() - receivedAt) });
      }
      picture?.close();
    }
    this.#isDrawing = false;
  }

  #show(picture, jpeg, time, isLive) {
    const { canvas } = this.#context;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      [canvas.width, canvas.height] = [picture.width, picture.height];
    }
    this.#context.drawImage(picture, 0, 0);
    const wasWaiting = this.state !== this.#state;
    const { offsetMs } = this.#clock;
    this.#hasDrawn = true;
    if (isLive && offsetMs !== undefined) this.#latencies.push(now() + offsetMs - time);
    this.shown = { jpeg, capturedAt: time - (offsetMs ?? 0) };
    if (isLive) this.liveAt = this.shown.capturedAt;
    this.frames++;
    if (wasWaiting) this.#onChange();
  }

  #send(message) {
    if (this.#socket instanceof WebSocket && this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(encode(message));
    }
  }

  #ping() {
    this.#send({ type: "ping", time: now() });
  }

  /**
   * The size at which the picture is shown, in pixels of the screen, in steps of 160: the sender
   * need not send more where the link is slow, nor where the window is small.
   */
  #shownSize() {
    const { width, height } = this.#context.canvas.parentElement.getBoundingClientRect();
    const pixels = (length) => Math.max(160, Math.ceil(length * devicePixelRatio / 160) * 160);
    return { width: pixels(width), height: pixels(height) };
  }

  /** Tells the sender when the picture is shown larger or smaller than before. */
  #tellSize() {
    const size = this.#shownSize();
    const isSame = size.width === this.#adapt?.width && size.height === this.#adapt?.height;
    if (isSame || this.#state === "connecting") return;
    this.#adapt = size;
    this.#send({ type: "adapt", ...size });
  }

  /** Reports that the sender is silent, or answers again, at once. */
  #checkSilence() {
    const isSilent = this.state === "silent";
    if (isSilent !== this.#wasSilent) this.#onChange();
    this.#wasSilent = isSilent;
  }

  #tick() {
    this.#ping();
    this.#tellSize();
    if (
      this.#socket instanceof WebSocket && performance.now() - this.#receivedAt > LOST_MS
    ) this.#retry(`The sender has sent nothing for ${LOST_MS / 1000} s.`);
    this.#onChange();
    this.#latencies = [];
  }

  #retry(reason) {
    this.stop("offline");
    this.#become("offline", reason);
    this.#timer = setTimeout(() => this.#reconnect(), this.#delayMs * (0.75 + Math.random() / 2));
    this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
  }

  /** Tries again; the reason stays on show until that has succeeded. */
  async #reconnect() {
    const reason = this.#reason;
    const watching = this.watch();
    this.#become("offline", reason);
    await watching;
  }

  #become(state, reason = "") {
    this.#state = state;
    this.#reason = reason;
    this.#onChange();
  }
}
