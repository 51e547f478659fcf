/**
 * From what the user calls a source to where it is.
 *
 * @module
 */

import { ask } from "./ask.ts";
import { type Camera, pathOf, pickCamera } from "./camera.ts";
import { listCameras } from "./cameras.ts";
import { CamcatError } from "./errors.ts";
import { parseSource, type Source } from "./source.ts";

/**
 * Finds the source that the user named, or the first camera. A number is a camera's; an
 * existing file of the name comes before a camera of that name.
 *
 * @throws {UsageError} if several cameras fit
 * @throws {CamcatError} if nothing does
 */
export async function findSource(text: string | undefined): Promise<Source> {
  if (text === undefined) return sourceOf(firstOf(await listCameras()));
  if (!/^\d+$/.test(text)) {
    const source = parseSource(text);
    if (source.kind !== "file" || /[/\\]/.test(text) || await isFile(text)) return source;
  }
  return sourceOf(pickCamera(text, await listCameras()));
}

function firstOf(cameras: Camera[]): Camera {
  if (cameras.length > 0) return cameras[0];
  throw new CamcatError(
    "Cannot find a camera: plug one in, name another SOURCE, or try `sender test` for a built-in picture",
  );
}

function sourceOf(camera: Camera): Source {
  return { kind: "device", path: pathOf(camera), name: camera.name };
}

/** Whether there is a file. Asked of ffprobe, which may read what this program may not. */
async function isFile(path: string): Promise<boolean> {
  const { success, lines } = await ask("ffprobe", ["-hide_banner", "-i", `file:${path}`]);
  const told = lines.length > 0; // or else it did not answer in time
  return success || (told && !lines.some((line) => /No such file or directory/.test(line)));
}
