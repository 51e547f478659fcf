/**
 * Reading our own Matroska recordings (RFC 9559), also while they are written or after a crash: what
 * is complete is found by going from cluster to cluster.
 *
 * @module
 */

import { MAX_FRAME_BYTES } from "../jpeg/frame.ts";

/** Element IDs (RFC 9559 section 27.1 and RFC 8794 section 11.2). */
const Id = {
  EBML: 0x1a45dfa3,
  Segment: 0x18538067,
  Info: 0x1549a966,
  DateUTC: 0x4461,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  SimpleBlock: 0xa3,
} as const;

/** Dates are nanoseconds from 2001 on (RFC 8794 section 7.6). */
const DATE_EPOCH_MS = Date.UTC(2001);
/** Where everything before the first cluster is; our own files have less than a tenth of it. */
const HEAD_BYTES = 4096;
/** Enough for the header of a cluster and its timestamp. */
const CLUSTER_HEAD_BYTES = 32;
/** Where the first picture of a cluster begins: half a second of sound may be before it. */
const SOUND_BYTES = 256 * 1024;
/** The most bytes of a cluster: of pictures, and room for the last of them and for sound. */
const MAX_CLUSTER_BYTES = 2 * MAX_FRAME_BYTES + 8 * 1024 * 1024;
/** Track, time and flags of a SimpleBlock. */
const BLOCK_HEAD_BYTES = 4;
/** The track of the pictures. */
const VIDEO_TRACK = 1;

/** An element whose content may begin only. */
interface Element {
  id: number;
  /** Where its content begins, and where it ends; Infinity if its size is not known yet. */
  from: number;
  to: number;
}

/** What is said before the first cluster. */
export interface MatroskaHead {
  /** The capture of the first picture, in milliseconds since the Unix epoch. */
  startMs: number;
  /** Where the first cluster begins. */
  clustersAt: number;
  /** Whether it was completed. */
  isComplete: boolean;
}

/** A cluster: some half a second of pictures, and their sound. */
export interface ClusterEntry {
  /** Where it begins. */
  at: number;
  /** Its time, in milliseconds after the start of the recording. */
  ms: number;
}

/** Reads the head of a recording; undefined if it is none of ours. */
export async function readHead(file: Deno.FsFile): Promise<MatroskaHead | undefined> {
  const bytes = await readAt(file, 0, HEAD_BYTES);
  const ebml = elementAt(bytes, 0);
  const segment = ebml && elementAt(bytes, ebml.to);
  if (ebml?.id !== Id.EBML || segment?.id !== Id.Segment) return undefined;
  let startMs: number | undefined;
  for (let element, at = segment.from; (element = elementAt(bytes, at)); at = element.to) {
    if (element.id === Id.Info) startMs = dateIn(bytes, element);
    if (element.id !== Id.Cluster) continue;
    const isComplete = segment.to !== Infinity;
    return startMs === undefined ? undefined : { startMs, clustersAt: at, isComplete };
  }
  return undefined;
}

/** Whether a recording has no end: it is being written, or its writer was killed. */
export async function isUnfinished(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    return (await readHead(file))?.isComplete !== true;
  } catch {
    return false;
  }
}

/**
 * Finds whole clusters.
 *
 * @param from where the first one begins
 * @param max how many to find at most
 * @returns the clusters, and where the next one may begin
 */
export async function readClusters(
  file: Deno.FsFile,
  from: number,
  max: number,
): Promise<{ clusters: ClusterEntry[]; end: number }> {
  const { size } = await file.stat();
  const clusters: ClusterEntry[] = [];
  let end = from;
  while (clusters.length < max) {
    const bytes = await readAt(file, end, CLUSTER_HEAD_BYTES);
    const cluster = elementAt(bytes, 0);
    if (cluster?.id !== Id.Cluster || end + cluster.to > size) break;
    const time = elementAt(bytes, cluster.from);
    if (time?.id !== Id.Timestamp || time.to > bytes.length) break;
    clusters.push({ at: end, ms: integerIn(bytes, time) });
    end += cluster.to;
  }
  return { clusters, end };
}

