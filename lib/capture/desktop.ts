/**
 * The screen of this machine as a source.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import type { Recipe } from "./ffmpeg_args.ts";
import type { Picture } from "./picture.ts";
import { DEFAULT_FPS } from "../camera/mode.ts";

/** What {@linkcode screenRecipe} needs to know about the machine. */
export interface Desktop {
  os: typeof Deno.build.os;
  /** The X11 display, e.g. `:0`. */
  display: string | undefined;
  /** The Wayland display. */
  wayland: string | undefined;
}

/** The desktop of the current user. */
export function findDesktop(): Desktop {
  const { os } = Deno.build;
  if (os === "darwin" || os === "windows") return { os, display: undefined, wayland: undefined };
  return {
    os,
    display: Deno.env.get("DISPLAY") || undefined,
    wayland: Deno.env.get("WAYLAND_DISPLAY") || undefined,
  };
}

/**
 * Captures a whole screen, with the mouse pointer (ffmpeg-devices
 * manual: x11grab, avfoundation, gdigrab).
 *
 * @param number counted from 0; undefined for the system's first screen
 * @throws {CamcatError} if there is no such screen, or it cannot be captured
 */
export function screenRecipe(
  number: number | undefined,
  picture: Picture,
  { os, display, wayland }: Desktop,
): Recipe {
  const rate = ["-framerate", `${picture.fps ?? DEFAULT_FPS}`];
  switch (os) {
    case "darwin": {
      const screen = `Capture screen ${number ?? 0}:none`;
      const options = ["-f", "avfoundation", ...rate, "-capture_cursor", "1"];
      return { input: [...options, "-i", screen], copy: false };
    }
    case "windows":
      if (number) {
        throw new CamcatError(
          `Cannot capture screen ${number}: Windows captures all screens as one picture. ` +
            "Use `sender screen` with --crop to send one of them",
        );
      }
      return { input: ["-f", "gdigrab", ...rate, "-i", "desktop"], copy: false };
    default: {
      if (display === undefined) {
        throw new CamcatError(
          wayland === undefined
            ? "Cannot capture the screen: there is no display. Run this in a desktop session, or set DISPLAY"
            : "Cannot capture the screen: Wayland does not allow that. Log in to an X11 (Xorg) session",
        );
      }
      const screen = number === undefined ? display : `${display.replace(/\.\d+$/, "")}.${number}`;
      return { input: ["-f", "x11grab", ...rate, "-i", screen], copy: false };
    }
  }
}

/** What the user should know about capturing this desktop. */
export function desktopNote({ display, wayland }: Desktop): string | undefined {
  if (display === undefined || wayland === undefined) return undefined;
  return "Under Wayland only windows of X11 programs can be captured; the rest stays black. " +
    "Log in to an X11 (Xorg) session to send the whole screen";
}
