/**
 * What this end of a call gets: the picture and the sound of the other end.
 *
 * @module
 */

import { SoundOutput } from "../display/sound_output.ts";
import { WindowOutput } from "../display/window_output.ts";
import type { WindowPlace } from "../display/player.ts";
import type { PlayerName } from "../display/players.ts";
import { CamcatError } from "../base/errors.ts";
import { type PictureSize, sizeOf } from "../jpeg/markers.ts";
import { joinStatus, type Status } from "../program/console.ts";
import type { Console } from "../program/console.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { type Output, together } from "../receive/output.ts";
import { type ReceivedSound, type ReceiveEvent, receiveFrom } from "../receive/receive.ts";
import { ReceivingReport } from "../report/receiving_report.ts";

/** Where the window opens: the own picture is in its corner. */
export const FAR_PLACE: WindowPlace = { left: 48, top: 48 };

/** Options of {@linkcode FarEnd}. */
export interface FarEndOptions {
  /** Who is there. */
  name: string;
  /** What shows the picture; undefined to show none. */
  player: PlayerName | undefined;
  /** Whether sound is played. */
  hasSound: boolean;
  /** PulseAudio's name of where to play it now; undefined for the default of the system. */
  sink: () => Promise<string | undefined>;
  /** Called with the first picture, and its size if that can be read. */
  onFirst: (size: PictureSize | undefined) => void;
  /** Where what happens is told. */
  console: Console;
  /** Ends it. */
  signal: AbortSignal;
}

/** Shows and plays the other end, over one connection after another. */
export class FarEnd implements AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly ended: Promise<CamcatError | undefined>;

  #options: FarEndOptions;
  #output: Output;
  #report: ReceivingReport;
  #connection: Connection | undefined;
  #hasBegun = false;

  /** @throws {CamcatError} if a window cannot be opened */
  constructor(options: FarEndOptions) {
    this.#options = options;
    const { name, player, hasSound, sink, console, signal } = options;
    this.#report = new ReceivingReport(console);
    const outputs: Output[] = [];
    if (player !== undefined) {
      const onLine = (line: string) => console.detail(`${player}: ${line}`);
      outputs.push(new WindowOutput(player, name, { signal, onLine, place: FAR_PLACE }));
    }
    if (hasSound) {
      outputs.push(
        new SoundOutput({
          signal,
          sink,
          onEvent: (event) => this.#report.sound(event),
          onLine: (line) => console.detail(`sound of ${name}: ${line}`),
        }),
      );
    }
    this.#output = together(outputs);
    this.ended = this.#output.ended;
  }

  /** Shows what comes on a connection until it ends; a newer connection takes its place. */
  async watch(connection: Connection): Promise<void> {
    const { signal, onFirst, hasSound } = this.#options;
    if (this.#connection !== undefined) closeQuietly(this.#connection);
    this.#connection = connection;
    const receiving = {
      signal,
      ...(hasSound ? { onSound: (sound: ReceivedSound) => this.#output.hear?.(sound) } : {}),
      adapt: () => ({}),
      onEvent: (event: ReceiveEvent) => this.#output.follow?.(event),
    };
    try {
      for await (const received of receiveFrom(connection, receiving)) {
        const taken = this.#output.take(received);
        if (!this.#hasBegun) onFirst(sizeOf(received.frame.jpeg));
        this.#hasBegun = true;
        if (taken !== undefined) await taken;
        this.#report.frame(received);
      }
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      if (this.#connection === connection) this.lost(error.message);
    }
  }

  /** Shows NO SIGNAL: nothing comes. */
  lost(reason: string): void {
    this.#output.follow?.({ type: "lost", reason });
  }

  /** Figures of the last second. */
  status(): Status {
    return joinStatus(this.#report.status(), this.#output.status?.());
  }

  /** Closes the window and sets the sound card free. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connection !== undefined) closeQuietly(this.#connection);
    await this.#output[Symbol.asyncDispose]();
  }
}
