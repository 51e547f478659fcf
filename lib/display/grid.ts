/**
 * The window that shows several cameras, a tile each.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { Canvas } from "./canvas.ts";
import { Decoder } from "../jpeg/decoder.ts";
import type { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { type GridLayout, gridLayout } from "./grid_layout.ts";
import type { Output } from "../receive/output.ts";
import { Player, type PlayerOptions } from "./player.ts";
import { rawPictures } from "./player_input.ts";
import type { PlayerName } from "./players.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/received.ts";
import { NoSignalLoop } from "../receive/no_signal_loop.ts";
import { Title } from "../receive/title.ts";

/** Shortest time between two pictures of the whole window, in milliseconds. */
const PICTURE_MS = 1000 / 30;

/** Options of {@linkcode Grid}. */
export interface GridOptions extends PlayerOptions {
  /** The largest picture to show, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Closes the window. */
  signal: AbortSignal;
}

/** A window with a tile for each camera. It opens with the first frame of any of them. */
export class Grid implements AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly closed: Promise<CamcatError | undefined>;

  #playerName: PlayerName;
  #from: string;
  #options: GridOptions;
  #layout: GridLayout;
  #canvas: Canvas;
  /** A copy of the canvas for the player: tiles change while it is written. */
  #picture: Uint8Array;
  #tiles: Tile[];
  #player: Player | undefined;
  #hasChanged = false;
  #isDrawing = false;
  #close!: (error: CamcatError | undefined) => void;

  /**
   * @param from where the streams come from, for the title
   * @param cameras their names
   * @throws {CamcatError} if ffmpeg is not installed
   */
  constructor(playerName: PlayerName, from: string, cameras: string[], options: GridOptions) {
    this.#playerName = playerName;
    this.#from = from;
    this.#options = options;
    this.#layout = gridLayout(cameras.length);
    this.#canvas = new Canvas(this.#layout, cameras);
    this.#picture = new Uint8Array(this.#canvas.bytes.length);
    this.#tiles = cameras.map((name, index) =>
      new Tile(name, this.#layout.tile, options, (picture) => {
        this.#canvas.put(index, picture);
        this.#hasChanged = true;
        this.#draw();
      })
    );
    this.closed = new Promise((resolve) => this.#close = resolve);
  }

  /** An output for each camera: its tile. All end and close with the window. */
  get tiles(): Output[] {
    return this.#tiles.map((tile) => ({
      ended: this.closed,
      take: (received) => tile.show(received),
      shownSize: () => this.#layout.tile,
      follow: (event) => {
        tile.follow(event);
        this.#player?.setTitle(this.#title);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }));
  }

  get #title(): string {
    const what = `${this.#tiles.map(({ name }) => name).join(", ")} (${this.#from})`;
    const notLive = this.#tiles.filter(({ isLive }) => !isLive).map(({ name }) => name);
    return notLive.length === 0 ? what : `${what} - NOT LIVE: ${notLive.join(", ")}`;
  }

  /** Gives the player the newest picture of the window whenever it is ready for one. */
  async #draw(): Promise<void> {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const { signal } = this.#options;
    this.#player ??= this.#open();
    while (this.#hasChanged && !signal.aborted) {
      this.#hasChanged = false;
      const start = performance.now();
      this.#picture.set(this.#canvas.bytes);
      await this.#player.show(this.#picture);
      await wait(Math.max(0, PICTURE_MS - (performance.now() - start)), signal);
    }
    this.#isDrawing = false;
  }

  #open(): Player {
    const input = rawPictures(this.#layout);
    const player = Player.open(this.#playerName, input, this.#title, this.#options);
    player.ended.then(this.#close);
    return player;
  }

  /** Closes the window. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#player?.[Symbol.asyncDispose](),
      ...this.#tiles.map((tile) => tile[Symbol.asyncDispose]()),
    ]);
  }
}

/** One camera of a {@linkcode Grid}. */
class Tile implements AsyncDisposable {
  readonly name: string;
  #title: Title;
  #size: GridLayout["tile"];
  #start: () => Decoder;
  #decoder: Decoder;
  #noSignal = new NoSignalLoop((frame) => this.#decode(frame));

  constructor(
    name: string,
    size: GridLayout["tile"],
    { signal, onLine, maxPixels }: GridOptions,
    onPicture: (picture: Uint8Array) => void,
  ) {
    this.name = name;
    this.#title = new Title(name);
    this.#size = size;
    const report = (line: string) => onLine?.(`${name}: ${line}`);
    this.#start = () => new Decoder({ size, maxPixels, signal, onPicture, onLine: report });
    this.#decoder = this.#start();
  }

  /** Whether the camera is live, as far as known. */
  get isLive(): boolean {
    return this.#title.isLive;
  }

  async show(received: ReceivedFrame): Promise<void> {
    this.#noSignal.take(received);
    await this.#decode(received.frame);
  }

  follow(event: ReceiveEvent): void {
    this.#title.follow(event);
    this.#noSignal.follow(event, this.name, this.#size);
  }

  async #decode(frame: Frame): Promise<void> {
    if (this.#decoder.hasEnded) this.#decoder = this.#start();
    await this.#decoder.decode(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#noSignal.end();
    await this.#decoder[Symbol.asyncDispose]();
  }
}
