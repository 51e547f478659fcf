/**
 * Where a running ffmpeg writes to.
 *
 * @module
 */

/**
 * Where ffmpeg writes to. A socket in a directory of our own is read in whole
 * frames, and at half the cost of a pipe, which holds 64 KiB at most; Windows
 * has only the pipe.
 */
export class FfmpegOutput implements Disposable {
  /** What ffmpeg is told to write to. */
  readonly url: string;
  /** The socket; undefined for a pipe. */
  readonly listener: Deno.UnixListener | undefined;
  #directory: string | undefined;

  private constructor() {
    if (Deno.build.os === "windows") {
      this.url = "pipe:1";
    } else {
      // Made with mode 0700: nobody else can connect.
      this.#directory = Deno.makeTempDirSync({
        dir: "/tmp",
        prefix: "camcat-",
      });
      const path = `${this.#directory}/frames`;
      this.listener = Deno.listen({ transport: "unix", path });
      this.url = `unix:${path}`;
    }
  }

  /** Makes the socket, for one ffmpeg that is about to be started. */
  static open(): FfmpegOutput {
    return new FfmpegOutput();
  }

  /** Waits for ffmpeg to connect; undefined if this was closed meanwhile. */
  async accept(
    process: Deno.ChildProcess,
  ): Promise<Deno.Conn | ReadableStream<Uint8Array> | undefined> {
    if (this.listener === undefined) return process.stdout;
    try {
      return await this.listener.accept();
    } catch {
      return undefined;
    }
  }

  /** Takes nobody in any more; the connection that was taken stays. */
  [Symbol.dispose](): void {
    this.listener?.close();
    if (this.#directory !== undefined) {
      Deno.removeSync(this.#directory, { recursive: true });
    }
  }
}
