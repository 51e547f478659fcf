/**
 * Captures from a source that is read through a {@linkcode ByteRelay}: JPEGs over HTTP or TCP as
 * cameras write them, one picture at a URL, and video that can be opened only once.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { within } from "../base/within.ts";
import { Frame, MAX_FRAME_BYTES } from "../jpeg/frame.ts";
import { JpegSplitter } from "../jpeg/splitter.ts";
import { FedSound } from "../sound/fed_sound.ts";
import { ByteRelay, type Validators, waitsFor } from "./byte_relay.ts";
import type { BodyHeaders } from "./content.ts";
import { encoded, finished, type FinishOptions, paced } from "./finish.ts";
import { FED_STREAM } from "./media_recipe.ts";
import { OPEN_MS, type Pace } from "./silence.ts";
import { isPipe, type Source, sourceName } from "./source.ts";

/** How often a picture at a URL is asked for, in times per second, unless the user says. */
const POLL_FPS = 1;
/** Frames per second of a file of JPEGs, which holds no times: as ffmpeg assumes. */
const FILE_FPS = 25;

/** How a connection came to its end. */
type Outcome =
  /** It gave one picture: the URL is to be asked again. */
  | "picture"
  /** The picture is still the same. */
  | "unchanged"
  /** It holds a file, which ffmpeg opens by its URL. */
  | "file"
  | "ended"
  | "aborted";

/** Captures from one source, again and again; it remembers what kind of source it is. */
export class RelayCapture {
  #source: Extract<Source, { kind: "file" | "url" }>;
  #pace: Pace;
  #isNoted = false;
  #validators: Validators = {};
  /** The last picture at a URL of one, to be shown as long as it does not change. */
  #last: Uint8Array | undefined;

  /** Captures nothing before {@linkcode RelayCapture.frames}. */
  constructor(source: Extract<Source, { kind: "file" | "url" }>, pace: Pace) {
    this.#source = source;
    this.#pace = pace;
  }

  /**
   * The frames of the source, until it ends or `signal` is aborted.
   *
   * @returns whether it is a file that ffmpeg has to open by its URL
   * @throws {CamcatError} if it cannot be captured, or is lost
   */
  async *frames(options: FinishOptions): AsyncGenerator<Frame, boolean, void> {
    const everyMs = 1000 / (options.fps ?? POLL_FPS);
    for (;;) {
      const startedAt = performance.now();
      const outcome = yield* this.#connection(options);
      if (outcome === "file") return true;
      if (outcome === "ended" || outcome === "aborted") return false;
      if (!this.#isNoted) {
        options.onNote?.(
          `${sourceName(this.#source)} is a single picture: reading it every ${everyMs / 1000} s`,
        );
        this.#isNoted = true;
      }
      if (outcome === "unchanged" && this.#last !== undefined) {
        yield Frame.from(this.#last, { time: now() });
      }
      await wait(startedAt + everyMs - performance.now(), options.signal);
      if (options.signal.aborted) return false;
    }
  }

  async *#connection(options: FinishOptions): AsyncGenerator<Frame, Outcome, void> {
    const source = this.#source;
    const { signal } = options;
    const waiting = waitsFor(source, isPipe(source));
    if (waiting !== undefined) options.onNote?.(waiting);
    const openMs = waiting === undefined ? OPEN_MS : Infinity;
    await using relay = await ByteRelay.open(
      source,
      { ...options, openMs, pace: this.#pace },
      this.#validators,
    );
    const content = await relay.content(waiting === undefined ? this.#pace.limitMs : 2 ** 31 - 1);
    if (signal.aborted) return "aborted";
    if (content === undefined) {
      await within(relay.run.status, OPEN_MS);
      if (relay.httpStatus === 304 && this.#last !== undefined) return "unchanged";
      throw relay.run.explanation(false);
    }
    if (content === "file") return "file";
    const { body } = relay;
    let count = 0;
    await using sound = content === "stream" && options.sound !== undefined
      ? new FedSound(options.sound, options.onLine)
      : undefined;
    const frames = content === "stream"
      ? encoded(sound?.of(relay.bytes()) ?? relay.bytes(), FED_STREAM, source, {
        ...options,
        sound: undefined,
        pace: this.#pace,
      })
      : finished(this.#pictures(relay, options, () => ++count), source, {
        ...options,
        ...(isOnePicture(body) ? { fps: undefined } : {}),
      } as FinishOptions);
    let given = 0;
    for await (const frame of frames) {
      given++;
      if (given === 1 && body.isHttp) this.#last = frame.jpeg.slice();
      yield frame;
    }
    if (signal.aborted) return "aborted";
    if (given === 0) throw relay.run.explanation(false);
    if (body.isHttp && given === 1 && !body.type.startsWith("multipart/")) {
      this.#validators = relay.validators;
      return "picture";
    }
    this.#validators = {};
    if (source.kind === "file") return "ended";
    throw relay.run.explanation(true);
  }

  /** The pictures of a connection, at the pace at which they are to be shown. */
  async *#pictures(
    relay: ByteRelay,
    options: FinishOptions,
    onPicture: () => number,
  ): AsyncGenerator<Frame, void, void> {
    const { body } = relay;
    const frames = relay.frames(new JpegSplitter(options));
    const isFile = body.length !== undefined && !body.type.startsWith("multipart/");
    for await (
      const frame of isFile && !isOnePicture(body)
        ? paced(frames, options.fps ?? FILE_FPS, options.signal)
        : frames
    ) {
      // A depth map or another version of the picture may follow it in the same file.
      if (onPicture() > 1 && isOnePicture(body)) frame.release();
      else yield frame;
    }
  }
}

/** Whether a body holds one picture, by what the server said of it. */
function isOnePicture({ type, length }: BodyHeaders): boolean {
  return /^image\/jpe?g$/.test(type) && length !== undefined && length <= MAX_FRAME_BYTES;
}
