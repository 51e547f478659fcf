/**
 * The stream that a running ffmpeg writes its output to.
 *
 * @module
 */

import { CamcatError, wordsOf } from "../base/errors.ts";

/**
 * The stream that ffmpeg writes to. On Linux and macOS it is a Unix socket: one read takes a whole
 * frame, at half the CPU time of a pipe, which holds at most 64 KiB. On Windows it is a pipe.
 */
export class FfmpegStream implements Disposable {
  /** The output URL for ffmpeg. */
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
   * Makes the socket for one ffmpeg, before it is started.
   *
   * @throws {CamcatError} if the socket cannot be made, for example because /tmp is full
   */
  static open(): FfmpegStream {
    if (Deno.build.os === "windows") return new FfmpegStream("pipe:1");
    let directory: string | undefined;
    try {
      // Its mode is 0700: other users cannot connect.
      directory = Deno.makeTempDirSync({ dir: "/tmp", prefix: "camcat-" });
      const path = `${directory}/frames`;
      const listener = Deno.listen({ transport: "unix", path });
      return new FfmpegStream(`unix:${path}`, listener, directory);
    } catch (cause) {
      if (directory !== undefined) Deno.removeSync(directory, { recursive: true });
      throw new CamcatError(
        `Cannot start ffmpeg: its socket in /tmp cannot be made (${wordsOf(cause)})`,
        { cause },
      );
    }
  }

  /** Waits for ffmpeg to connect; undefined if the socket is closed first. */
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

  /** Closes the socket; an accepted connection stays open. */
  [Symbol.dispose](): void {
    this.listener?.close();
    if (this.#directory !== undefined) {
      Deno.removeSync(this.#directory, { recursive: true });
    }
  }
}
