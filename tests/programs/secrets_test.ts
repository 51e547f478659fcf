// Keys, tokens and passwords in the wrong place of a command line: nobody gets to see them.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Key } from "../../lib/security/key.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { programTest, RECEIVER, SENDER, startReceiver, startSender } from "../support/programs.ts";

const KEY = Key.random();
const { token: TOKEN } = await httpSecretsOf(KEY);

/** All that a failing program prints. */
async function printed(command: string, args: string[]): Promise<string> {
  const env = { XDG_CONFIG_HOME: "/dev/null" };
  const { stdout, stderr, code } = await new Deno.Command(command, { args, env }).output();
  assert(code === 1 || code === 2, `${args}: ${code}`);
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

programTest("a key or token in the wrong place of a command line is not repeated", async () => {
  const mistyped = KEY.text.slice(0, 12) + KEY.text.slice(13);
  for (const secret of [KEY.text, mistyped, TOKEN]) {
    const cases: [string, string[]][] = [
      [SENDER, [secret]],
      [SENDER, ["--open", `--${secret}`]],
      [SENDER, [`--keyy=${secret}`]],
      [SENDER, ["--open", "--fps", secret]],
      [SENDER, ["--open", "--listen", secret]],
      [SENDER, ["--open", "--http", `*:${secret}`]],
      [SENDER, ["--open", "--key-file", secret]],
      [SENDER, ["--push", `${secret}/192.0.2.1`]],
      [SENDER, ["--open", "--name", `${secret},${secret}`, "test", "test"]],
      [SENDER, ["--open", `/nowhere/${secret}.mp4`]],
      [RECEIVER, [secret]],
      [RECEIVER, [`192.0.2.1:9000:${secret}`]],
      [RECEIVER, ["--open", "host", secret]],
      [RECEIVER, ["--forget", secret]],
      [RECEIVER, ["--open", "--size", secret, "host"]],
      [RECEIVER, ["--open", "--record", `${secret}.avi`, "host"]],
      [RECEIVER, ["--open", "--exec", `/nowhere/${secret}`, "--no-display", "host"]],
    ];
    await Promise.all(cases.map(async ([command, args], index) => {
      const mode = index % 2 === 0 ? "--json" : "--verbose";
      const text = (await printed(command, [mode, ...args])).toLowerCase();
      for (let at = 0; at + 9 <= secret.length; at++) {
        const part = secret.slice(at, at + 9).toLowerCase();
        assert(!text.includes(part), `${args.join(" ")}: ${text}`);
      }
    }));
  }
});

programTest("viewers and consoles do not get the password of a URL", async () => {
  const url = "rtsp://admin:my%2Fsecret@127.0.0.1:1/cam";
  await using sender = startSender(["--open", "--on-demand", url]);
  const listening = await sender.event(({ event }) => event === "listening");
  assertEquals(listening.cameras, ["rtsp://127.0.0.1:1/cam"]);
  await using receiver = startReceiver(["--open", "--cameras", `127.0.0.1:${listening.port}`]);
  const { cameras } = await receiver.event(({ event }) => event === "cameras");
  assertEquals(cameras, ["rtsp://127.0.0.1:1/cam"]);
  await receiver.status();
  assert(!/admin|secret/.test(sender.stderr + JSON.stringify(sender.events)));
});

programTest(
  "a raw / ? # in the password of a URL is refused with the way to write it",
  async () => {
    for (const password of ["my/secret", "p@ss#secret", "my?secret", "my secret"]) {
      const args = ["--open", "--listen=127.0.0.1:0", `rtsp://admin:${password}@127.0.0.1:1/cam`];
      const text = await printed(SENDER, args);
      assertStringIncludes(text, "percent-encoded: write %2F for /");
      assert(!/secret|p@ss/.test(text), text);
    }
  },
);
