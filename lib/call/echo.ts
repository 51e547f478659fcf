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

/** What to record from and play to. */
export interface Voice {
  /** The microphone without echo, or that of the user. */
  microphone: string | undefined;
  /** Where to play; undefined for the default of the system. */
  sink: string | undefined;
  /** Whether the sound server takes the echo out. */
  isCancelled: boolean;
}

/** What {@linkcode Echo} needs. */
export interface EchoOptions {
  /** Whether the echo is to be taken out. */
  isWanted: boolean;
  /** The microphone that the user has named. */
  microphone: string | undefined;
  /** Called with whether it is taken out: at first, and when that has changed. */
  onChange: (isCancelled: boolean) => void;
}

/** Takes the echo out as long as it is not disposed of, if the sound server can do it. */
export class Echo implements AsyncDisposable {
  #options: EchoOptions;
  #voice: Voice | undefined;
  #settingUp: Promise<Voice> | undefined;
  /** The module that was loaded, for the sound server. */
  #module: string | undefined;

  /** Does nothing before {@linkcode Echo.voice}. */
  constructor(options: EchoOptions) {
    this.#options = options;
  }

  /**
   * What to record from and play to now. Ask each time: the module is gone if the sound server was
   * restarted, or if the call has ended that had loaded it.
   */
  async voice(): Promise<Voice> {
    return await (this.#settingUp ??= this.#setUp().finally(() => this.#settingUp = undefined));
  }

  /** Undoes what was set up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#settingUp;
    if (this.#module === undefined) return;
    // A sound server that was restarted has given the number to another module.
    const modules = await pactl("list", "short", "modules") ?? "";
    const ours = modules.split("\n").find((line) => line.startsWith(`${this.#module}\t`));
    if (ours?.includes(SOURCE)) await pactl("unload-module", this.#module);
  }

  async #setUp(): Promise<Voice> {
    const { isWanted, microphone, onChange } = this.#options;
    const plain: Voice = { microphone, sink: undefined, isCancelled: false };
    if (!isWanted || Deno.build.os !== "linux") return this.#voice ??= plain;
    const sources = await pactl("list", "short", "sources");
    // A server that is being restarted will have the module again.
    if (sources === undefined && this.#voice !== undefined) return this.#voice;
    const isCancelled = sources !== undefined && (isIn(sources) || await this.#load());
    if (this.#voice?.isCancelled !== isCancelled) onChange(isCancelled);
    return this.#voice = isCancelled ? { microphone: SOURCE, sink: SINK, isCancelled } : plain;
  }

  async #load(): Promise<boolean> {
    const device = await deviceOf(this.#options.microphone);
    const number = await pactl(
      ...["load-module", "module-echo-cancel", `source_name=${SOURCE}`, `sink_name=${SINK}`],
      ...(device === undefined ? [] : [`source_master=${device}`]),
      ...["use_master_format=1", "aec_method=webrtc"],
    );
    const isLoaded = number !== undefined && /^\d+$/.test(number.trim());
    if (isLoaded) this.#module = number.trim();
    return isLoaded;
  }
}

/** Whether it is there: that of another call, or one that a killed program has left. */
function isIn(sources: string): boolean {
  return sources.split("\n").some((line) => line.split("\t")[1] === SOURCE);
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
