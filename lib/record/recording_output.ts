/**
 * The output that records frames unmodified, with their times of capture.
 *
 * @module
 */

import { PRIVATE } from "../program/file_access.ts";
import { type Chunk, ChunkBuilder } from "./chunk.ts";
import { CamcatError } from "../base/errors.ts";
import { clockStepMs, now } from "../base/clock.ts";
import type { Status } from "../program/console.ts";
import type { Frame } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { NEVER, type Output } from "../receive/output.ts";
import type { StreamSound } from "../protocol/control.ts";
import type { ReceivedFrame, ReceivedSound, ReceiveEvent } from "../receive/received.ts";
import { type Destination, openDestination } from "./destination.ts";
import { type RecordingEvent, statusOf } from "./recording_event.ts";
import { EarlySound } from "./early_sound.ts";
import type { RecordingOutputOptions } from "./recording_options.ts";
import { RecordingWriter } from "./writer.ts";
import { isOver, type SegmentStart } from "./segment_start.ts";
import { type Timelapse, timelapseOf } from "./timelapse.ts";
import { Timeline } from "./timeline.ts";

/** Default length of a segment, in milliseconds. */
const SEGMENT_MS = 600_000;
/** Most bytes that may wait for the disk. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Most frames that wait until the clocks are synchronised. */
const MAX_EARLY = 32;
const TICK_MS = 500;
/** A chunk is written at this age at the latest, although no further frame comes. */
const MAX_CHUNK_AGE_MS = 1000;
/** Time between two checks that the file is still there and the disk responds, in milliseconds. */
const CHECK_MS = 1000;
const TIDY_MS = 60_000;

/**
 * Records frames. It takes each at once: chunks are written in the background. When too many wait,
 * because the disk is slow or full, frames are lost and counted.
 */
export class RecordingOutput implements Output {
  /** Never: a recording that cannot be written pauses. */
  readonly ended: Promise<never> = NEVER;
  /** Takes sound; undefined if the format of the files holds none. */
  readonly hear: ((sound: ReceivedSound) => void) | undefined;

  #destination: Destination;
  #segmentMs: number;
  #timeline = new Timeline();
  #timelapse: Timelapse | undefined;
  /** Whether the clocks will be synchronised soon; `#early` frames wait for that. */
  #isClockComing = false;
  #early: { frame: Frame; arrivedMs: number }[] = [];
  #earlySound = new EarlySound();
  /** The channels of the sound of the stream. */
  #channels = 0;
  #onEvent: (event: RecordingEvent) => void;
  #chunks: ChunkBuilder;
  #segment: SegmentStart | undefined;
  #writer: RecordingWriter;
  #closed: Promise<void> | undefined;
  #checkedAt = performance.now();
  #tidiedAt = performance.now();
  #ticker: ReturnType<typeof setTimeout>;

  /**
   * Checks that it can record.
   *
   * @param path a file that does not exist yet, or a directory: see {@linkcode openDestination}
   * @throws {UsageError} if it is not a path for a recording
   * @throws {CamcatError} if nothing can be written there
   */
  constructor(
    path: string,
    { segmentMs, keep, naming, access = PRIVATE, onEvent = () => {}, timelapseMs }:
      RecordingOutputOptions = {},
  ) {
    this.#destination = openDestination(path, access, { segmentMs, keep, naming });
    this.#timelapse = timelapseOf(timelapseMs, this.#destination.isDirectory);
    this.#segmentMs = segmentMs ?? SEGMENT_MS;
    this.#onEvent = onEvent;
    const hasSound = this.#destination.format.hasSound && this.#timelapse === undefined;
    if (hasSound) this.hear = (sound) => this.#hear(sound);
    this.#chunks = new ChunkBuilder(this.#destination.format.room);
    const onWritten = (chunk: Chunk) => this.#chunks.release(chunk);
    this.#writer = new RecordingWriter(this.#destination, onWritten, onEvent);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#writer.tidy();
  }

