/**
 * The output that draws the picture in a terminal.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { Title } from "../receive/title.ts";
import { Child } from "../program/child.ts";
import type { Console } from "../program/console.ts";
import { safeText } from "../base/text.ts";
import { Decoder } from "../jpeg/decoder.ts";
import { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { HalfBlocks } from "./half_blocks.ts";
import { sizeOf } from "../jpeg/markers.ts";
import type { Output } from "../receive/output.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/received.ts";
import type { Size } from "../base/size.ts";
import { NoSignalLoop } from "../receive/no_signal_loop.ts";
import { Terminal } from "./terminal.ts";

/** Options of {@linkcode TerminalOutput}. */
export interface TerminalOutputOptions {
  /** Lends the terminal to the picture from the first frame on. */
  console: Console;
  /** The largest picture to show, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Stops drawing. */
  signal: AbortSignal;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
  /** Called when the user presses m. */
  onMute?: () => void;
}

/**
 * Draws the picture on the terminal of standard output from the first frame on; the last row shows
 * its title and the figures.
 */
export class TerminalOutput implements Output {
  /** Resolves when the user has pressed q or Esc, or with why nothing can be drawn. */
  readonly ended: Promise<CamcatError | undefined>;

  #title: Title;
  #options: TerminalOutputOptions;
  #status = "";
  #opening: Promise<void> | undefined;
  #lent: Disposable | undefined;
  #terminal: Terminal | undefined;
  #view: View | undefined;
  #isResized = false;
  #drawing: Promise<void> | undefined;
  #noSignal = new NoSignalLoop((frame) => this.#show(frame));
  #end!: (error?: CamcatError) => void;

