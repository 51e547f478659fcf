/**
 * Captures sound from a microphone.
 *
 * @module
 */

import { BusyError, CamcatError } from "../base/errors.ts";
import { listMicrophones, type Microphone, pickMicrophone } from "../sound/microphones.ts";
import { type Channels, opusOutput } from "../sound/opus_output.ts";
import { readSound } from "../sound/read_sound.ts";
import { SoundLevel } from "../sound/sound_level.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import { FfmpegRun } from "./ffmpeg_run.ts";
import { Watchdog } from "./silence.ts";

/** A microphone gives something all the time, silence too: after this long without, it is lost. */
const SILENCE_MS = 5000;

/** Options of {@linkcode captureMicrophone}. */
export interface MicrophoneOptions {
  /** Which microphone. @default the one that the system takes */
  device?: string | undefined;
  /** How many channels to send. */
  channels: Channels;
  /** Ends the capture, without an error. */
  signal: AbortSignal;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
}

/**
 * Captures from a microphone until `signal` is aborted. It is looked for each time: it may have come
 * back at another place.
 *
 * @throws {UsageError} if several microphones match
 * @throws {CamcatError} if there is no such microphone, it cannot be captured, or is lost
 */
export async function* captureMicrophone(
  { device, channels, signal, onLine }: MicrophoneOptions,
): AsyncGenerator<SoundPacket, void, void> {
  const microphone = pickMicrophone(device, await listMicrophones());
  const { name } = microphone;
  const level = new SoundLevel();
  await using run = await FfmpegRun.start(
    (output) => microphoneArgs(microphone, channels, output),
    { kind: "device", path: microphone.device, name },
    { signal, isNoise: (line) => level.take(line), ...(onLine === undefined ? {} : { onLine }) },
  );
  let isSilent = false;
  let isOpen = false;
  using watchdog = new Watchdog(() => SILENCE_MS, () => {
    isSilent = true;
    run.end();
  });
  try {
    for await (const packet of readSound(run.output ?? ReadableStream.from([]), level)) {
      watchdog.heard();
      isOpen = true;
      yield packet;
    }
  } catch (error) {
    if (error instanceof CamcatError || !isSilent && !signal.aborted) throw error;
  }
  await run.end();
  if (!signal.aborted) throw explained(name, run.lines, isOpen, isSilent);
}

function microphoneArgs({ api, device }: Microphone, channels: Channels, output: string): string[] {
  return [
    ...["-hide_banner", "-nostats", "-nostdin", "-fflags", "nobuffer"],
    ...inputArgs(api, device),
    "-copyts", // the times at which it was recorded
    ...opusOutput("0:a:0", channels, output),
  ];
}

/** ffmpeg-devices manual. */
function inputArgs(api: Microphone["api"], device: string): string[] {
  switch (api) {
    case "pulse": // 5 ms at once: by default PulseAudio waits for more
      return ["-f", "pulse", "-fragment_size", "960", "-i", device];
    case "alsa":
      return ["-f", "alsa", "-i", device];
    case "avfoundation":
      return ["-f", "avfoundation", "-i", `:${device}`];
    case "dshow":
      return ["-f", "dshow", "-audio_buffer_size", "20", "-i", `audio=${device}`];
  }
}

/** Why a microphone cannot be captured, for the user. */
function explained(name: string, lines: string[], wasOpen: boolean, isSilent: boolean) {
  const details = lines.join("\n");
  if (isSilent) {
    return new CamcatError(
      `Cannot hear the microphone ${name}: it gave no sound for ${SILENCE_MS / 1000} s`,
      { details },
    );
  }
  if (/Device or resource busy|device already in use/i.test(details)) {
    return new BusyError(
      `Cannot open the microphone ${name}: another program is using it. Close that program`,
      { details },
    );
  }
  if (/Unknown encoder 'libopus'/.test(details)) {
    return new CamcatError(
      "Cannot send sound: this ffmpeg was built without libopus. Install your system's full ffmpeg",
      { details },
    );
  }
  if (/Permission denied|Access is denied/i.test(details)) {
    return new CamcatError(
      `Cannot open the microphone ${name}: no permission. Add yourself to the group audio, or ` +
        "allow it in the system's privacy settings",
      { details },
    );
  }
  return new CamcatError(
    wasOpen
      ? `Cannot continue hearing the microphone ${name}: it is gone, or the sound server has ended`
      : `Cannot open the microphone ${name}: ffmpeg ended. Run with --verbose for what it said`,
    { details },
  );
}