  /** Figures of all files together. */
  status(): Status {
    return statusOf(this.#writer.figures, this.#writer.isPaused);
  }

  /** The recording has failed if frames are missing that were received. */
  failure(): CamcatError | undefined {
    const { lostFrames } = this.#writer.figures;
    if (lostFrames === 0) return undefined;
    return new CamcatError(`The recording is incomplete: ${lostFrames} frames are missing`);
  }

  /** Takes a copy of a live frame. */
  take({ frame, capturedAt, live }: ReceivedFrame): void {
    if (!live || this.#closed !== undefined) return;
    if (this.#timelapse !== undefined) {
      const timeMs = this.#timelapse.timeOf(now());
      if (timeMs !== undefined) this.#recordAt(frame.jpeg, timeMs);
      return;
    }
    if (capturedAt === undefined && this.#isClockComing && this.#early.length < MAX_EARLY) {
      this.#early.push({ frame: frame.retain(), arrivedMs: now() });
      return;
    }
    this.#takeEarly(capturedAt === undefined ? undefined : capturedAt - frame.time);
    this.#record(frame, capturedAt, now());
  }

  /** Follows the connection: after a loss the clock may be another one. */
  follow(event: ReceiveEvent): void {
    if (event.type === "stream") {
      this.#isClockComing = true;
      this.#followSound(event.sound);
      return;
    }
    if (event.type === "silent" || event.type === "heard") return;
    this.#takeEarly(undefined);
    this.#timeline.reset();
    this.#earlySound.clear();
  }

  /** Names the next files after a reason, if there can be several. */
  begin(reason: string): void {
    this.#write(this.#chunks.close(this.#timelapse?.nextMs));
    this.#chunks.reason = reason;
  }

  /** Completes the file, if there can be several. */
  pause(): void {
    this.#write(this.#chunks.close(this.#timelapse?.nextMs));
    this.#chunks.reason = undefined;
    if (!this.#destination.isDirectory) return;
    this.#segment = undefined;
    this.#writer.endSegment();
  }

  /** Writes what waits, for at most 10 s, and completes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#takeEarly(undefined);
    this.#write(this.#chunks.close(this.#timelapse?.nextMs));
    await this.#writer.close();
  }

  #followSound(sound: StreamSound | undefined): void {
    const { hasSound, extension } = this.#destination.format;
    const isNew = this.#channels === 0 && sound !== undefined;
    this.#channels = sound?.channels ?? 0;
    if (isNew && !hasSound) this.#onEvent({ type: "silent", extension });
  }

  #hear({ packet }: ReceivedSound): void {
    if (this.#closed !== undefined) return;
    this.#earlySound.add(packet);
    this.#takeEarlySound();
  }

  #takeEarlySound(): void {
    if (this.#segment === undefined) return;
    const { startMs, channels } = this.#segment;
    for (const sound of this.#earlySound.take(this.#timeline, startMs)) {
      const hasRoom = !this.#writer.isFull && this.#chunks.heldBytes < MAX_HELD_BYTES;
      if (channels === 0 || !hasRoom) continue;
      this.#chunks.addSound({ ...sound, timeMs: sound.timeMs + this.#stepMs });
    }
  }

  /** Records the frames that had to wait. @param offsetMs our clock minus the sender's, if known */
  #takeEarly(offsetMs: number | undefined): void {
    this.#isClockComing = false;
    for (const { frame, arrivedMs } of this.#early.splice(0)) {
      this.#record(frame, offsetMs === undefined ? undefined : frame.time + offsetMs, arrivedMs);
      frame.release();
    }
  }

  #record({ jpeg, time }: Frame, capturedMs: number | undefined, arrivedMs: number): void {
    if (sizeOf(jpeg) === undefined) return; // before a bad frame sets the clock
    this.#recordAt(jpeg, this.#timeline.timeOf(time, capturedMs, arrivedMs));
  }

  #recordAt(jpeg: Uint8Array, timeMs: number): void {
    const size = sizeOf(jpeg);
    if (size === undefined) return; // no player could show it
    if (this.#writer.isFull || this.#chunks.heldBytes + jpeg.length > MAX_HELD_BYTES) {
      this.#writer.lose(timeMs);
      return;
    }
    const channels = this.#channels;
    const next: SegmentStart = { startMs: timeMs, stepMs: clockStepMs(), channels, ...size };
    const startsSegment = this.#startsSegment(next);
    if (startsSegment) {
      if (next.stepMs !== this.#segment?.stepMs) {
        this.#write(this.#chunks.close(this.#timelapse?.nextMs));
      }
      this.#segment = next;
    }
    this.#write(this.#chunks.add(jpeg, timeMs + this.#stepMs, startsSegment));
    this.#chunks.channels = this.#segment!.channels;
    this.#takeEarlySound();
  }

  /** Added to all times of a file: they follow the system clock and still are evenly spaced. */
  get #stepMs(): number {
    return this.#segment?.stepMs ?? 0;
  }

  #startsSegment(next: SegmentStart): boolean {
    if (this.#segment === undefined) return true;
    return this.#destination.isDirectory && isOver(this.#segment, next, this.#segmentMs);
  }

  #write(chunk: Chunk | undefined): void {
    if (chunk !== undefined) this.#writer.write(chunk);
  }

  #tick(): void {
    const { beganMs } = this.#chunks;
    // Both ways: the clock of a sender that is ahead must not keep a chunk open.
    if (beganMs !== undefined && Math.abs(now() + this.#stepMs - beganMs) > MAX_CHUNK_AGE_MS) {
      this.#write(this.#chunks.close(this.#timelapse?.nextMs));
    }
    if (performance.now() - this.#checkedAt > CHECK_MS) {
      this.#checkedAt = performance.now();
      this.#writer.check();
    }
    if (performance.now() - this.#tidiedAt > TIDY_MS) {
      this.#tidiedAt = performance.now();
      this.#writer.tidy();
    }
  }
}
