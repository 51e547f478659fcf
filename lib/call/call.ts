/**
 * A call that was accepted, at either end: own and far picture and sound, until it is over.
 *
 * @module
 */

import { aborted, onAbort } from "../base/abort.ts";
import type { CamcatError } from "../base/errors.ts";
import type { PictureSize } from "../jpeg/markers.ts";
import { joinStatus, type Status } from "../program/console.ts";
import type { Console } from "../program/console.ts";
import type { PlayerName } from "../display/players.ts";
import type { Connection } from "../protocol/connection.ts";
import { CameraRouter } from "../send/camera_router.ts";
import type { Hub } from "../send/hub.ts";
import { Echo } from "./echo.ts";
import { FarEnd } from "./far_end.ts";
import type { Keys } from "./keys.ts";
import type { Line } from "./line.ts";
import { OwnMedia, type OwnMediaOptions } from "./own_media.ts";
import { OwnPicture } from "./own_picture.ts";
import type { CallReport, Ending } from "./call_report.ts";

/** What both ends need for a call. */
export interface CallContext extends Omit<OwnMediaOptions, "console"> {
  /** What shows the pictures; undefined to show none. */
  player: PlayerName | undefined;
  /** Whether the own picture is shown too. */
  showsSelf: boolean;
  /** Whether the system is asked to take the far sound out of the microphone's. */
  cancelsEcho: boolean;
  /** How long a lost line is waited for, in milliseconds. */
  waitMs: number;
  /** What the user types. */
  keys: Keys;
  /** Where events and figures are shown. */
  console: Console;
  /** Reports the call. */
  report: CallReport;
  /** Ends the program: hangs up. */
  signal: AbortSignal;
}

/** A call. Camera and microphone are closed when {@linkcode Call.run} ends. */
export class Call {
  #context: CallContext;
  #name: string;
  #own: OwnMedia;
  #router: CameraRouter;
  #far: FarEnd | undefined;
  #line: Line | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = new AbortController();
  #isLost = false;
  #ending: Ending | undefined;
  #failure: CamcatError | undefined;

  /**
   * @param name who is at the other end
   * @param own what this end sends; its camera may be open
   */
  constructor(name: string, context: CallContext, own: OwnMedia = new OwnMedia(context)) {
    this.#context = context;
    this.#name = name;
    this.#own = own;
    this.#router = new CameraRouter([this.#own.hub]);
  }

  /** Whether the connection is lost, and waited for. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Aborted when the call is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Where the other end watches and listens. */
  get hub(): Hub {
    return this.#own.hub;
  }

  /** Lets the other end watch and listen, until that connection ends. Never throws. */
  async serve(connection: Connection, peer: string): Promise<void> {
    await this.#router.serve(connection, peer);
  }

  /** Shows and plays what the other end sends on a connection. */
  async watch(connection: Connection): Promise<void> {
    if (this.#far === undefined) return connection.close();
    await this.#far.watch(connection);
  }

  /** Takes the line on which the ends talk; a new one after the last has ended. */
  follow(line: Line): void {
    const isBack = this.#line !== undefined;
    this.#line = line;
    this.#isLost = false;
    clearTimeout(this.#timer);
    if (isBack) this.#context.report.back(this.#name);
    line.ended.then((reason) => {
      if (this.#line !== line || this.signal.aborted) return;
      const { report, waitMs } = this.#context;
      this.#isLost = true;
      report.lost(this.#name, reason, waitMs);
      this.#far?.lost("The connection is lost");
      this.#timer = setTimeout(() => this.end("lost"), waitMs);
    });
  }

  /** Ends the call. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#over.abort();
  }

  /**
   * Runs the call until it is over.
   *
   * @throws {CamcatError} if the window fails
   */
  async run(): Promise<void> {
    const { keys, console, report, signal: stopped, cancelsEcho, hasSound } = this.#context;
    const { signal } = this;
    using _stop = onAbort(stopped, () => this.end("us"));
    using _keys = keys.listen((key) => this.#press(key));
    await using echo = new Echo({
      isWanted: hasSound && cancelsEcho,
      microphone: this.#context.microphone,
      onChange: (isCancelled) => report.echo(isCancelled),
    });
    const supplying = this.#own.supply(signal, async () => (await echo.voice()).microphone);
    try {
      await using far = this.#far = this.#openFarEnd(async () => (await echo.voice()).sink);
      far.ended.then((error) => this.#close(error));
      console.showStatus(() => this.#status(far));
      await Promise.race([supplying.then(() => new Promise<never>(() => {})), aborted(signal)]);
    } finally {
      this.end("us");
      clearTimeout(this.#timer);
      const isOurs = this.#ending === "us";
      await Promise.allSettled([
        this.#line?.close(isOurs ? { type: "hangup" } : undefined),
        this.#own.hub.close("the call is over", 0),
        supplying,
      ]);
      console.endStatus();
      report.over(this.#name, this.#ending!);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #openFarEnd(sink: () => Promise<string | undefined>): FarEnd {
    const { player, hasSound, console, report, showsSelf } = this.#context;
    return new FarEnd({
      name: this.#name,
      player,
      hasSound,
      sink,
      console,
      signal: this.signal,
      onFirst: (size) => {
        report.picture(this.#name);
        // Later than the far one, because it has to be above that.
        if (showsSelf && player !== undefined) this.#showSelf(player, size);
      },
    });
  }

  async #showSelf(player: PlayerName, farSize: PictureSize | undefined): Promise<void> {
    const { console } = this.#context;
    const onLine = (line: string) => console.detail(`${player}, own picture: ${line}`);
    const options = { signal: this.signal, onLine, farSize };
    await using own = new OwnPicture(player, `${this.#context.name} (you)`, options);
    own.ended.then((error) => this.#close(error));
    await this.#own.hub.attend(own);
  }

  /** A window was closed. */
  #close(error: CamcatError | undefined): void {
    if (this.signal.aborted) return;
    this.#failure = error;
    this.end("us");
  }

  #press(key: string): void {
    if (key === "q") return this.end("us");
    if (key !== "m" || !this.#context.hasSound) return;
    this.#own.isMuted = !this.#own.isMuted;
    this.#context.report.muted(this.#own.isMuted);
  }

  #status(far: FarEnd): Status[] {
    const state = this.#own.isMuted ? "you are muted" : "";
    const text = this.#isLost ? `${this.#name} [lost]` : this.#name;
    return [joinStatus({ text, json: { name: this.#name } }, far.status(), {
      text: state,
      json: { muted: this.#own.isMuted, sent_frames: this.#own.hub.totals.frames },
    })];
  }
}
