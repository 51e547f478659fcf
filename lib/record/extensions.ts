/**
 * The file extensions of recordings.
 *
 * @module
 */

/** The extensions of all formats, each with its dot. */
export const EXTENSIONS = [".mkv", ".mp4", ".mjpeg"] as const;

/** One of {@linkcode EXTENSIONS}. */
export type Extension = typeof EXTENSIONS[number];
