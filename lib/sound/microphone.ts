/**
 * Captures sound from a microphone.
 *
 * @module
 */

import { BusyError, CamcatError } from "../base/errors.ts";
import { onAbort } from "../base/abort.ts";
import { Child } from "../program/child.ts";
import { listMicrophones, type Microphone, pickMicrophone } from "./microphones.ts";
import { type Channels, opusOutput } from "./opus_output.ts";
import { SoundOutput } from "./sound_output.ts";
import type { SoundPacket } from "./sound_packet.ts";

/** A microphone gives something all the time, silence too: after so long without it is lost. */
const SILENCE_SECONDS = 5;

/** Options of {@linkcode captureMicrophone}. */
export interface MicrophoneOptions {
  /** Which microphone. @default the one that the system takes */
  device?: string | undefined;
  /** How many channels to send. */
  channels: Channels;
  /** Called with the name of the microphone, before it is opened. */
  onOpen?: (name: string) => void;
  /** Ends the capture, without an error. */
  signal: AbortSignal;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
}

/**
 * Captures from a microphone until `signal` is aborted. It is looked for each time: it may have come
 * back at another place.
 *
 * @throws {CamcatError} if there is no such microphone, it cannot be captured, or is lost
 */
export async function* captureMicrophone(
  { device, channels, signal, onOpen, onLine }: MicrophoneOptions,
): AsyncGenerator<SoundPacket, void, void> {
  const microphone = pickMicrophone(device, await listMicrophones());
  const { name } = microphone;
  onOpen?.(name);
  using output = SoundOutput.open();
  await using child = Child.spawn("ffmpeg", microphoneArgs(microphone, channels, output.url), {
    stdout: output.isPipe ? "piped" : "null",
    isNoise: (line) => output.takeLine(line),
    ...(onLine === undefined ? {} : { onLine }),
  });
  using _ = onAbort(signal, () => child.kill());
  let silentSeconds = 0; // as we lived them: while we were stopped, nothing was read
  let isOpen = false;
  const watch = setInterval(() => {
    if (++silentSeconds > SILENCE_SECONDS) child.kill();
  }, 1000);
  try {
    for await (const packet of output.packets(child)) {
      if (signal.aborted) return;
      silentSeconds = 0;
      isOpen = true;
      yield packet;
    }
  } finally {
    clearInterval(watch);
  }
  await child.kill();
  await child.status;
  if (signal.aborted) return;
  throw explained(name, child.tail, isOpen, silentSeconds > SILENCE_SECONDS);
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
      `Cannot hear the microphone ${name}: it gave nothing for ${SILENCE_SECONDS} s`,
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
