/**
 * The files of the web page.
 *
 * @module
 */

/** A file and its media type. */
export interface PageFile {
  /** Its bytes. */
  content: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  type: string;
}

/** The files of the page, by path. They contain nothing secret. */
const FILES: Record<string, [file: string, type: string]> = {
  "/": ["page.html", "text/html"],
  "/page.css": ["page.css", "text/css"],
  "/page.js": ["page.js", "text/javascript"],
  "/key.js": ["key.js", "text/javascript"],
  "/pair.js": ["pair.js", "text/javascript"],
  "/pairing.js": ["pairing.js", "text/javascript"],
  "/sound.js": ["sound.js", "text/javascript"],
  "/viewer.js": ["viewer.js", "text/javascript"],
  "/wire.js": ["wire.js", "text/javascript"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
};

const cache = new Map<string, PageFile>();

/**
 * The file at `path`, undefined if the page has none there. It is read from the folder `page`
 * beside this module; `tools/compile.ts` embeds that in the program.
 */
export async function pageFile(path: string): Promise<PageFile | undefined> {
  if (!Object.hasOwn(FILES, path)) return undefined;
  const cached = cache.get(path);
  if (cached !== undefined) return cached;
  const [name, type] = FILES[path];
  const content = await Deno.readFile(new URL(`./page/${name}`, import.meta.url));
  const file = { content, type: `${type}; charset=utf-8` };
  cache.set(path, file);
  return file;
}
