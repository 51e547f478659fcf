/**
 * The site that shows recordings, and takes triggers.
 *
 * @module
 */

import { cut, safeText } from "../base/text.ts";
import { refusalOf } from "../http/origin.ts";
import { empty, type HttpResponse, json, respond, sentence } from "../http/responses.ts";
import { Sessions, type SessionsOptions } from "../http/sessions.ts";
import type { Visit, Website } from "../http/visit.ts";
import { pageFiles, WebPage } from "../http/web_page.ts";
import { fileResponse } from "./file_response.ts";
import { readClusters, readHead, readPicture } from "./matroska_reader.ts";
import type { Recording, Recordings } from "./recordings.ts";

/** Its own files, and those of the page that watches. */
const PAGE = new WebPage(pageFiles("archive_page/archive.html", [
  "archive_page/archive.css",
  "archive_page/archive.js",
  "archive_page/day.js",
  "archive_page/matroska.js",
  "archive_page/playback.js",
  "archive_page/recording.js",
  "archive_page/sound_track.js",
  "archive_page/webm.js",
  "page/page.css",
  "page/key.js",
  "page/icon.svg",
]));

/** Requests that read files at the same time: each holds a descriptor, and some memory. */
const MAX_READING = 32;
/** The most clusters in one answer: half an hour. */
const MAX_CLUSTERS = 4000;

/** What another program can tell the recorder to do. */
export const TRIGGERS = ["trigger", "start", "stop"] as const;
/** One of {@linkcode TRIGGERS}. */
export type TriggerName = typeof TRIGGERS[number];

/** What answers a request for a recording. */
type Answer = (recording: Recording) => Promise<HttpResponse>;

/** Options of {@linkcode ArchiveSite}. */
export interface ArchiveSiteOptions extends SessionsOptions {
  /** Host names that requests may use, besides IP addresses and `localhost`. */
  names: readonly string[];
  /** Passes triggers on; undefined if nothing waits for them. */
  onTrigger?: ((name: TriggerName, reason: string) => void) | undefined;
}

/** Shows recordings to those that have the token. */
export class ArchiveSite implements Website {
  #recordings: Recordings;
  #options: ArchiveSiteOptions;
  #names: string[];
  #sessions: Sessions;
  #reading = 0;

  /** Shows `recordings`. */
  constructor(recordings: Recordings, options: ArchiveSiteOptions) {
    this.#recordings = recordings;
    this.#options = options;
    this.#names = options.names.map((name) => name.toLowerCase());
    this.#sessions = new Sessions(options);
  }

  /** Answers one request. */
  async answer(visit: Visit): Promise<HttpResponse> {
    const { method, url, host, headers } = visit.request;
    const path = url.pathname;
    const { isSecure } = this.#options;
    const refusal = refusalOf({ path, host, headers, isSecure }, this.#names);
    if (refusal !== undefined) return sentence(refusal.status, refusal.reason);
    const trigger = TRIGGERS.find((name) => path === `/${name}`);
    const allowed = trigger !== undefined || path === "/delete"
      ? ["POST"]
      : path === "/session"
      ? ["GET", "POST"]
      : ["GET", "HEAD"];
    if (!allowed.includes(method)) return sentence(405, `Cannot ${method} this`);

    const file = await PAGE.file(path);
    if (file !== undefined) return respond(file.content, { "Content-Type": file.type });
    if (path === "/healthz") return sentence(200, "ok");
    if (path === "/session") return await this.#sessions.answer(visit);
    // A link that somebody was given to watch a camera is no right to see its recordings.
    const right = await this.#sessions.admits(visit);
    if (right?.until !== Infinity) {
      return sentence(401, "Cannot show this: it needs the key");
    }
    visit.onTrusted();
    if (trigger !== undefined) return this.#trigger(trigger, url);
    switch (path) {
      case "/recordings.json":
        return await this.#list();
      case "/recording.mkv":
        return await this.#of(url, (recording) => this.#file(recording, visit));
      case "/clusters.json":
        return await this.#of(url, (recording) => this.#clusters(recording, numberIn(url, "from")));
      case "/picture.jpg":
        return await this.#of(url, (recording) => this.#picture(recording, numberIn(url, "at")));
      case "/delete":
        return await this.#delete(url);
    }
    return sentence(404, "Cannot find this: the page is at /");
  }

  #trigger(name: TriggerName, { searchParams }: URL): HttpResponse {
    const { onTrigger } = this.#options;
    if (onTrigger === undefined) {
      return sentence(409, "Cannot trigger anything: the receiver must run with --on-trigger");
    }
    onTrigger(name, safeText(cut(searchParams.get("reason")?.trim() ?? "")));
    return empty(204);
  }

  async #list(): Promise<HttpResponse> {
    try {
      const recordings = await this.#recordings.list();
      return json({
        now: Date.now(),
        recordings: recordings.map(({ name, camera, timeMs, endMs, bytes, reason }) => ({
          ...{ name, camera, bytes, reason, start: timeMs, end: Math.round(endMs) },
        })),
      });
    } catch {
      return sentence(503, "Cannot read the folder of the recordings: is its disk there?");
    }
  }

  /** Answers for the recording that a URL names, unless too many read already. */
  async #of({ searchParams }: URL, respond: Answer): Promise<HttpResponse> {
    const recording = await this.#recordings.find(searchParams.get("name") ?? "");
    if (recording === undefined) return sentence(404, "Cannot find this recording");
    if (this.#reading >= MAX_READING) {
      return sentence(503, "Cannot read another file: too many are read now", {
        "Retry-After": "1",
      });
    }
    try {
      return await this.#reads(() => respond(recording));
    } catch {
      return sentence(404, "Cannot read this recording");
    }
  }

  async #reads<T>(action: () => Promise<T>): Promise<T> {
    this.#reading++;
    try {
      return await action();
    } finally {
      this.#reading--;
    }
  }

  #file(recording: Recording, visit: Visit): Promise<HttpResponse> {
    const read = async (action: () => Promise<void>) => {
      if (this.#reading < MAX_READING) await this.#reads(action);
    };
    return Promise.resolve(fileResponse(recording, visit, read));
  }

  async #clusters(recording: Recording, from: number | undefined): Promise<HttpResponse> {
    using file = await Deno.open(recording.path);
    const head = await readHead(file);
    if (head === undefined) return json({ start: recording.timeMs, clusters: [], end: 0 });
    const { clusters, end } = await readClusters(file, from ?? head.clustersAt, MAX_CLUSTERS);
    return json({
      start: head.startMs,
      clusters: clusters.map(({ at, ms }) => [at, ms]),
      end,
      isOpen: await this.#recordings.isBeingWritten(recording),
    });
  }

  async #picture(recording: Recording, at: number | undefined): Promise<HttpResponse> {
    using file = await Deno.open(recording.path);
    const from = at ?? (await readHead(file))?.clustersAt;
    const picture = from === undefined ? undefined : await readPicture(file, from);
    if (picture === undefined) return sentence(404, "Cannot find a picture there");
    return respond(picture, { "Content-Type": "image/jpeg" });
  }

  async #delete({ searchParams }: URL): Promise<HttpResponse> {
    const deletion = await this.#recordings.delete(searchParams.get("name") ?? "");
    switch (deletion) {
      case "deleted":
        return empty(204);
      case "missing":
        return sentence(404, "Cannot find this recording");
      case "being written":
        return sentence(409, "Cannot delete this recording: it is being written");
    }
    return sentence(503, `Cannot delete this recording: ${deletion.failed}`);
  }
}

function numberIn({ searchParams }: URL, name: string): number | undefined {
  const text = searchParams.get(name) ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
