/**
 * Finds the source that a SOURCE argument names.
 *
 * @module
 */

import { type Camera, pathOf, pickCamera } from "../camera/camera.ts";
import { listCameras } from "../camera/cameras.ts";
import { CamcatError } from "../base/errors.ts";
import { parseSource, type Source } from "./source.ts";

/**
 * Finds the source that the user named, or the first camera. A number is a camera's number. A file
 * that exists takes precedence over a camera of the same name.
 *
 * @throws {UsageError} if several cameras match
 * @throws {CamcatError} if nothing matches
 */
export async function findSource(text: string | undefined): Promise<Source> {
  if (text === undefined) return sourceOf(firstOf(await listCameras()));
  if (!/^\d+$/.test(text)) {
    const source = parseSource(text);
    if (source.kind !== "file" || /[/\\]/.test(text) || exists(text)) return source;
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

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
