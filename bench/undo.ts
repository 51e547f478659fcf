/**
 * Changes to the machine that end with the program, however it ends.
 *
 * @module
 */

/** Does something when it is disposed of, or else when the program exits. */
export class Undo implements Disposable {
  #undo: (() => void) | undefined;

  /** `undo` must be synchronous: a program that exits waits for nothing. */
  constructor(undo: () => void) {
    this.#undo = undo;
    globalThis.addEventListener("unload", this);
  }

  /** The program exits. */
  handleEvent(): void {
    this[Symbol.dispose]();
  }

  /** Undoes it, once. */
  [Symbol.dispose](): void {
    globalThis.removeEventListener("unload", this);
    this.#undo?.();
    this.#undo = undefined;
  }
}

/** A folder for the time being. */
export class Folder extends Undo {
  /** Where it is. */
  readonly path: string;

  /** Makes it. */
  constructor() {
    const path = Deno.makeTempDirSync({ prefix: "camcat-bench-" });
    super(() => Deno.removeSync(path, { recursive: true }));
    this.path = path;
  }
}
