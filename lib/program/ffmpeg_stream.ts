/**
 * Where a running ffmpeg writes to.
 *
 * @module
 */

import { CamcatError, wordsOf } from "../base/errors.ts";

/**
 * Where ffmpeg writes to. A socket in a directory of our own is read in whole
 * frames, and at half the cost of a pipe, which holds 64 KiB at most; Windows
 * has only the pipe.
 */
export class FfmpegStream implements Disposable {
  /** What ffmpeg is told to write to. */
  readonly url: string;
  /** The socket; undefined for a pipe. */
  readonly listener: Deno.UnixListener | undefined;
  #directory: string | undefined;

  private constructor(url: string, listener?: Deno.UnixListener, directory?: string) {
    this.url = url;
    this.listener = listener;
    this.#directory = directory;
  }

  /**
   * Makes the socket, for one ffmpeg that is about to be started.
   *
   * @throws {CamcatError} if /tmp is full, for one
   */
  static open(): FfmpegStream {
    if (Deno.build.os === "windows") return new FfmpegStream("pipe:1");
    let directory: string | undefined;
    try {
      // Made with mode 0700: nobody else can connect.
      directory = Deno.makeTempDirSync({ dir: "/tmp", prefix: "camcat-" });
      const path = `${directory}/frames`;
      const listener = Deno.listen({ transport: "unix", path });
      return new FfmpegStream(`unix:${path}`, listener, directory);
    } catch (cause) {
      if (directory !== undefined) Deno.removeSync(directory, { recursive: true });
      throw new CamcatError(
        `Cannot start ffmpeg: no socket for its pictures can be made in /tmp (${wordsOf(cause)})`,
        { cause },
      );
    }
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