  /**
   * @param from where the stream comes from, for the last row
   * @throws {UsageError} if standard output is not a terminal, or shows only text
   * @throws {CamcatError} if ffmpeg is not installed
   */
  constructor(from: string, options: TerminalOutputOptions) {
    Terminal.check();
    Child.spawn("ffmpeg", ["-version"]).kill();
    this.#title = new Title(from);
    this.#options = options;
    this.ended = new Promise((resolve) => this.#end = resolve);
  }

  /** Shows a frame; resolves when the terminal has drawn it. */
  async take(received: ReceivedFrame): Promise<void> {
    this.#noSignal.take(received);
    await (this.#opening ??= this.#open());
    await this.#show(received.frame);
  }

  /** Shows the state of the connection in the last row, and NO SIGNAL while nothing comes. */
  follow(event: ReceiveEvent): void {
    this.#title.follow(event);
    if (this.#terminal) this.#noSignal.follow(event, this.#title.name);
    this.#draw();
  }

  /** Two pixels for each cell. */
  shownSize(): Required<Size> | undefined {
    if (this.#terminal === undefined) return undefined;
    const { columns, rows } = this.#terminal.size;
    return { width: columns, height: 2 * Math.max(1, rows - 1) };
  }

  /** Restores the terminal. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#noSignal.end();
    await this.#view?.decoder[Symbol.asyncDispose]();
    await this.#terminal?.[Symbol.asyncDispose]();
    this.#lent?.[Symbol.dispose]();
  }

  async #open(): Promise<void> {
    const { console, signal } = this.#options;
    this.#lent = await console.lendTerminal((status) => {
      this.#status = status;
      this.#draw();
    });
    const opening = Terminal.open({
      signal,
      onKey: (key) => {
        if (["q", "Q", "\x1b", "\x03"].includes(key)) this.#end();
        if (key === "m" || key === "M") this.#options.onMute?.();
      },
      onResize: () => {
        this.#isResized = true;
        const { last } = this.#noSignal;
        if (last && !signal.aborted) this.#show(last);
      },
    });
    this.#terminal = await opening.catch(() => this.#end()) ?? undefined; // it was closed
  }

  async #show(frame: Frame): Promise<void> {
    if (this.#terminal === undefined || this.#options.signal.aborted) return;
    frame.retain(); // it may be replaced meanwhile
    try {
      const view = this.#view = this.#viewFor(sizeOf(frame.jpeg), this.#terminal);
      await view.decoder.decode(frame);
      await this.#draw();
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      this.#end(error);
    } finally {
      frame.release();
    }
  }

  /** The view for pictures of a size on the terminal as it is now. */
  #viewFor(size: Required<Size> | undefined, terminal: Terminal): View {
    const old = this.#view;
    const isSame = old !== undefined && !this.#isResized;
    this.#isResized = false;
    const { columns, rows } = isSame ? old : terminal.size;
    const pictureRows = Math.max(1, rows - 1);
    const lowres = lowresFor(size, { width: columns, height: 2 * pictureRows });
    if (isSame && old.lowres === lowres && !old.decoder.hasEnded) return old;
    old?.decoder[Symbol.asyncDispose]();

    const blocks = isSame
      ? old.blocks
      : new HalfBlocks({ columns, rows: pictureRows }, terminal.colors);
    const picture = new Uint8Array(columns * pictureRows * 2 * 3);
    const { signal, onLine, maxPixels } = this.#options;
    const decoder = new Decoder({
      size: blocks.size,
      format: "rgb24",
      lowres,
      maxPixels,
      signal,
      ...defined({ onLine }),
      onPicture: (decoded) => {
        picture.set(decoded); // a copy, because decoding goes on while it is drawn
        view.hasPicture = true;
      },
    });
    const view: View = {
      ...{ columns, rows, lowres, blocks, picture, decoder },
      ...{ hasPicture: false, isClear: isSame, title: isSame ? old.title : undefined },
    };
    return view;
  }

  /** Draws what has changed; resolves when it is drawn. */
  #draw(): Promise<void> {
    this.#drawing ??= this.#drawAll().finally(() => this.#drawing = undefined);
    return this.#drawing;
  }

  async #drawAll(): Promise<void> {
    try {
      for (let text; (text = this.#next()) !== "";) await this.#terminal!.draw(text);
    } catch {
      this.#end(); // the terminal was closed
    }
  }

  /** The text that draws what has changed; empty if nothing has. */
  #next(): string {
    const view = this.#view;
    if (view === undefined || this.#options.signal.aborted) return "";
    let text = "";
    if (view.hasPicture) {
      if (!view.isClear) text += "\x1b[2J";
      view.isClear = true;
      text += view.blocks.draw(view.picture);
      view.hasPicture = false;
    }
    const title = titleFor(safeText(this.#title.text), this.#status, view.columns);
    if (view.rows > 1 && view.isClear && title !== view.title) {
      view.title = title;
      text += `\x1b[${view.rows};1H${title}\x1b[K`;
    }
    return text;
  }
}

/** State for one size of the terminal, and for pictures of about one size. */
interface View {
  columns: number;
  rows: number;
  lowres: NonNullable<ReturnType<typeof lowresFor>>;
  blocks: HalfBlocks;
  decoder: Decoder;
  /** The newest picture, and whether it has to be drawn. */
  picture: Uint8Array;
  hasPicture: boolean;
  /** Whether the terminal was cleared for it. */
  isClear: boolean;
  /** The last row as it is on the terminal. */
  title: string | undefined;
}

/** How many times a picture may be halved while decoding, without becoming smaller than shown. */
function lowresFor(from: Required<Size> | undefined, to: Required<Size>): 0 | 1 | 2 | 3 {
  const ratio = from === undefined ? 1 : Math.max(from.width / to.width, from.height / to.height);
  return ratio >= 8 ? 3 : ratio >= 4 ? 2 : ratio >= 2 ? 1 : 0;
}

/** The last row: title and figures, cut to its width. */
function titleFor(title: string, status: string, columns: number): string {
  return [...`${title}  ${status}`].slice(0, columns).join("");
}