/** Reads the first picture of the cluster at a position; undefined if there is none. */
export async function readPicture(
  file: Deno.FsFile,
  at: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = await readAt(file, at, SOUND_BYTES);
  const cluster = elementAt(bytes, 0);
  if (cluster?.id !== Id.Cluster) return undefined;
  for (let block, next = cluster.from; (block = elementAt(bytes, next)); next = block.to) {
    if (block.to > cluster.to) return undefined;
    if (block.id !== Id.SimpleBlock || bytes[block.from] !== (0x80 | VIDEO_TRACK)) continue;
    const from = block.from + BLOCK_HEAD_BYTES;
    if (block.to <= bytes.length) return bytes.slice(from, block.to);
    if (block.to - from > MAX_FRAME_BYTES) return undefined;
    const picture = await readAt(file, at + from, block.to - from);
    return picture.length === block.to - from ? picture : undefined;
  }
  return undefined;
}

/** A picture or a packet of sound in a cluster. */
export interface ClusterBlock {
  /** Whether it is a picture. */
  isPicture: boolean;
  /** Its time, in milliseconds after the start of the recording. */
  ms: number;
  /** A JPEG, or a packet of Opus. */
  data: Uint8Array<ArrayBuffer>;
}

/** Reads everything in a cluster of so many bytes; more than any recorder writes is not read. */
export async function readWholeCluster(
  file: Deno.FsFile,
  { at, ms }: ClusterEntry,
  length: number,
): Promise<ClusterBlock[]> {
  if (length > MAX_CLUSTER_BYTES) return [];
  const bytes = await readAt(file, at, length);
  const view = new DataView(bytes.buffer);
  const blocks: ClusterBlock[] = [];
  const from = elementAt(bytes, 0)?.from ?? bytes.length;
  for (let block, next = from; (block = elementAt(bytes, next)); next = block.to) {
    if (block.to > bytes.length) break;
    if (block.id !== Id.SimpleBlock || block.to - block.from < BLOCK_HEAD_BYTES) continue;
    blocks.push({
      isPicture: bytes[block.from] === (0x80 | VIDEO_TRACK),
      ms: ms + view.getInt16(block.from + 1),
      data: bytes.subarray(block.from + BLOCK_HEAD_BYTES, block.to),
    });
  }
  return blocks.sort((a, b) => a.ms - b.ms);
}

/** The element at a position; undefined if its ID and size are not there. */
export function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const idBytes = Math.clz32(bytes[at] ?? 0) - 23;
  const sizeBytes = Math.clz32(bytes[at + idBytes] ?? 0) - 23;
  const from = at + idBytes + sizeBytes;
  if (idBytes > 4 || sizeBytes > 8 || from > bytes.length) return undefined;
  const number = (start: number, end: number) =>
    bytes.subarray(start, end).reduce((sum, byte) => sum * 256 + byte, 0);
  // The first bit that is set tells the length (RFC 8794 section 4).
  const first = bytes[at + idBytes] & (0xff >> sizeBytes);
  const size = first * 256 ** (sizeBytes - 1) + number(at + idBytes + 1, from);
  // All bits set; with 8 bytes both are rounded alike.
  const isKnown = size !== 2 ** (7 * sizeBytes) - 1;
  const to = isKnown ? from + size : Infinity;
  return Number.isSafeInteger(size) || !isKnown
    ? { id: number(at, at + idBytes), from, to }
    : undefined;
}

function dateIn(bytes: Uint8Array<ArrayBuffer>, info: Element): number | undefined {
  for (let it, at = info.from; at < info.to && (it = elementAt(bytes, at)); at = it.to) {
    if (it.id !== Id.DateUTC || it.to !== it.from + 8 || it.to > bytes.length) continue;
    const nanoseconds = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(it.from);
    return Number(nanoseconds / 1000n) / 1000 + DATE_EPOCH_MS;
  }
  return undefined;
}

function integerIn(bytes: Uint8Array, { from, to }: Element): number {
  return bytes.subarray(from, to).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Reads so many bytes of a file, or as many as there are. */
async function readAt(
  file: Deno.FsFile,
  at: number,
  count: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  await file.seek(at, Deno.SeekMode.Start);
  let length = 0;
  while (length < count) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return bytes.subarray(0, length);
}
