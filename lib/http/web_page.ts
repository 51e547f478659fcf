/**
 * The files of web pages.
 *
 * @module
 */

import { browserScriptUrl } from "../playback/browser_libopus.ts";

/** A file and its media type. */
export interface PageFile {
  /** Its bytes. */
  content: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  type: string;
}

/** Media types of files by their extensions. */
const TYPES: Record<string, string> = {
  html: "text/html",
  css: "text/css",
  js: "text/javascript",
  svg: "image/svg+xml",
};

/** The files of a page, by path. They contain nothing secret. */
export class WebPage {
  #files: Map<string, URL>;
  #cache = new Map<string, PageFile>();

  /** @param files where each file is, by its path on the site */
  constructor(files: Record<string, URL>) {
    this.#files = new Map(Object.entries(files));
  }

  /** The file at `path`, undefined if the page has none there. */
  async file(path: string): Promise<PageFile | undefined> {
    const url = this.#files.get(path);
    if (url === undefined) return undefined;
    const cached = this.#cache.get(path);
    if (cached !== undefined) return cached;
    const content = await Deno.readFile(sourceOf(url));
    const type = TYPES[url.pathname.replace(/^.*\./, "")];
    const file = { content, type: `${type}; charset=utf-8` };
    this.#cache.set(path, file);
    return file;
  }
}

/** Where to read a file from: libopus is in its package while this runs from source. */
function sourceOf(url: URL): URL {
  const isLibopus = url.pathname.endsWith("/page/opus_decoder.js");
  return isLibopus && !Deno.build.standalone ? browserScriptUrl() : url;
}

/** A file of one of our pages. */
export type PagePath = `${"page" | "phone_page" | "call_page" | "archive_page"}/${string}`;

/**
 * Where a file of a page is: in a folder beside this module, which `tools/compile.ts` embeds in the
 * program. `page` has the page that watches, `phone_page` the one that makes a phone the camera,
 * `call_page` the one that calls, and `archive_page` the one that shows recordings.
 */
export function pageUrl(path: PagePath): URL {
  return new URL(`./${path}`, import.meta.url);
}

/**
 * Files of pages by their paths on the site, which are those on the disk, for their imports.
 *
 * @param page the one at `/`
 */
export function pageFiles(page: PagePath, others: PagePath[]): Record<string, URL> {
  const files = others.map((path) => [`/${path}`, pageUrl(path)]);
  return { "/": pageUrl(page), ...Object.fromEntries(files) };
}

/** The page that watches. */
export const PAGE: WebPage = new WebPage({
  "/": pageUrl("page/page.html"),
  "/page.css": pageUrl("page/page.css"),
  "/page.js": pageUrl("page/page.js"),
  "/key.js": pageUrl("page/key.js"),
  "/opus_decoder.js": pageUrl("page/opus_decoder.js"),
  "/pair.js": pageUrl("page/pair.js"),
  "/pairing.js": pageUrl("page/pairing.js"),
  "/sound.js": pageUrl("page/sound.js"),
  "/sound_queue.js": pageUrl("page/sound_queue.js"),
  "/viewer.js": pageUrl("page/viewer.js"),
  "/webm_reader.js": pageUrl("page/webm_reader.js"),
  "/wire.js": pageUrl("page/wire.js"),
  "/icon.svg": pageUrl("page/icon.svg"),
});
