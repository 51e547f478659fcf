/**
 * Parses the lists of microphones that systems give.
 *
 * @module
 */

/** A microphone, or another input of sound. */
export interface Microphone {
  /** Its number in the list, from 0. */
  number: number;
  /** Its own name. */
  name: string;
  /** Through what ffmpeg opens it. */
  api: "pulse" | "alsa" | "avfoundation" | "dshow";
  /** What ffmpeg opens. */
  device: string;
  /** Whether the system takes it where none is named. */
  isDefault: boolean;
}

/** A microphone before it has its number. */
export type Listed = Omit<Microphone, "number">;

/**
 * Reads `ffmpeg -sources pulse`. PipeWire answers like PulseAudio. Monitors, which give what this
 * machine plays, come last: they are no microphones, but somebody may want just that.
 */
export function parsePulse(text: string): Listed[] {
  const sources = [...text.matchAll(/^([* ]) (\S+) \[(.*)\](?: \(.*\))?\s*$/gm)]
    .map(([, star, device, name]): Listed => ({
      api: "pulse",
      device,
      name,
      isDefault: star === "*",
    }));
  const isMonitor = ({ device }: Listed) => device.endsWith(".monitor");
  return [...sources.filter((it) => !isMonitor(it)), ...sources.filter(isMonitor)];
}

/** Reads `/proc/asound/pcm`: `01-00: USB Audio : USB Audio : playback 1 : capture 1`. */
export function parseAlsa(text: string): Listed[] {
  return [...text.matchAll(/^(\d+)-(\d+): ([^:]*?) ?:(.*)$/gm)]
    .filter(([, , , , rest]) => /\bcapture \d/.test(rest))
    .map(([, card, device, name]) => ({
      api: "alsa",
      device: `plughw:${Number(card)},${Number(device)}`, // converts where the card cannot
      name: name.trim(),
      isDefault: false,
    }));
}

/** Reads `ffmpeg -f avfoundation -list_devices true -i ""`. */
export function parseAvfoundation(lines: string[]): Listed[] {
  const from = lines.findIndex((line) => line.includes("AVFoundation audio devices:"));
  if (from < 0) return [];
  return lines.slice(from).flatMap((line): Listed[] => {
    const [, index, name] = /\] \[(\d+)\] (.+?)\s*$/.exec(line) ?? [];
    if (index === undefined) return [];
    return [{ api: "avfoundation", device: index, name, isDefault: false }];
  });
}

/** Reads `ffmpeg -f dshow -list_devices true -i dummy`, as `camera/dshow.ts` does for cameras. */
export function parseDshow(lines: string[]): Listed[] {
  const microphones: Listed[] = [];
  let isAudio = false;
  let latest: Listed | undefined;
  for (const line of lines) {
    const [, heading] = /DirectShow (video|audio) devices/.exec(line) ?? [];
    if (heading !== undefined) isAudio = heading === "audio";
    const [, alternative] = /\]\s+Alternative name "(.*)"/.exec(line) ?? [];
    if (alternative !== undefined) {
      if (latest !== undefined) latest.device = alternative;
      continue;
    }
    const [, name, kinds] = /\]\s+"(.*)"(?: \((.*)\))?\s*$/.exec(line) ?? [];
    if (name === undefined) continue;
    latest = { api: "dshow", device: name, name, isDefault: false };
    if (kinds === undefined ? isAudio : /\baudio\b/.test(kinds)) microphones.push(latest);
  }
  return microphones;
}
