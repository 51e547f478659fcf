/**
 * A real browser, without a window, driven by the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/).
 *
 * @module
 */

import { Folder } from "./folder.ts";
import { withPatience } from "./patience.ts";
import { programTest } from "./programs.ts";
import { skipped } from "./skipped.ts";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

/** The browser's program, or undefined where none is installed. */
export const chromium: string | undefined = PROGRAMS.find((program) => {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
});
if (chromium === undefined) skipped("the page is tested in chromium only");

/** A test of the compiled sender in the browser. */
export function browserTest(
  name: string,
  fn: (browser: Browser) => Promise<void>,
  isSkipped = false,
  args: string[] = [],
): void {
  programTest(name, async () => {
    await using folder = new Folder();
    await using browser = await Browser.start(folder.path, args);
    await fn(browser);
  }, chromium === undefined || isSkipped);
}

// deno-lint-ignore no-explicit-any -- each command has results of its own
type Result = any;

/** Arguments for a camera without hardware, and for https with the sender's own certificate. */
export const FAKE_CAMERA = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream", // nobody has to allow it
  "--ignore-certificate-errors",
];

/** A running browser; disposing of it ends it. */
export class Browser implements AsyncDisposable {
  #process: Deno.ChildProcess;
  #socket: WebSocket;
  #lastId = 0;
  #waiting = new Map<number, PromiseWithResolvers<Result>>();

  /** Resolves when all that it says has been read. */
  #read: Promise<void>;

  private constructor(process: Deno.ChildProcess, socket: WebSocket, read: Promise<void>) {
    this.#process = process;
    this.#socket = socket;
    this.#read = read;
    socket.onmessage = ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    };
    socket.addEventListener("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("chromium has gone"));
    });
  }

  /**
   * Starts it with nothing in its memory.
   *
   * @param folder where it keeps what it needs
   * @param env more of its environment
   */
  static async start(
    folder: string,
    args: string[] = [],
    env: Record<string, string> = {},
  ): Promise<Browser> {
    const process = new Deno.Command(chromium!, {
      args: [
        "--headless=new",
        "--no-sandbox", // it refuses to start as root otherwise
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--force-color-profile=srgb",
        "--remote-debugging-port=0",
        `--user-data-dir=${folder}/profile`,
        ...args,
        "about:blank",
      ],
      env,
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let said = "";
    const heard = Promise.withResolvers<string>();
    const read = (async () => {
      for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) {
        said += text;
        const match = /DevTools listening on (ws:\S+)/.exec(said);
        if (match) heard.resolve(match[1]);
      }
      heard.reject(new Error(`chromium has ended: ${said}`));
    })();
    const url = await withPatience(() => heard.promise, () => `chromium's address in ${said}`);
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new Browser(process, socket, read);
  }

  /** Gives a command of the protocol, and resolves with its result. */
  send(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<Result>();
    this.#waiting.set(id, waiting);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return withPatience(() => waiting.promise, () => method);
  }

  /** Kills it. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  /** Opens a page in a window of its own. */
  async open(url: string): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url, newWindow: true });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    return new Page(this, sessionId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isOpen = () => this.#socket.readyState === WebSocket.OPEN;
    const closed = new Promise((resolve) => this.#socket.addEventListener("close", resolve));
    try {
      if (isOpen()) await this.send("Browser.close");
    } catch {
      if (isOpen()) this.#process.kill("SIGKILL");
    }
    if (this.#socket.readyState !== WebSocket.CLOSED) await closed;
    await this.#process.status;
    await withPatience(() => this.#read, () => "the end of chromium's children");
  }
}

/** What a page is like, and how its parts were loaded: to tell why it is not as expected. */
const STATE = `location.href + " " + document.readyState + " " + document.body?.innerText + " " +
  JSON.stringify([
    document.body?.dataset,
    performance.getEntriesByType("resource").map((it) => [it.name, it.responseStatus]),
  ])`;

/** An open page. */
export class Page {
  #browser: Browser;
  #session: string;

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  /** Gives a command of the protocol to this page. */
  send(method: string, params?: object): Promise<Result> {
    return this.#browser.send(method, params, this.#session);
  }

  /** What an expression in the page gives, awaited; it has to be JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Waits until an expression in the page is true. */
  async until(expression: string): Promise<void> {
    let hasFailed = false;
    try {
      await withPatience(async () => {
        while (!hasFailed && !await this.evaluate<boolean>(expression).catch(() => false)) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }, () => expression);
    } catch (cause) {
      hasFailed = true;
      throw new Error(`${expression}: ${await this.evaluate(STATE).catch(String)}`, { cause });
    }
  }

  /** The text of an element. */
  async text(id: string): Promise<string> {
    return await this.evaluate(`document.getElementById("${id}").innerText`);
  }

  /** Presses a key, as `" "` or `"s"`. */
  async press(key: string): Promise<void> {
    for (const type of ["keyDown", "keyUp"]) {
      await this.send("Input.dispatchKeyEvent", { type, key });
    }
  }

  /** A picture of the page, in PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.send("Page.captureScreenshot");
    return Uint8Array.fromBase64(data);
  }
}
