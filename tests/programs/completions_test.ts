// The completions, by pressing Tab in each shell.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { DIST, programTest, TEST_KEY } from "../support/programs.ts";

/** How each shell starts without anybody's settings, and how it loads the completions. */
const SHELLS: Record<string, { start: string; setup: string }> = {
  bash: {
    start: "bash --norc --noprofile -i",
    setup: "for p in sender receiver call; do source <($p --completions bash); done",
  },
  zsh: {
    start: "zsh -f -i",
    setup: "autoload -Uz compinit; compinit -u; " +
      'for p in sender receiver call; do eval "$($p --completions zsh)"; done',
  },
  fish: {
    start: "fish --no-config -i",
    setup: "for p in sender receiver call; $p --completions fish | source; end",
  },
};

/** What is typed before Tab, and with what arguments the program runs after Tab and Enter. */
const CASES: [typed: string, args: string[]][] = [
  ["sender te", ["test"]],
  ["sender --on-d", ["--on-demand"]],
  ["sender --rtsp-transport t", ["--rtsp-transport", "tcp"]],
  ["receiver -d wi", ["-d", "window"]],
  ["sender --key-file lett", ["--key-file", "letter.key"]],
  ["sender front", ["front door.mp4"]],
  ["receiver 192.168.7.2", ["192.168.7.20:9123"]],
  ["receiver 192.168.7.20:91", ["192.168.7.20:9123"]],
  ["receiver --forget 192.168.7.2", ["--forget", "192.168.7.20:9123"]],
  ["receiver --help slow", ["--help", "slow-links"]],
];

/** Stands in for a program that is started, and is the program when a shell asks it. */
const RECORDER = `#!/bin/sh
case $1 in --complete|--completions) exec "$DIST/$(basename "$0")" "$@" ;; esac
for arg; do printf '%s\\n' "$arg" >> "$HOME/args.new"; done
mv "$HOME/args.new" "$HOME/args"
`;

/** A shell in a terminal. */
class Terminal implements AsyncDisposable {
  /** What it has written. */
  text = "";
  #process: Deno.ChildProcess;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #read: Promise<void>;

  constructor(command: string, cwd: string, env: Record<string, string>) {
    const args = ["-qfc", command, "/dev/null"];
    this.#process = new Deno.Command("script", {
      ...{ args, cwd, env },
      ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#read = this.#readAll();
  }

  async type(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#writer.close().catch(() => {});
    await this.#process.status;
    await this.#read;
  }

  async #readAll(): Promise<void> {
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      this.text += text;
    }
  }
}

for (const [shell, { start, setup }] of Object.entries(SHELLS)) {
  programTest(`Tab completes options, their values, and operands in ${shell}`, async () => {
    await using home = new Folder();
    await Deno.mkdir(`${home.path}/.config/camcat`, { recursive: true });
    await Deno.mkdir(`${home.path}/bin`);
    const known = { "192.168.7.20:9123": TEST_KEY.text };
    await Deno.writeTextFile(`${home.path}/.config/camcat/known.json`, JSON.stringify(known), {
      mode: 0o600,
    });
    for (const name of ["letter.key", "front door.mp4"]) {
      await Deno.writeTextFile(`${home.path}/${name}`, "");
    }
    for (const name of ["sender", "receiver", "call"]) {
      await Deno.writeTextFile(`${home.path}/bin/${name}`, RECORDER, { mode: 0o755 });
    }
    const PATH = `${home.path}/bin:${Deno.env.get("PATH")}`;
    const env = { HOME: home.path, PATH, DIST, XDG_CONFIG_HOME: "", TERM: "dumb" };
    await using terminal = new Terminal(start, home.path, env);
    const argsAfter = async (typed: string) => {
      await terminal.type(`${typed}\r`);
      const hasRun = () => [...Deno.readDirSync(home.path)].some(({ name }) => name === "args");
      await until(hasRun, `${shell} to run "${typed}"`).catch((error) => {
        throw new Error(`${error.message}\n${terminal.text}`);
      });
      const args = (await Deno.readTextFile(`${home.path}/args`)).trimEnd().split("\n");
      await Deno.remove(`${home.path}/args`);
      return args;
    };
    assertEquals(await argsAfter(`${setup}; sender ready`), ["ready"]);
    for (const [typed, args] of CASES) assertEquals(await argsAfter(`${typed}\t`), args, typed);
  });
}
