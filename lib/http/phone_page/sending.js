/**
 * Sends the pictures of a camera, and the sound of a microphone, as well as the line takes them.
 *
 * @module
 */

import { Camera, STARTING } from "./camera.js";
import { Coarseness } from "./coarseness.js";
import { Line } from "./line.js";
import { Microphone } from "./microphone.js";

/** How long the camera may take to start, or to be turned, until viewers see NO SIGNAL. */
const START_MS = 2000;

/** The camera and the microphone of a browser, and their line. */
export class Sending {
  /** What viewers see as the name of the picture. */
  name = "";
  /** Whether viewers are told that there is sound. */
  hasSound = false;
  /** Whether pictures are made smaller and coarser where few of them get through. */
  adapts = true;

  #coarseness = new Coarseness();
  #before = { offered: 0, frames: 0 };
  #openedAt = 0;
  #onChange;

  /**
   * @param {HTMLVideoElement} video shows what the camera sees
   * @param {{onChange: () => void, cancelsEcho?: boolean, first?: () => object, canPost?: boolean}}
   * options those of {@linkcode Line} and {@linkcode Microphone}
   */
  constructor(video, { onChange, cancelsEcho, first, canPost }) {
    this.#onChange = onChange;
    this.line = new Line({ onChange, onReady: () => this.#pump(), first, canPost });
    this.camera = new Camera(video, {
      onChange: () => this.tell(),
      onPicture: () => this.#pump(),
    });
    this.microphone = new Microphone({
      onChange: () => this.tell(),
      onPacket: (packet) => this.line.sendSound(packet),
      cancelsEcho,
    });
  }

  /** Opens the camera. @param {object} picture see {@linkcode Camera.open} */
  async openCamera(picture) {
    this.#openedAt = performance.now();
    setTimeout(() => this.tell(), START_MS + 50);
    await this.camera.open(picture);
  }

  /** Tells viewers whether there are pictures and sound, and why not. */
  tell() {
    const { camera, microphone } = this;
    const isStarting = camera.problem === STARTING && performance.now() - this.#openedAt < START_MS;
    const problem = isStarting ? "" : camera.problem;
    const reason = document.hidden ? "its page is not on show, or its screen is off" : problem;
    const silence = microphone.isMuted ? "its user has muted the microphone" : microphone.problem;
    this.line.describe({
      name: this.name,
      live: reason === "",
      reason,
      ...(this.hasSound ? { sound: { channels: 1, live: silence === "", reason: silence } } : {}),
    });
    this.#onChange();
  }

  /** Chooses the size and the quality of the pictures; once a second. */
  tick() {
    const { offered } = this.camera;
    const { frames, state } = this.line;
    const isLive = state === "open" && this.camera.problem === "" && !document.hidden;
    if (isLive && this.adapts) {
      this.#coarseness.second(offered - this.#before.offered, frames - this.#before.frames);
    }
    this.#before = { offered, frames };
    this.camera.factors = this.#coarseness.factors;
  }

  /** Sends pictures while there are new ones, and the line takes them. */
  async #pump() {
    const { line, camera } = this;
    if (!line.isReady || !camera.hasPicture || document.hidden) return;
    const taken = await camera.take();
    if (taken !== undefined && taken !== null) line.send(taken.jpeg, taken.time);
    this.#pump();
  }
}
