/**
 * The bytes of a source as they come, through an ffmpeg that only passes them on: it knows the
 * protocols, encryption, logins and redirections, and is in no way strict about what it passes.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { within } from "../base/within.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { ByteReader } from "../jpeg/split_jpegs.ts";
import type { JpegSplitter } from "../jpeg/splitter.ts";
import { type BodyHeaders, type Content, contentOf, MAX_SNIFFED_BYTES } from "./content.ts";
import { FfmpegRun, type FfmpegRunOptions } from "./ffmpeg_run.ts";
import { urlOf } from "./media_recipe.ts";
import { type Source, sourceName } from "./source.ts";

/** Protocols of ffmpeg that carry bytes and may carry JPEGs (ffmpeg-protocols manual). */
const BYTE_SCHEMES = /^(https?|tcp|tls|ftp|sftp):/;
/** After this time without enough bytes to decide by, those that came decide. */
const SNIFF_MS = 2000;
/** How long the log may lag behind the bytes. */
const LOG_MS = 1000;

/** Whether a source is read through a {@linkcode ByteRelay}: it may give JPEGs, or open only once. */
export function isRelayed(
  source: Source,
  isPipe: boolean,
): source is Extract<Source, { kind: "file" | "url" }> {
  return source.kind === "url" && BYTE_SCHEMES.test(source.url) ||
    source.kind === "file" && isPipe;
}

/** What an earlier answer said, for asking whether the picture has changed (RFC 9110 section 13). */
export interface Validators {
  /** The ETag header. */
  etag?: string | undefined;
  /** The Last-Modified header. */
  lastModified?: string | undefined;
}

/** A running relay. */
export class ByteRelay implements AsyncDisposable {
  /** Headers of the last HTTP answer, by their names in lower case. */
  readonly headers: Map<string, string> = new Map();
  /** Its status; 0 before there is one, and for other protocols. */
  httpStatus = 0;
  #source: Source;
  #run: FfmpegRun | undefined;
  #hasHeaders = Promise.withResolvers<void>();
  #chunks: AsyncIterator<Uint8Array> | undefined;
  /** Bytes that were looked at and not yet passed on. */
  #sniffed: Uint8Array = new Uint8Array();
  #pending: Promise<Uint8Array | null> | undefined;

  private constructor(source: Source) {
    this.#source = source;
  }

