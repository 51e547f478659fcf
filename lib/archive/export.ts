/**
 * Exporting a span of recordings as one file that plays everywhere: H.264, and AAC if there is sound.
 *
 * ```text
 * recordings --> blocks --> one Matroska stream, gaps cut out --> ffmpeg --> FILE.part --> FILE
 * ```
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { CamcatError, wordsOf } from "../base/errors.ts";
import { Child } from "../program/child.ts";
import { PRIVATE } from "../program/file_access.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { type Chunk, ChunkBuilder } from "../record/chunk.ts";
import { Matroska, SIMPLE_BLOCK_HEADER_BYTES } from "../record/matroska.ts";
import { type Block, blocksOf } from "./blocks.ts";
import type { Recordings } from "./recordings.ts";
import type { Span } from "./span.ts";

/** A longer time without pictures and sound is cut out, in milliseconds. */
const MAX_GAP_MS = 2000;
/** What takes its place. */
const GAP_MS = 40;

/** How far an export is. */
export interface ExportProgress {
  /** How much of the span is done, 0 to 1. */
  share: number;
  /** How long the video is until now, in milliseconds. */
  durationMs: number;
  /** The pictures in it. */
  frames: number;
  /** How many gaps were cut out. */
  gaps: number;
}

/** Options of {@linkcode exportSpan}. */
export interface ExportOptions {
  /** What to export. */
  span: Span;
  /** The file to make. */
  file: string;
  /** Ends it; nothing is left then. */
  signal: AbortSignal;
  /** Called while it goes on. */
  onProgress: (progress: ExportProgress) => void;
  /** Called with each line that ffmpeg prints. */
  onLine: (line: string) => void;
}

/**
 * Exports a span of recordings.
 *
 * @returns what is in the file; undefined if the signal was aborted
 * @throws {CamcatError} if there is nothing to export, or ffmpeg fails
 */
export async function exportSpan(
  recordings: Recordings,
  { span, file, signal, onProgress, onLine }: ExportOptions,
): Promise<ExportProgress | undefined> {
  const part = `${file}.part`;
  if (await Deno.stat(file).then(() => true, () => false)) {
    throw new CamcatError(`Cannot export to ${file}: it already exists. Use another name`);
  }
  try {
    Deno.writeFileSync(part, new Uint8Array(), { createNew: true, mode: PRIVATE.file });
  } catch (cause) {
    throw new CamcatError(`Cannot write ${part}: ${wordsOf(cause)}`, { cause });
  }
  try {
    const { fromMs, toMs } = span;
    const inside = (await recordings.list()).filter(({ timeMs, endMs }) =>
      timeMs < toMs && endMs >= fromMs
    );
    const cameras = new Set(inside.map(({ camera }) => camera));
    if (cameras.size > 1) {
      throw new CamcatError(
        `Cannot export several cameras: name the folder of one, such as ${[...cameras].join(", ")}`,
      );
    }
    const blocks = blocksOf(inside.map(({ path }) => path), span);
    const done = await encode(blocks, { span, part, signal, onProgress, onLine });
    if (signal.aborted) return undefined;
    if (done.frames === 0) {
      throw new CamcatError("Cannot export: nothing was recorded in this time");
    }
    await Deno.rename(part, file);
    return done;
  } finally {
    await Deno.remove(part).catch(() => {});
  }
}

/** Gives blocks to ffmpeg as one stream. */
async function encode(
  blocks: AsyncIterable<Block>,
  { span, part, signal, onProgress, onLine }: Omit<ExportOptions, "file"> & { part: string },
): Promise<ExportProgress> {
  const done: ExportProgress = { share: 0, durationMs: 0, frames: 0, gaps: 0 };
  const builder = new ChunkBuilder(SIMPLE_BLOCK_HEADER_BYTES);
  const container = new Matroska();
  builder.channels = 2;
  let child: Child | undefined;
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  const write = async (chunk: Chunk | undefined) => {
    if (chunk === undefined) return;
    if (writer === undefined) {
      child = start(chunk, part, onLine);
      writer = child.process.stdin.getWriter();
      await writer.write(container.header(chunk));
    }
    for (const piece of container.encode(chunk)) await writer.write(piece);
    builder.release(chunk);
  };
  let [offsetMs, lastMs, firstMs] = [0, -Infinity, -Infinity];
  using _ = onAbort(signal, () => child?.kill());
  try {
    for await (const block of blocks) {
      if (signal.aborted) return done;
      if (lastMs === -Infinity && block.type === "sound") continue; // a file begins with a picture
      if (lastMs === -Infinity) firstMs = block.timeMs;
      else if (block.timeMs - lastMs > MAX_GAP_MS) {
        offsetMs += block.timeMs - lastMs - GAP_MS;
        done.gaps++;
      }
      lastMs = Math.max(lastMs, block.timeMs);
      const timeMs = block.timeMs - offsetMs;
      if (block.type === "sound") {
        builder.addSound({ timeMs, durationMs: block.durationMs, data: block.data });
      } else {
        await write(builder.add(block.data, timeMs));
        done.frames++;
      }
      done.durationMs = lastMs - offsetMs - firstMs;
      const from = Math.max(span.fromMs, firstMs);
      done.share = Math.min(1, (block.timeMs - from) / Math.max(1, span.toMs - from));
      onProgress(done);
    }
    await write(builder.close());
    await writer?.close();
  } catch (error) {
    if (child === undefined || error instanceof CamcatError) throw error;
    // ffmpeg has ended; it has said why.
  }
  const status = await child?.status;
  if (status !== undefined && !status.success && !signal.aborted) throw failure(child!.tail);
  done.share = 1;
  return done;
}

/** Starts ffmpeg for a stream that begins with this chunk, whose picture gives the size. */
function start({ bytes, frames: [first] }: Chunk, part: string, onLine: (line: string) => void) {
  const { width, height } = sizeOf(bytes.subarray(first.start, first.end))!;
  const [evenWidth, evenHeight] = [width + width % 2, height + height % 2];
  const scale = `scale=${evenWidth}:${evenHeight}:force_original_aspect_ratio=decrease` +
    `:out_range=tv,pad=${evenWidth}:${evenHeight}:-1:-1,setsar=1`;
  const created = new Date(first.timeMs).toISOString();
  // The times are those of the capture, to the millisecond, and not of a fixed rate.
  const args = [
    ...["-hide_banner", "-loglevel", "warning", "-f", "matroska", "-i", "pipe:0"],
    ...["-map", "0:v:0", "-map", "0:a:0?", "-vf", scale, "-vsync", "passthrough"],
    ...["-enc_time_base:v", "1:1000", "-video_track_timescale", "90000"],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-b:a", "96k", "-af", "aresample=async=1:first_pts=0"],
    ...[
      "-metadata",
      `creation_time=${created}`,
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      "-y",
      part,
    ],
  ];
  return Child.spawn("ffmpeg", args, { stdin: "piped", onLine });
}

function failure(tail: string[]): CamcatError {
  const text = tail.join("\n");
  if (/Unknown encoder|Encoder .* not found|Error selecting an encoder/i.test(text)) {
    return new CamcatError(
      "Cannot export: this ffmpeg has no H.264 encoder. Install an ffmpeg with libx264",
    );
  }
  if (/No space left/i.test(text)) {
    return new CamcatError("Cannot export: no space left on the disk. Use another place");
  }
  return new CamcatError(`Cannot export: ffmpeg failed: ${tail.at(-1) ?? "it said nothing"}`);
}
