/**
 * What ffmpeg reports of a source when it has opened it.
 *
 * @module
 */

/** What ffmpeg found in a file or at a URL. */
export interface StreamFacts {
  /** ffmpeg's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** ffmpeg's name of the video codec: `h264`. */
  codec: string;
  /** How long it plays, in seconds; undefined for live streams and where it is unknown. */
  seconds?: number;
  /** Lines of the picture; undefined where ffmpeg does not know. */
  height?: number;
  /** Whether the video is a picture that belongs to something else, such as cover art. */
  isAttached: boolean;
}

/** Reads the lines that ffmpeg prints for its first input ("Stream #0:0: Video: ..."). */
export class StreamReport {
  /** The first video stream; undefined if ffmpeg ended before it reported one. */
  readonly facts: Promise<StreamFacts | undefined>;
  /** Whether there is sound too. */
  readonly hasSound: Promise<boolean>;
  #resolve: (facts: StreamFacts | undefined) => void;
  #resolveSound: (hasSound: boolean) => void;
  #container = "";
  #seconds: number | undefined;

  /** Stands before the first line. */
  constructor() {
    const { promise, resolve } = Promise.withResolvers<StreamFacts | undefined>();
    this.facts = promise;
    this.#resolve = resolve;
    const sound = Promise.withResolvers<boolean>();
    this.hasSound = sound.promise;
    this.#resolveSound = sound.resolve;
  }

  /** Reads the next line. */
  take(line: string): void {
    this.#container = /^Input #0, (\S+), from /.exec(line)?.[1] ?? this.#container;
    const duration = /^ {2}Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(line)?.slice(1).map(Number);
    if (duration !== undefined) {
      this.#seconds = duration[0] * 3600 + duration[1] * 60 + duration[2];
    }
    if (/^\s+Stream #0:\d+\S*: Audio: (?!none)/.test(line)) this.#resolveSound(true);
    if (line === "Stream mapping:") this.#resolveSound(false); // it follows the list of streams
    const video = /^\s+Stream #0:\d+\S*: Video: (\w+)(.*)/.exec(line);
    if (video === null) return;
    const [, codec, rest] = video;
    const height = /, \d{1,5}x(\d{1,5})(?=[, ]|$)/.exec(rest)?.[1];
    this.#resolve({
      container: this.#container,
      codec,
      ...(this.#seconds === undefined ? {} : { seconds: this.#seconds }),
      ...(height === undefined ? {} : { height: Number(height) }),
      isAttached: rest.includes("(attached pic)"),
    });
  }

  /** Says that no more lines come. */
  end(): void {
    this.#resolve(undefined);
    this.#resolveSound(false);
  }
}
