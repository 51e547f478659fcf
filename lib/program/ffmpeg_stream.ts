/**
 * The stream that a running ffmpeg writes its output to.
 *
 * @module
 */

import { CamcatError, wordsOf } from "../base/errors.ts";
import { TempFolder } from "./temp_folder.ts";

/**
 * The stream that ffmpeg writes to. On Linux and macOS it is a Unix socket: one read takes a whole
 * frame, at half the CPU time of a pipe, which holds at most 64 KiB. On Windows it is a pipe.
 */
export class FfmpegStream implements Disposable {
  /** The output URL for ffmpeg. */
  readonly url: string;
  /** The socket; undefined for a pipe. */
  readonly listener: Deno.UnixListener | undefined;
  #folder: TempFolder | undefined;
  #isClosed = false;

  private constructor(url: string, listener?: Deno.UnixListener, folder?: TempFolder) {
    this.url = url;
    this.listener = listener;
    this.#folder = folder;
  }

  /**
   * Makes the socket for one ffmpeg, before it is started.
   *
   * @throws {CamcatError} if the socket cannot be made, for example because /tmp is full
   */
  static open(): FfmpegStream {
    if (Deno.build.os === "windows") return new FfmpegStream("pipe:1");
    let folder: TempFolder | undefined;
    try {
      folder = TempFolder.make();
      const path = folder.file("frames");
      const listener = Deno.listen({ transport: "unix", path });
      return new FfmpegStream(`unix:${path}`, listener, folder);
    } catch (cause) {
      folder?.[Symbol.dispose]();
      throw new CamcatError(
        `Cannot start ffmpeg: its socket in /tmp cannot be made (${wordsOf(cause)})`,
        { cause },
      );
    }
  }

  /**
   * Waits for ffmpeg to connect.
   *
   * @returns undefined if the socket is closed first
   * @throws {CamcatError} if the connection cannot be accepted, for example without a descriptor
   */
  async accept(
    process: Deno.ChildProcess,
  ): Promise<Deno.Conn | ReadableStream<Uint8Array> | undefined> {
    if (this.listener === undefined) return process.stdout;
    try {
      return await this.listener.accept();
    } catch (cause) {
      if (this.#isClosed) return undefined;
      throw new CamcatError(`Cannot read from ffmpeg: ${wordsOf(cause)}`, { cause });
    }
  }

  /** Closes the socket; an accepted connection stays open. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.listener?.close();
    } catch {
      // Its path is gone, for example because somebody tidied /tmp.
    }
    this.#folder?.[Symbol.dispose]();
  }
}
