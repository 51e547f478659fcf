/**
 * One recording: where its clusters are, and what is in them.
 *
 * @module
 */

import { blocksIn } from "./matroska.js";

/** So much is fetched at once, in bytes and clusters. */
const [FETCH_BYTES, FETCH_CLUSTERS] = [2 * 1024 * 1024, 6];
/** The most clusters that are kept. */
const MAX_KEPT = 24;
/** What lies behind the last cluster that is known. */
const CLUSTER_MS = 500;

/** Throws where the answer is no success. */
export async function request(url, options) {
  const response = await fetch(url, { cache: "no-store", ...options });
  if (response.ok) return response;
  const error = new Error((await response.text()).trim());
  error.status = response.status;
  throw error;
}

/** Reads a recording by HTTP ranges, also while it is being written. */
export class Recording {
  /** When it begins, in milliseconds since the Unix epoch. */
  start;
  /** Whether it is being written. */
  isOpen = false;
  /** Whether sound has been found in it. */
  hasSound = false;
  /** Where each cluster begins, in the file and in time. */
  clusters = [];

  #end;
  #read = new Map();

  /** @param {{name: string, start: number}} facts as in the list of recordings */
  constructor({ name, start }) {
    this.name = name;
    this.start = start;
  }

  /** The address of something of it. */
  url(path, query = {}) {
    return `${path}?${new URLSearchParams({ name: this.name, ...query })}`;
  }

  /** When it ends, as far as it is known, in milliseconds after its start. */
  get durationMs() {
    return this.clusters.length === 0 ? 0 : this.clusters.at(-1)[1] + CLUSTER_MS;
  }

  /** Finds out where its clusters are, or the new ones. */
  async load() {
    for (;;) {
      const query = this.#end === undefined ? {} : { from: this.#end };
      const answer = await (await request(this.url("clusters.json", query))).json();
      this.start = answer.start;
      this.isOpen = answer.isOpen === true;
      this.#end = answer.end;
      this.clusters.push(...answer.clusters);
      if (answer.clusters.length === 0) return;
    }
  }

  /** The last cluster that begins at a time or before it. */
  indexAt(ms) {
    let [low, high] = [0, this.clusters.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.clusters[middle][1] <= ms) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The pictures and the sound of a cluster; fetches those after it, too. */
  cluster(index) {
    if (!this.#read.has(index)) this.#fetch(index);
    return this.#read.get(index);
  }

  /** The first picture of a cluster alone; undefined if it has none. */
  async firstPicture(index) {
    const [at, ms] = this.clusters[index];
    try {
      const response = await request(this.url("picture.jpg", { at }));
      return { ms, jpeg: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      if (error.status === 404) return undefined;
      throw error;
    }
  }

  #fetch(index) {
    const from = this.clusters[index][0];
    const endOf = (it) => this.clusters[it + 1]?.[0] ?? this.#end;
    let last = index;
    while (
      last + 1 < this.clusters.length && last - index + 1 < FETCH_CLUSTERS &&
      endOf(last + 1) - from <= FETCH_BYTES
    ) last++;
    const Range = `bytes=${from}-${endOf(last) - 1}`;
    const fetched = request(this.url("recording.mkv"), { headers: { Range } })
      .then((response) => response.arrayBuffer());
    for (let it = index; it <= last; it++) {
      const [at, ms] = this.clusters[it];
      const length = endOf(it) - at;
      const blocks = fetched.then((bytes) =>
        blocksIn(new Uint8Array(bytes, at - from, length), ms)
      );
      blocks.then(({ sounds }) => this.hasSound ||= sounds.length > 0, () => {});
      blocks.catch(() => this.#read.delete(it)); // the next try fetches again
      this.#read.set(it, blocks);
    }
    for (const it of this.#read.keys()) {
      if (this.#read.size <= MAX_KEPT) break;
      if (it < index || it > last) this.#read.delete(it);
    }
  }
}
