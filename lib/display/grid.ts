/**
 * The receiver's window for several cameras.
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
import { type PlayerName, rawPictures } from "./player_input.ts";
import type { ReceiveEvent } from "../receive/receive.ts";
import { NoSignalLoop } from "../receive/no_signal_loop.ts";

/** The shortest time between two pictures of all cameras: each costs as much as all cameras do. */
const PICTURE_MS = 1000 / 30;

/** Options of {@linkcode Grid}. */
export interface GridOptions extends PlayerOptions {
  /** Closes the window. */
  signal: AbortSignal;
}

/** A window with a tile for each camera, that opens with the first frame of any. */
export class Grid implements AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly closed: Promise<CamcatError | undefined>;

  #playerName: PlayerName;
  #from: string;
  #options: GridOptions;
  #layout: GridLayout;
  #canvas: Canvas;
  /** The canvas as it is written: tiles go on changing meanwhile. */
  #picture: Uint8Array;
  #tiles: Tile[];
  #player: Player | undefined;
  #hasChanged = false;
  #isDrawing = false;
  #close!: (error: CamcatError | undefined) => void;

  /**
   * @param from where the pictures come from, for the title
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

  /** The tile of each camera. Its end is that of the window, and it is closed with that. */
  get tiles(): Output[] {
    return this.#tiles.map((tile) => ({
      ended: this.closed,
      take: ({ frame }) => tile.show(frame),
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

  /** Gives the newest picture of all to the player whenever it can take one. */
  async #draw(): Promise<void> {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const { signal } = this.#options;
    this.#player ??= this.#open();
    while (this.#hasChanged && !signal.aborted) {
      this.#hasChanged = false;
      const begun = performance.now();
      this.#picture.set(this.#canvas.bytes);
      await this.#player.show(this.#picture);
      await wait(Math.max(0, PICTURE_MS - (performance.now() - begun)), signal);
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
  /** Whether the camera is live, as far as is known. */
  isLive = true;

  #size: GridLayout["tile"];
  #start: () => Decoder;
  #decoder: Decoder;
  #standby = new NoSignalLoop((frame) => this.#decode(frame));

  constructor(
    name: string,
    size: GridLayout["tile"],
    { signal, onLine }: GridOptions,
    onPicture: (picture: Uint8Array) => void,
  ) {
    this.name = name;
    this.#size = size;
    const report = (line: string) => onLine?.(`${name}: ${line}`);
    this.#start = () => new Decoder({ size, signal, onPicture, onLine: report });
    this.#decoder = this.#start();
  }

  async show(frame: Frame): Promise<void> {
    this.#standby.end();
    await this.#decode(frame);
  }

  follow(event: ReceiveEvent): void {
    if (event.type === "connected") return;
    this.isLive = event.type === "stream" && event.live;
    // The sender, which would tell so itself, cannot.
    if (event.type === "lost") this.#standby.begin(this.name, this.#size);
  }

  async #decode(frame: Frame): Promise<void> {
    if (this.#decoder.hasEnded) this.#decoder = this.#start(); // whatever it stumbled over
    await this.#decoder.decode(frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#standby.end();
    await this.#decoder[Symbol.asyncDispose]();
  }
}
