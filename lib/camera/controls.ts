/**
 * Controls of a camera, such as brightness and exposure: parsing v4l2-ctl's output, and the values
 * that may be set.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

/** A control of a camera whose value is a number. */
export interface CameraControl {
  /** Its V4L2 name: `brightness`. */
  name: string;
  /** Its V4L2 type: `int`, `bool`, `menu`, `intmenu`, `bitmask` or `button`. */
  kind: string;
  /** The least value. */
  min: number;
  /** The greatest value. */
  max: number;
  /** Its default value. */
  default: number;
  /** Its current value. */
  value: number;
  /** The values of a menu and their meanings; no other value may be set. */
  choices?: Record<number, string>;
  /** Flags of the driver, such as `inactive` while an automatic mode is on. */
  flags: string[];
}

/** A value for a control. */
export interface Setting {
  /** The control's name. */
  name: string;
  /** The value. */
  value: number;
}

/** Kinds that are set by one number. */
const KINDS = new Set(["int", "bool", "menu", "intmenu", "bitmask", "button"]);

/** Reads `v4l2-ctl --list-ctrls-menus`. */
export function parseControls(text: string): CameraControl[] {
  const controls: CameraControl[] = [];
  let latest: CameraControl | undefined;
  for (const line of text.split("\n")) {
    const head = /^\s*(\w+) 0x[0-9a-f]{8} \((\w+)\s*\)\s*: (.*)$/.exec(line);
    if (head !== null) {
      const [, name, kind, rest] = head;
      latest = undefined;
      if (!KINDS.has(kind)) continue; // an array or a text
      const number = (key: string, otherwise: number) =>
        Number(new RegExp(`\\b${key}=(\\S+)`).exec(rest)?.[1] ?? otherwise);
      latest = {
        name,
        kind,
        min: number("min", 0),
        max: number("max", kind === "bool" ? 1 : 0),
        default: number("default", 0),
        value: number("value", 0),
        flags: /flags=(.*)$/.exec(rest)?.[1].split(", ") ?? [],
      };
      controls.push(latest);
      continue;
    }
    const [, value, meaning] = /^\s+(-?\d+): (.*)$/.exec(line) ?? [];
    if (value !== undefined && latest !== undefined) {
      latest.choices = { ...latest.choices, [value]: meaning };
    }
  }
  return controls;
}

/**
 * Reads `brightness=120,exposure_auto=1`.
 *
 * @throws {UsageError} if it is something else
 */
export function parseSettings(text: string): Setting[] {
  return text.split(",").map((part) => {
    const match = /^\s*([a-z]\w*)\s*=\s*(-?\d{1,15})\s*$/i.exec(part);
    if (match === null) {
      throw new UsageError(
        `it must be like brightness=120,exposure_auto=1, with whole numbers, received "${part}"`,
      );
    }
    return { name: match[1].toLowerCase(), value: Number(match[2]) };
  });
}

/**
 * Checks that a camera has the controls and values to set. The driver would silently use the nearest
 * value.
 *
 * @throws {UsageError} if it does not; the message lists what may be set
 */
export function checkSettings(
  settings: Setting[],
  controls: CameraControl[],
  camera: string,
): void {
  const allowed = controls.filter(({ flags }) => !flags.includes("read-only"));
  for (const { name, value } of settings) {
    const control = allowed.find((control) => control.name === name);
    if (control === undefined) {
      throw new UsageError(
        `Cannot set ${name}: ${camera} has no such control. It has ` +
          (allowed.map(({ name }) => name).join(", ") || "none"),
      );
    }
    const { choices, min, max } = control;
    const fits = choices !== undefined
      ? Object.hasOwn(choices, value)
      : control.kind === "button" || (value >= min && value <= max);
    if (!fits) {
      throw new UsageError(
        `Cannot set ${name} to ${value}: it must be ${rangeText(control)}`,
      );
    }
  }
}

/** The values that a control accepts: `0 to 255`, `1 (Manual Mode) or 3 (Aperture Priority Mode)`. */
export function rangeText({ kind, min, max, choices }: CameraControl): string {
  if (choices !== undefined) {
    return Object.entries(choices).map(([value, meaning]) => `${value} (${meaning})`).join(" or ");
  }
  if (kind === "button") return "any number";
  return kind === "bool" ? "0 or 1" : `${min} to ${max}`;
}
