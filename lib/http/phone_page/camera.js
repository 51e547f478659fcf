/**
 * The camera of this browser, as JPEGs.
 *
 * @module
 */

const DEFAULT_PICTURE = { width: 1280, height: 720, fps: 30, quality: 80 };

/** {@linkcode Camera.problem} while the camera is opened. */
export const STARTING = "it is starting";

/** Why the camera cannot be had, by the name of the error (W3C Media Capture, getUserMedia). */
const REASONS = {
  NotAllowedError: "Allow this page to use the camera: in the browser's settings for this site, " +
    "or in those of the phone for the browser.",
  NotFoundError: "There is no camera.",
  NotReadableError: "Another app uses the camera. Close it, and try again.",
};

/** Gives the newest picture whenever one is wanted; pictures that nobody wants are not encoded. */
export class Camera {
  /** `user` for the camera beside the screen, `environment` for the one at the back. */
  facing = "environment";
  /** Why there is no picture; empty if there is one. */
  problem = STARTING;
  /** Factors for the quality and for both sides of the pictures. */
  factors = { quality: 1, scale: 1 };
  /** Pictures that the camera has had. */
  offered = 0;
  /** Why the user must do something about it; empty if not. */
  advice = "";

  #video;
  #canvas = document.createElement("canvas");
  #context = this.#canvas.getContext("2d", { alpha: false });
  #picture = DEFAULT_PICTURE;
  #onChange;
  #onPicture;
  #track;
  /** When the picture that was not taken yet was captured. */
  #capturedAt;
  #dueAt = 0;
  #isEncoding = false;

  /**
   * @param {HTMLVideoElement} video shows what the camera sees
   * @param {{onChange: () => void, onPicture: () => void}} options `onPicture` is called when there
   * is a new picture
   */
  constructor(video, { onChange, onPicture }) {
    this.#video = video;
    this.#onChange = onChange;
    this.#onPicture = onPicture;
    this.#watchFrames();
  }

  /** Its size, as `1280x720`; empty without a picture. */
  get size() {
    const { width, height } = this.#canvas;
    return this.problem === "" ? `${width}x${height}` : "";
  }

  /** Whether it has a light. */
  get hasLight() {
    return this.#track?.getCapabilities?.().torch === true;
  }

  /** Whether there is a picture to take. */
  get hasPicture() {
    return this.#capturedAt !== undefined && !this.#isEncoding && this.problem === "";
  }

  /**
   * Opens the camera.
   *
   * @param {{width?: number, height?: number, fps?: number, quality?: number}} picture
   */
  async open(picture) {
    this.close(STARTING);
    this.#picture = { ...DEFAULT_PICTURE, ...picture };
    const { width, height, fps } = this.#picture;
    const attempt = this.#track = {};
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: {
          facingMode: { ideal: this.facing },
          width: { ideal: picture.height && !picture.width ? undefined : width },
          height: { ideal: picture.width && !picture.height ? undefined : height },
          frameRate: { ideal: fps },
        },
      });
      const [track] = stream.getVideoTracks();
      if (this.#track !== attempt) return track.stop(); // it was closed meanwhile
      this.#track = track;
      this.facing = track.getSettings().facingMode ?? this.facing;
      track.onended = () => this.#fail("its camera was taken away");
      track.onmute = () => this.#fail("its camera was paused");
      track.onunmute = () => this.#fail("");
      this.#video.srcObject = stream;
      await this.#video.play().catch(() => {}); // it plays by itself
      this.#fail("");
    } catch (error) {
      if (this.#track !== attempt) return;
      this.advice = REASONS[error.name] ?? `The browser says: ${error.message}`;
      this.#fail("its camera cannot be opened");
    }
  }

  /** Closes the camera. @param {string} problem why */
  close(problem) {
    this.#track?.stop?.();
    this.#track = undefined;
    this.#video.srcObject = null;
    this.#capturedAt = undefined;
    this.advice = "";
    this.#fail(problem);
  }

  /** Whether the camera has to be opened again. */
  get isClosed() {
    return this.#track?.readyState !== "live";
  }

  /** Turns the light on or off. */
  async light(isOn) {
    await this.#track?.applyConstraints?.({ advanced: [{ torch: isOn }] });
  }

  /**
   * Takes the newest picture; call it only while there is one.
   *
   * @returns {Promise<{jpeg: Uint8Array, time: number} | undefined>} `time` in milliseconds since
   * the Unix epoch
   */
  async take() {
    const time = performance.timeOrigin + this.#capturedAt;
    this.#capturedAt = undefined;
    this.#isEncoding = true;
    try {
      this.#fit();
      const { width, height } = this.#canvas;
      this.#context.drawImage(this.#video, 0, 0, width, height);
      const quality = this.#picture.quality / 100 * this.factors.quality;
      const blob = await new Promise((done) => this.#canvas.toBlob(done, "image/jpeg", quality));
      return blob && { jpeg: new Uint8Array(await blob.arrayBuffer()), time };
    } finally {
      this.#isEncoding = false;
    }
  }

  /** Gives the canvas the shape of the video, which turns with the phone, and no more pixels than asked for. */
  #fit() {
    const { videoWidth, videoHeight } = this.#video;
    const { width, height } = this.#picture;
    const [long, short] = [Math.max(width, height), Math.min(width, height)];
    const scale = this.factors.scale * Math.min(
      1,
      long / Math.max(videoWidth, videoHeight),
      short / Math.min(videoWidth, videoHeight),
    );
    const [w, h] = [videoWidth, videoHeight].map((side) => Math.max(1, Math.round(side * scale)));
    if (this.#canvas.width === w && this.#canvas.height === h) return;
    [this.#canvas.width, this.#canvas.height] = [w, h];
  }

  /** Notes each frame of the video, when the browser has one. */
  #watchFrames() {
    const video = this.#video;
    const note = (time) => {
      if (video.videoWidth > 0 && this.problem === "" && this.#isDue(time)) {
        this.#capturedAt = time;
        this.offered++;
        this.#onPicture();
      }
    };
    if (video.requestVideoFrameCallback === undefined) {
      let last = -1;
      const look = (time) => {
        if (video.currentTime !== last) note(time);
        last = video.currentTime;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
      return;
    }
    const next = (time, { captureTime }) => {
      video.requestVideoFrameCallback(next);
      note(captureTime ?? time);
    };
    video.requestVideoFrameCallback(next);
  }

  /** Whether a picture is one of those asked for: cameras have the rates that they have. */
  #isDue(time) {
    const interval = 1000 / this.#picture.fps;
    if (time < this.#dueAt - interval / 2) return false;
    this.#dueAt = Math.max(this.#dueAt + interval, time + interval / 2);
    return true;
  }

  #fail(problem) {
    this.problem = problem;
    this.#onChange();
  }
}
