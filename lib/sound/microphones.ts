/**
 * Finding the microphones of this machine.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { runToEnd } from "../program/child.ts";
import {
  type Listed,
  type Microphone,
  parseAlsa,
  parseAvfoundation,
  parseDshow,
  parsePulse,
} from "./microphone_lists.ts";

export type { Microphone } from "./microphone_lists.ts";

/**
 * The microphones of this machine. On Linux those of PulseAudio or PipeWire, and without these those
 * of ALSA.
 *
 * @throws {CamcatError} if ffmpeg is not installed
 */
export async function listMicrophones(os = Deno.build.os): Promise<Microphone[]> {
  return (await listed(os)).map((microphone, number) => ({ number, ...microphone }));
}

async function listed(os: typeof Deno.build.os): Promise<Listed[]> {
  const ask = async (...args: string[]) => await runToEnd("ffmpeg", ["-hide_banner", ...args]);
  switch (os) {
    case "darwin": {
      const { lines } = await ask("-f", "avfoundation", "-list_devices", "true", "-i", "");
      return parseAvfoundation(lines);
    }
    case "windows": {
      const { lines } = await ask("-f", "dshow", "-list_devices", "true", "-i", "dummy");
      return parseDshow(lines);
    }
    default: {
      const { text } = await ask("-sources", "pulse");
      const sources = parsePulse(text);
      return sources.length > 0 ? sources : parseAlsa(alsaDevices());
    }
  }
}

function alsaDevices(): string {
  try {
    return Deno.readTextFileSync("/proc/asound/pcm");
  } catch {
    return ""; // no sound card
  }
}

/**
 * Finds the microphone that the user means: by its number, its name in any case, a part of it, or
 * what ffmpeg opens. Without `wanted` the default of the system, or the first.
 *
 * @param advice what to do if there is none of that name
 * @throws {CamcatError} if several match, or none
 */
export function pickMicrophone(
  wanted: string | undefined,
  microphones: Microphone[],
  advice = "Put a SOURCE before --sound",
): Microphone {
  const named = microphones.map(({ number, name }) => `${number}: ${name}`).join(", ");
  if (microphones.length === 0) {
    throw new CamcatError(
      "Cannot find a microphone: plug one in, and check that PulseAudio or PipeWire runs",
    );
  }
  if (wanted === undefined) {
    return microphones.find(({ isDefault }) => isDefault) ?? microphones[0];
  }
  const text = wanted.toLowerCase();
  const ways: ((microphone: Microphone) => boolean)[] = [
    ({ number }) => `${number}` === text,
    ({ device }) => device.toLowerCase() === text,
    ({ name }) => name.toLowerCase() === text,
    ({ name }) => name.toLowerCase().includes(text),
  ];
  for (const matches of ways) {
    const found = microphones.filter(matches);
    if (found.length === 1) return found[0];
    if (found.length > 1) {
      throw new CamcatError(
        `Cannot choose between ${found.length} microphones called "${wanted}": ` +
          "give its number in sender --list",
      );
    }
  }
  throw new CamcatError(
    `Cannot find a microphone "${wanted}": there are ${named}. ${advice}`,
  );
}
