/**
 * How ffmpeg opens a source.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import type { SelectedMode } from "../camera/mode.ts";
import { cameraRecipes, modeRecipe } from "./camera_recipe.ts";
import { desktopNote, findDesktop, screenRecipe } from "./desktop.ts";
import type { Recipe } from "./ffmpeg_args.ts";
import { mediaRecipe, type RtspTransport, testRecipe } from "./media_recipe.ts";
import { askedOfSource, type Picture } from "./picture.ts";
import { type Source, sourceName } from "./source.ts";
import type { StreamFacts } from "./stream_report.ts";

/** What {@linkcode recipesFor} needs to know besides the source. */
export interface RecipeContext {
  /** What the user asked of the picture. */
  picture: Picture;
  /** The mode to capture a camera in, where one was selected. */
  mode?: SelectedMode | undefined;
  /** What ffmpeg reported of a file or URL; undefined before it was opened for the first time. */
  facts?: StreamFacts | undefined;
  /** What it will most likely report. */
  likely?: StreamFacts | undefined;
  /** Whether it was found to have sound that is wanted. @default {false} */
  hasSound?: boolean;
  /** Whether sound is wanted of a source that is known to have it. @default {false} */
  wantsSound?: boolean;
  /** Over what an RTSP camera sends. @default {"auto"} */
  rtspTransport?: RtspTransport | undefined;
  /** Called with what the user might not expect. */
  onNote?: ((note: string) => void) | undefined;
}

/**
 * The ways to capture a source, best first; one fails if the source cannot.
 *
 * @throws {UsageError} if JPEGs must pass untouched and no way does that
 * @throws {CamcatError} if this machine has no such source
 */
export function recipesFor(
  source: Exclude<Source, { kind: "stdin" }>,
  { picture, mode, facts, likely, hasSound, wantsSound, rtspTransport, onNote }: RecipeContext,
): Recipe[] {
  const recipes = ((): Recipe[] => {
    switch (source.kind) {
      case "test":
        return [testRecipe(askedOfSource(picture), wantsSound)];
      case "device":
        return mode === undefined
          ? cameraRecipes(source.path, askedOfSource(picture))
          : [modeRecipe(source.path, mode, picture)];
      case "screen": {
        const desktop = findDesktop();
        const note = desktopNote(desktop);
        if (note !== undefined) onNote?.(note);
        return [screenRecipe(source.number, picture, desktop)];
      }
      default:
        return [mediaRecipe(source, picture, facts ?? likely, rtspTransport)]
          .map((recipe) => hasSound ? { ...recipe, sound: "0:a:0" } : recipe);
    }
  })();
  const isKnown = source.kind !== "file" && source.kind !== "url" || facts !== undefined;
  return isKnown ? asForced(recipes, picture, source) : recipes;
}

/**
 * The recipes that do as the user asked: pass JPEGs on, or encode them.
 *
 * @throws {UsageError} if JPEGs must pass untouched and no recipe does that
 */
export function asForced(recipes: Recipe[], { copy }: Picture, source: Source): Recipe[] {
  if (copy === undefined) return recipes;
  if (!copy) return recipes.map((recipe) => ({ ...recipe, copy: false }));
  const copying = recipes.filter((recipe) => recipe.copy);
  if (copying.length > 0) return copying;
  throw new UsageError(
    `Cannot pass the pictures of ${
      sourceName(source)
    } on untouched: it gives no MJPEG. Leave out --copy`,
  );
}
