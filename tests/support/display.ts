/**
 * A screen to show windows on, and eyes to look at them.
 *
 * @module
 */

import { until, withPatience } from "./patience.ts";

/** A window's content. */
export interface Picture {
  width: number;
  height: number;
  /** Row by row, 0 black to 255 white. */
  gray: Uint8Array;
}

/** An X server without a monitor; disposing of it ends it. */
export class Display implements AsyncDisposable {
  /** For the `DISPLAY` of programs. */
  readonly name: string;
  #server: Deno.ChildProcess;

  private constructor(server: Deno.ChildProcess, name: string) {
    this.#server = server;
    this.name = name;
  }

  static async open(): Promise<Display> {
    const server = new Deno.Command("Xvfb", {
      // -noreset: without it, the server restarts whenever its last client disconnects,
      // and disconnects any client that is just connecting.
      args: ["-displayfd", "1", "-screen", "0", "1400x900x24", "-noreset", "-nolisten", "tcp"],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    // It writes its number when it is ready, and dies if nobody reads the line to its end.
    const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let line = "";
    while (!line.endsWith("\n")) {
      const { value } = await withPatience(() => reader.read(), () => "Xvfb");
      if (value === undefined) throw new Error("Xvfb ended");
      line += value;
    }
    await reader.cancel();
    return new Display(server, `:${line.trim()}`);
  }

  /** The environment for programs that are to show something here. */
  get env(): Record<string, string> {
    return { DISPLAY: this.name, WAYLAND_DISPLAY: "", SDL_VIDEODRIVER: "" };
  }

  /** The number of the window of a program, once it is there. */
  async windowOf(program: string): Promise<string> {
    let id = "";
    await until(async () => {
      id = await this.#run("xdotool", ["search", "--onlyvisible", "--class", program]);
      return id !== "";
    }, `a window of ${program}`);
    return id.split("\n")[0];
  }

  /** The numbers of all windows that players have opened, with this in their titles. */
  async windowsTitled(part: string): Promise<string[]> {
    const ids = await this.#run("xdotool", ["search", "--onlyvisible", "--class", "ffplay"]);
    const found: string[] = [];
    for (const id of ids.split("\n").filter(Boolean)) {
      if ((await this.title(id)).includes(part)) found.push(id);
    }
    return found;
  }

  /** The title of a window. */
  title(window: string): Promise<string> {
    return this.#run("xdotool", ["getwindowname", window]);
  }

  /** Where a window is, in pixels from the left and the top, and how large. */
  async place(window: string): Promise<{ x: number; y: number; width: number; height: number }> {
    const text = await this.#run("xdotool", ["getwindowgeometry", "--shell", window]);
    const [x, y, width, height] = ["X", "Y", "WIDTH", "HEIGHT"]
      .map((name) => Number(new RegExp(`^${name}=(-?\\d+)$`, "m").exec(text)?.[1]));
    return { x, y, width, height };
  }

  /** Presses a key in a window. */
  async press(window: string, key: string): Promise<void> {
    await this.#run("xdotool", ["windowfocus", window]);
    await this.#run("xdotool", ["key", key]);
  }

  /** Shows a picture all over the screen, behind all windows. */
  async paint(file: string): Promise<void> {
    await this.#run("display", ["-window", "root", file]);
  }

  /** What is to be seen in a window, or on the `root` of all. */
  async look(window: string): Promise<Picture> {
    const { stdout } = await this.#command("import", ["-window", window, "-depth", "8", "pgm:-"]);
    // P5, width, height and 255, each followed by white space, then the pixels.
    const header = new TextDecoder().decode(stdout.subarray(0, 64));
    const match = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(header);
    if (match === null) return { width: 0, height: 0, gray: new Uint8Array() };
    return {
      width: Number(match[1]),
      height: Number(match[2]),
      gray: stdout.subarray(match[0].length),
    };
  }

  /** The red, green and blue of a place in a window, given in parts of its width and height. */
  async color(window: string, x: number, y: number): Promise<number[]> {
    const { stdout } = await this.#command("import", ["-window", window, "-depth", "8", "ppm:-"]);
    // P6, width, height and 255, each followed by white space, then the pixels.
    const header = new TextDecoder().decode(stdout.subarray(0, 64));
    const match = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(header);
    if (match === null) return [];
    const [width, height] = [Number(match[1]), Number(match[2])];
    const pixel = Math.floor(y * height) * width + Math.floor(x * width);
    const at = match[0].length + 3 * pixel;
    return [...stdout.subarray(at, at + 3)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill("SIGTERM");
    await this.#server.status;
  }

  async #run(program: string, args: string[]): Promise<string> {
    const { stdout } = await this.#command(program, args);
    return new TextDecoder().decode(stdout).trim();
  }

  #command(program: string, args: string[]): Promise<Deno.CommandOutput> {
    return new Deno.Command(program, { args, env: this.env, stderr: "null" }).output();
  }
}

/** What a picture of `numberedPictures()` shows: its number, and how dark and bright it gets. */
export function readScreen(
  picture: Picture,
): { number: number; darkest: number; brightest: number } {
  const bits = 12;
  const levels = Array.from({ length: bits }, (_, bit) => {
    const x = Math.floor((bit + 0.5) * picture.width / bits);
    return picture.gray[Math.floor(picture.height / 2) * picture.width + x];
  });
  return {
    number: levels.reduce((number, level, bit) => number + (level > 127 ? 1 << bit : 0), 0),
    darkest: Math.min(...levels),
    brightest: Math.max(...levels),
  };
}

/** Whether a window shows bright letters on a dark ground, and no captured picture. */
export function isNoSignal({ gray }: Picture): boolean {
  const dark = gray.filter((level) => level > 10 && level < 50).length;
  const bright = gray.filter((level) => level > 150).length;
  return dark > 0.6 * gray.length && bright > 0.005 * gray.length;
}
