/**
 * A sound card without hardware: a PulseAudio of its own, with null sinks.
 *
 * What is played to the sink `mic` can be recorded from its monitor, `mic.monitor`, as from a
 * microphone. What a program plays to the sink `spk` can be heard at `spk.monitor`.
 *
 * @module
 */

import { Folder } from "./folder.ts";
import { until } from "./patience.ts";

/** Samples per second of {@linkcode Pulse.hear}. */
export const HEARD_RATE = 48_000;

/** A running PulseAudio; disposing of it ends it, and all who play to it. */
export class Pulse implements AsyncDisposable {
  #folder: Folder;
  #server: Deno.ChildProcess;
  #clients: Deno.ChildProcess[] = [];

  private constructor(folder: Folder, server: Deno.ChildProcess) {
    this.#folder = folder;
    this.#server = server;
  }

  /**
   * Starts one with the sinks `mic` and `spk`; `mic.monitor` is the default microphone.
   *
   * @param speed of its clock, and so of its sinks: 1.0002 is a sound card that is 200 ppm fast.
   *   Another one than 1 needs libfaketime
   */
  static async open(speed = 1): Promise<Pulse> {
    const folder = new Folder();
    const pulse = new Pulse(folder, start(folder, speed));
    await pulse.#ready();
    return pulse;
  }

  /** For `PULSE_SERVER`. */
  get server(): string {
    return `unix:${this.#folder.path}/native`;
  }

  /** The environment for programs that record and play here. */
  get env(): Record<string, string> {
    return { PULSE_SERVER: this.server };
  }

  /** Plays to a sink until it is stopped. @param graph a source of sound of ffmpeg's lavfi */
  play(graph: string, sink = "mic"): Deno.ChildProcess {
    const output = ["-f", "pulse", "-device", sink, "-buffer_duration", "20", "test"];
    return this.#ffmpeg(["-re", "-f", "lavfi", "-i", graph, ...output], "null");
  }

  /** Hears a source from now on: mono samples from -1 to 1, {@linkcode HEARD_RATE} a second. */
  async *hear(source = "spk.monitor"): AsyncGenerator<Float32Array, void, void> {
    const input = ["-f", "pulse", "-fragment_size", "960", "-i", source];
    const output = ["-ac", "1", "-ar", `${HEARD_RATE}`, "-f", "f32le", "-flush_packets", "1", "-"];
    const listener = this.#ffmpeg([...input, ...output], "piped");
    let rest = new Uint8Array();
    try {
      for await (const chunk of listener.stdout) {
        const bytes = new Uint8Array(rest.length + chunk.length);
        bytes.set(rest);
        bytes.set(chunk, rest.length);
        const whole = bytes.length & ~3;
        rest = bytes.slice(whole);
        yield new Float32Array(bytes.buffer.slice(0, whole));
      }
      throw new Error("nothing can be heard any more");
    } finally {
      end(listener);
    }
  }

  /** Runs pactl. @returns what it prints */
  async pactl(...args: string[]): Promise<string> {
    const { stdout } = await new Deno.Command("pactl", { args, env: this.env, stderr: "null" })
      .output();
    return new TextDecoder().decode(stdout);
  }

  /** Kills the server as a crash would. */
  async crash(): Promise<void> {
    this.#server.kill("SIGKILL");
    await this.#server.status;
  }

  /** Starts it again at the same place after {@linkcode Pulse.crash}. */
  async restart(): Promise<void> {
    this.#server = start(this.#folder);
    await this.#ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.forEach(end);
    end(this.#server);
    await Promise.all([...this.#clients, this.#server].map((process) => process.status));
    await this.#folder[Symbol.asyncDispose]();
  }

  async #ready(): Promise<void> {
    await until(
      async () => /spk\.monitor/.test(await this.pactl("list", "short", "sources")),
      "PulseAudio",
    );
    await this.pactl("set-default-source", "mic.monitor");
    await this.pactl("set-default-sink", "spk");
  }

  #ffmpeg(args: string[], stdout: "piped" | "null"): Deno.ChildProcess {
    const client = new Deno.Command("ffmpeg", {
      args: ["-nostdin", "-loglevel", "error", ...args],
      ...{ env: this.env, stdin: "null", stdout, stderr: "null" },
    }).spawn();
    this.#clients.push(client);
    return client;
  }
}

/** Resolves when a tone of about so many hertz is heard at a loudspeaker. */
export async function hearsTone(pulse: Pulse, hertz: number): Promise<void> {
  let samples: number[] = [];
  for await (const heard of pulse.hear()) {
    samples = [...samples, ...heard].slice(-HEARD_RATE / 2);
    if (samples.length < HEARD_RATE / 2 || !samples.some((it) => Math.abs(it) > 0.02)) continue;
    const crossings = samples.filter((it, index) => index > 0 && it > 0 && samples[index - 1] <= 0);
    if (Math.abs(2 * crossings.length - hertz) < 0.1 * hertz) return;
  }
}

/** Starts the daemon. It needs a runtime folder of its own, and may run as root. */
function start(folder: Folder, speed = 1): Deno.ChildProcess {
  const clock = speed === 1 ? {} : {
    LD_PRELOAD: "/usr/$LIB/faketime/libfaketimeMT.so.1", // $LIB: see ld.so(8)
    FAKETIME: `+0 x${speed}`,
  };
  const sink = (name: string) => ["-L", `module-null-sink sink_name=${name}`];
  return new Deno.Command("pulseaudio", {
    args: [
      ...["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disallow-exit"],
      "-L",
      `module-native-protocol-unix socket=${folder.path}/native auth-anonymous=1`,
      ...sink("mic"),
      ...sink("spk"),
    ],
    env: { HOME: folder.path, XDG_RUNTIME_DIR: folder.path, PULSE_SERVER: "", ...clock },
    ...{ stdin: "null", stdout: "null", stderr: "null" },
  }).spawn();
}

function end(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // it has ended
  }
}
