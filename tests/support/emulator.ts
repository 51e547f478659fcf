/**
 * A terminal without a screen: what one shows after what was written to it.
 *
 * It knows what camcat writes (ECMA-48, ISO 8613-6, xterm's modes), and fails on anything else.
 *
 * @module
 */

/** A colour as it was selected: `2;255;0;0` or `5;196`; undefined for the terminal's own. */
export type Color = string | undefined;

/** A place for a letter. */
export interface Cell {
  letter: string;
  foreground: Color;
  background: Color;
}

export class Emulator {
  columns = 0;
  rows = 0;
  /** Those of the screen that is to be seen, row by row. */
  cells: Cell[] = [];
  /** Private modes that differ from how a terminal starts, by number. */
  readonly modes: Set<number> = new Set();
  /** Bytes of the updates that were shown at once (mode 2026), one after another. */
  readonly updates: number[] = [];
  /** What is to be seen when mode 1049 is left, and where the cursor is then. */
  #shell = { cells: [] as Cell[], row: 0, column: 0 };
  #row = 0;
  #column = 0;
  #pen: Omit<Cell, "letter"> = { foreground: undefined, background: undefined };
  #rest = "";
  #updateBytes = 0;
  #hasOtherScreen: boolean;

  /** @param hasOtherScreen whether it knows mode 1049, as Linux's console does not */
  constructor(columns: number, rows: number, hasOtherScreen = true) {
    this.#hasOtherScreen = hasOtherScreen;
    this.resize(columns, rows);
  }

  /** Changes the size, and shows nothing any more. */
  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    [this.cells, this.#row, this.#column] = [this.#blank(), 0, 0];
    this.#shell = { cells: this.#blank(), row: 0, column: 0 };
  }

  /** All that is on the screen. */
  get text(): string {
    return Array.from({ length: this.rows }, (_, row) => this.row(row)).join("\n");
  }

  /** The text in a row, without blanks at its end. */
  row(number: number): string {
    const cells = this.cells.slice(number * this.columns, (number + 1) * this.columns);
    return cells.map(({ letter }) => letter).join("").trimEnd();
  }

  /** The two colours that are to be seen in a cell, of its upper and its lower half. */
  halves(cell: number): [Color, Color] {
    const { letter, foreground, background } = this.cells[cell];
    if (letter === "\u2580") return [foreground, background];
    if (letter === " ") return [background, background];
    throw new Error(`"${letter}" is no half block`);
  }

  write(text: string): void {
    this.#rest += text;
    // deno-lint-ignore no-control-regex -- that is what it is about
    const piece = /\x1b\[([<-?]?)([0-9;]*)([@-~])|[^\x1b]/uy;
    let end = 0;
    for (let match; (match = piece.exec(this.#rest)); end = piece.lastIndex) {
      this.#updateBytes += new TextEncoder().encode(match[0]).length;
      if (match[3] === undefined) this.#put(match[0]);
      else {this.#control(
          match[1] + match[3],
          match[2] === "" ? [] : match[2].split(";").map(Number),
        );}
    }
    this.#rest = this.#rest.slice(end);
    if (this.#rest.length > 64) throw new Error(`Cannot read ${JSON.stringify(this.#rest)}`);
  }

  #put(letter: string): void {
    if (letter === "\x18" || letter === "\x07") return; // a shell may ring
    if (letter === "\r") this.#column = 0;
    else if (letter === "\n") this.#feed();
    else if (letter < " ") throw new Error(`Cannot show ${JSON.stringify(letter)}`);
    else {
      if (this.#column === this.columns && !this.modes.has(7)) {
        this.#column = 0;
        this.#feed();
      }
      this.cells[this.#row * this.columns + Math.min(this.#column, this.columns - 1)] = {
        letter,
        ...this.#pen,
      };
      this.#column = Math.min(this.#column + 1, this.columns);
    }
  }

  #feed(): void {
    if (this.#row < this.rows - 1) this.#row++;
    else {this.cells = [...this.cells, ...this.#blank()].slice(this.columns).slice(
        0,
        this.cells.length,
      );}
  }

  #control(name: string, numbers: number[]): void {
    const [first = 1, second = 1] = numbers;
    switch (name) {
      case "H":
        this.#row = Math.min(first, this.rows) - 1;
        this.#column = Math.min(second, this.columns) - 1;
        return;
      case "A":
        this.#row = Math.max(this.#row - first, 0);
        return;
      case "C":
        this.#column = Math.min(this.#column + first, this.columns - 1);
        return;
      case "J":
        this.cells = this.#blank();
        return;
      case "K": {
        const at = this.#row * this.columns;
        const from = at + Math.min(this.#column, this.columns);
        const blank = { letter: " ", ...this.#pen };
        this.cells.fill(blank, numbers[0] === 2 ? at : from, at + this.columns);
        return;
      }
      case "m":
        return this.#select(numbers);
      case "n":
        return;
      case "?h":
      case "?l":
        for (const mode of numbers) this.#setMode(mode, name === "?h");
        return;
      default:
        throw new Error(`Cannot do ${name} ${numbers}`);
    }
  }

  #select(numbers: number[]): void {
    if (numbers.length === 0) this.#pen = { foreground: undefined, background: undefined };
    while (numbers.length > 0) {
      const which = numbers.shift();
      if (which !== 38 && which !== 48) continue; // a colour of a message
      const color = numbers.splice(0, numbers[0] === 2 ? 4 : 2).join(";");
      this.#pen = { ...this.#pen, [which === 38 ? "foreground" : "background"]: color };
    }
  }

  #setMode(mode: number, isOn: boolean): void {
    if (mode === 1049 && !this.#hasOtherScreen) return;
    if (mode === 2026) {
      if (!isOn && this.modes.has(mode)) this.updates.push(this.#updateBytes);
      this.#updateBytes = 0;
    }
    if (mode === 1049 && isOn && !this.modes.has(mode)) {
      this.#shell = { cells: this.cells, row: this.#row, column: this.#column };
      this.cells = this.#blank();
    } else if (mode === 1049 && !isOn && this.modes.has(mode)) {
      ({ cells: this.cells, row: this.#row, column: this.#column } = this.#shell);
    }
    const startsOn = mode === 7 || mode === 25;
    if (isOn === startsOn) this.modes.delete(mode);
    else this.modes.add(mode);
  }

  #blank(): Cell[] {
    const cell = { letter: " ", foreground: undefined, background: undefined };
    return Array.from({ length: this.columns * this.rows }, () => cell);
  }
}
