/**
 * Keeping the far sound, which the loudspeaker plays, out of the microphone's.
 *
 * The system's sound server does it: `module-echo-cancel` of PulseAudio, which PipeWire has too.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { runToEndIfInstalled } from "../program/child.ts";
import { listMicrophones, pickMicrophone } from "../sound/microphones.ts";

/** The names that the server gives what the module makes. */
const [SOURCE, SINK] = ["camcat_voice", "camcat_speaker"];

/** The microphone and the loudspeaker of a call. Disposing of it undoes what was set up. */
export interface Echo extends AsyncDisposable {
  /** The microphone without echo, or that of the user. */
  microphone: string | undefined;
  /** Where to play; undefined for the default of the system. */
  sink: string | undefined;
  /** Whether the sound server takes the echo out. */
  isCancelled: boolean;
}

/**
 * Sets echo cancellation up, if that is wanted and the sound server can do it.
 *
 * @param microphone the one that the user has named
 */
export async function withoutEcho(
  isWanted: boolean,
  microphone: string | undefined,
): Promise<Echo> {
  const plain: Echo = {
    microphone,
    sink: undefined,
    isCancelled: false,
    async [Symbol.asyncDispose]() {},
  };
  if (!isWanted || Deno.build.os !== "linux") return plain;
  const sources = await pactl("list", "short", "sources");
  if (sources === undefined) return plain;
  // That of another call, or one that a killed program has left.
  const isThere = sources.split("\n").some((line) => line.split("\t")[1] === SOURCE);
  const device = await deviceOf(microphone);
  const number = isThere ? "" : await pactl(
    ...["load-module", "module-echo-cancel", `source_name=${SOURCE}`, `sink_name=${SINK}`],
    ...(device === undefined ? [] : [`source_master=${device}`]),
    ...["use_master_format=1", "aec_method=webrtc"],
  );
  if (number === undefined || !isThere && !/^\d+$/.test(number.trim())) return plain;
  return {
    microphone: SOURCE,
    sink: SINK,
    isCancelled: true,
    async [Symbol.asyncDispose]() {
      if (!isThere) await pactl("unload-module", number.trim());
    },
  };
}

/** What the sound server calls a microphone; undefined for its default. */
async function deviceOf(microphone: string | undefined): Promise<string | undefined> {
  if (microphone === undefined) return undefined;
  try {
    return pickMicrophone(microphone, await listMicrophones()).device;
  } catch (error) {
    if (error instanceof CamcatError) return microphone; // capturing says what is wrong
    throw error;
  }
}

/** What pactl prints; undefined if it fails or is not installed. */
async function pactl(...args: string[]): Promise<string | undefined> {
  const result = await runToEndIfInstalled("pactl", args);
  return result?.success ? result.text : undefined;
}