  /** Connects to the source and waits for its answer. */
  static async open(
    source: Extract<Source, { kind: "file" | "url" }>,
    options: FfmpegRunOptions,
    validators: Validators = {},
  ): Promise<ByteRelay> {
    const relay = new ByteRelay(source);
    const args = (output: string) => relayArgs(urlOf(source), validators, output);
    relay.#run = await FfmpegRun.start(args, source, {
      ...options,
      isNoise: (line) => relay.#takeLine(line),
    });
    // The log and the bytes come by two ways: the headers stand in the log before its "Input #0".
    await within(Promise.race([relay.#hasHeaders.promise, relay.run.status]), LOG_MS);
    return relay;
  }

  /** The run of ffmpeg, for its end and its explanation. */
  get run(): FfmpegRun {
    return this.#run!;
  }

  /** What the server said of the body. */
  get body(): BodyHeaders {
    const type = this.headers.get("content-type") ?? "";
    const length = this.headers.get("content-length");
    return {
      type: type.replace(/;.*/s, "").trim().toLowerCase(),
      length: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
      isHttp: this.httpStatus > 0,
    };
  }

  /** For asking next time whether the picture has changed. */
  get validators(): Validators {
    return { etag: this.headers.get("etag"), lastModified: this.headers.get("last-modified") };
  }

  /**
   * Reads the first bytes and decides what they are.
   *
   * @param limitMs how long to wait for them
   * @returns undefined if there were none
   */
  async content(limitMs: number): Promise<Content | undefined> {
    let waitMs = limitMs;
    for (;;) {
      this.#pending ??= this.#readChunk();
      const chunk = await within(this.#pending, waitMs);
      if (chunk === undefined && this.#sniffed.length === 0) {
        throw new CamcatError(
          `Cannot read ${sourceName(this.#source)}: it answered, but sent nothing for ` +
            `${Math.round(limitMs / 1000)} s. Check that it sends a picture`,
        );
      }
      if (chunk) {
        this.#pending = undefined;
        this.#sniffed = joined(this.#sniffed, chunk);
        waitMs = SNIFF_MS;
      }
      if (this.#sniffed.length === 0) return undefined;
      const isAll = !chunk || this.#sniffed.length >= MAX_SNIFFED_BYTES;
      const content = contentOf(this.#sniffed, this.body, isAll);
      if (content !== undefined) return content;
    }
  }

  /** The frames among its bytes. */
  frames(splitter: JpegSplitter): AsyncGenerator<Frame, void, void> {
    return this.run.frames(splitter, this.#reader());
  }

  /** Its bytes, from the first on. */
  async *bytes(): AsyncGenerator<Uint8Array, void, void> {
    const reader = this.#reader();
    const space = new Uint8Array(64 * 1024);
    for (let count; (count = await reader.read(space)) !== null;) yield space.slice(0, count);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.run.end();
  }

  #reader(): ByteReader {
    const output = this.run.output;
    return {
      read: async (into) => {
        if (this.#sniffed.length === 0 && this.#pending === undefined) {
          if (output !== undefined && "read" in output) return await output.read(into);
          this.#pending = this.#readChunk();
        }
        if (this.#sniffed.length === 0) {
          const chunk = await this.#pending!;
          if (chunk === null) return null;
          this.#pending = undefined;
          this.#sniffed = chunk;
        }
        const part = this.#sniffed.subarray(0, into.length);
        into.set(part);
        this.#sniffed = this.#sniffed.subarray(part.length);
        return part.length;
      },
    };
  }

  async #readChunk(): Promise<Uint8Array | null> {
    const { output } = this.run;
    if (output === undefined) return null;
    try {
      if ("read" in output) {
        const space = new Uint8Array(16 * 1024);
        const count = await output.read(space);
        return count === null ? null : space.subarray(0, count);
      }
      this.#chunks ??= output[Symbol.asyncIterator]();
      const { value, done } = await this.#chunks.next();
      return done ? null : value;
    } catch {
      return null; // it was ended
    }
  }

  /**
   * Reads a line of the log. Only messages for the user are let through: the others hold requests,
   * with passwords.
   */
  #takeLine(line: string): boolean {
    const status = /\] \[trace\] http_code=(\d+)/.exec(line)?.[1];
    if (status !== undefined) {
      this.httpStatus = Number(status);
      this.headers.clear(); // those before were of a redirection
    }
    if (/^\[info\] Input #0, /.test(line)) this.#hasHeaders.resolve();
    const [, name, value] = /\] \[trace\] header='([^:']+): ?(.*)'$/.exec(line) ?? [];
    if (name !== undefined && this.headers.size < 64) {
      this.headers.set(name.trim().toLowerCase(), value.trim());
    }
    return !/^(\[[^\]]* @ [^\]]*\] )?\[(warning|error|fatal|panic)\] /.test(line);
  }
}

function relayArgs(url: string, { etag, lastModified }: Validators, output: string): string[] {
  const isHttp = /^https?:/.test(url);
  const conditions = [
    ...(etag === undefined ? [] : [`If-None-Match: ${etag}\r\n`]),
    ...(lastModified === undefined ? [] : [`If-Modified-Since: ${lastModified}\r\n`]),
  ].join("");
  return [
    ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+trace"],
    ...["-probesize", "32", "-analyzeduration", "0"],
    ...(isHttp ? ["-seekable", "0"] : []), // no Range header: some cameras fail at it
    ...(conditions === "" ? [] : ["-headers", conditions]),
    ...["-raw_packet_size", "65536", "-f", "data", "-i", url],
    ...["-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "data", "-y", output],
  ];
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The name of a source that waits until somebody connects or writes, for a note. */
export function waitsFor(source: Source, isPipe: boolean): string | undefined {
  if (isPipe) return `Waiting for a program that writes to ${sourceName(source)}`;
  if (source.kind === "url" && /^(tcp|tls|https?):.*[?&]listen=1/.test(source.url)) {
    return `Waiting for a camera to connect to ${sourceName(source)}`;
  }
  return undefined;
}
