/**
 * Recordings for tests, and what ffprobe sees in them.
 */

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { type Chunk, ChunkBuilder } from "../../lib/record/chunk.ts";
import type { Format } from "../../lib/record/formats.ts";
import { join } from "./jpegs.ts";
import { ffmpeg } from "./ffmpeg.ts";

/** A picture with its time. */
export interface Timed {
  timeMs: number;
  jpeg: Uint8Array;
}

/** Cuts frames into chunks as a recorder does. */
export function chunksOf(frames: Timed[], room: number): Chunk[] {
  const builder = new ChunkBuilder(room);
  const chunks = frames.map(({ jpeg, timeMs }) => builder.add(jpeg, timeMs));
  return [...chunks, builder.close()].filter((chunk) => chunk !== undefined);
}

/** A file in the making: its bytes, and how many frames are in it up to where. */
export interface Muxed {
  bytes: Uint8Array;
  /** Ends of the chunks, with the frames that are whole then. */
  ends: { at: number; frames: number }[];
}

/** Makes a file of frames, ended as it should be or as a crash leaves it. */
export function mux(format: Format, frames: Timed[], isFinished: boolean): Muxed {
  const container = format.create();
  const pieces: Uint8Array[] = [];
  const ends: Muxed["ends"] = [];
  let at = 0;
  const append = (piece: Uint8Array) => (pieces.push(piece.slice()), at += piece.length);
  let count = 0;
  for (const chunk of chunksOf(frames, format.room)) {
    if (count === 0) append(container.header(chunk));
    const start = at;
    container.encode(chunk).forEach(append);
    container.written(chunk, start);
    ends.push({ at, frames: count += chunk.frames.length });
  }
  const indexAt = at;
  if (isFinished) append(container.index());
  const bytes = join(...pieces);
  if (isFinished) {
    for (const patch of container.patches(at, indexAt)) bytes.set(patch.bytes, patch.at);
  }
  return { bytes, ends };
}

/** What ffprobe says of a file. */
export interface Probed {
  packets: { pts_time?: string; size: string; flags: string }[];
  streams: { codec_name: string; width: number; height: number }[];
  format: { duration?: string; tags?: Record<string, string> };
}

/** Lets ffprobe read a file, all of it or what `args` say. */
export async function ffprobe(path: string, args: string[] = []): Promise<Probed> {
  const output = await new Deno.Command("ffprobe", {
    args: [
      ...["-v", "error", "-of", "json", "-show_packets", "-show_streams", "-show_format"],
      ...args,
      path,
    ],
  }).output();
  assertEquals(output.code, 0, new TextDecoder().decode(output.stderr));
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

/** The times of all frames in a file, in milliseconds from the first. */
export async function timesIn(path: string): Promise<number[]> {
  return (await ffprobe(path)).packets.map(({ pts_time }) => Number(pts_time) * 1000);
}

/** The pictures in a file, as they are there. */
export async function picturesIn(path: string): Promise<Uint8Array> {
  return await ffmpeg(["-i", path, "-c", "copy", "-f", "mjpeg", "pipe:1"]);
}
