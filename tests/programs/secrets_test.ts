// Keys and passwords on the command line, in the right or in a wrong place, are never printed.

import { Key } from "../../lib/security/key.ts";
import { programTest, RECEIVER, SENDER } from "../support/programs.ts";
import { type Case, check } from "../support/wrong_arguments.ts";

programTest("no program prints a key that stands in the wrong place", async () => {
  const key = Key.random().text;
  // One letter is wrong, as after a copy by hand: still almost the key.
  const typo = key.slice(0, -1) + (key.endsWith("q") ? "p" : "q");
  const secrets = [key.slice(5), typo.slice(5)];
  const wrong = (text: string): Case[] => [
    [[`--kye=${text}`], 2, /Unknown option --kye/],
    [[`--${text}`], 2, /Unknown option/],
    [[`--json=${text}`], 2, /Cannot use --json with a value/],
    [[`--listen=127.0.0.1:0/${text}`], 2, /Cannot/],
    [[`--listen=x:y:${text}`], 2, /Cannot/],
  ];
  for (const text of [key, typo]) {
    await check(SENDER, [
      ...wrong(text),
      [[text], 1, /Cannot find/],
      [[`./${text}`, "-l127.0.0.1:0"], 1, /Cannot open/],
      [[`--fps=${text}`], 2, /--fps/],
      [[`--size=${text}`], 2, /--size/],
      [[`--rotate=${text}`], 2, /--rotate/],
      [[`--set=${text}`], 2, /--set/],
      [[`--http=${text}:x`], 2, /Cannot/],
      [["test", "-", `--name=${text}`], 2, /Cannot name/],
      [["test", "test", `--name=${text},${text}`], 2, /Cannot send two cameras/],
      [[...Array(16).fill("test"), text], 2, /sender takes/],
      [
        ["test", `--tls-cert=./${text}`, "--tls-key=a", "--http=0", "-l127.0.0.1:0"],
        1,
        /Cannot read/,
      ],
    ], secrets);
    await check(RECEIVER, [
      ...wrong(text),
      [["127.0.0.1:1", text], 2, /receiver takes/],
      [[`127.0.0.1:1:${text}`], 2, /Cannot read the address/],
      [[`127.0.0.1 ${text}`], 2, /Cannot read the address/],
      [[text, "--once", "--no-display"], 1, /Cannot/],
      [[`${text}@127.0.0.1`, "--once", "--no-display"], 1, /Cannot/],
      [[`--forget=${text}`], 1, /Cannot forget/],
      [["127.0.0.1:1", `--player=${text}`], 2, /--player/],
      [["127.0.0.1:1", `--display=${text}`], 2, /--display/],
      [["127.0.0.1:1", `--record=${text}`], 2, /Cannot record/],
      [["127.0.0.1:1", `--snapshot=/nowhere/${text}.jpg`], 1, /Cannot/],
      [["127.0.0.1:1", `--exec=${text}`], 1, /Cannot run/],
      [["127.0.0.1:1", "--record=a/", `--keep=${text}`], 2, /--keep/],
      [["127.0.0.1:1", `--key-file=${text}`], 1, /must exist/],
    ], secrets);
  }
  await check(RECEIVER, [
    [[`127.0.0.1:1/${typo}`], 2, /key/],
    [["127.0.0.1:1", `--key=${typo}`], 2, /key/],
  ], secrets);
  await check(RECEIVER, [[["127.0.0.1:1"], 2, /it is in CAMCAT_KEY/]], secrets, {
    CAMCAT_KEY: typo,
  });
});

programTest("no program prints the password of a URL", async () => {
  const userinfo = [
    "admin:s3cr3t",
    "admin:s3cr3t/x",
    "admin:s3cr3t#x",
    "admin:s3cr3t?x",
    "a:s3cr3t@b",
  ];
  const secrets = ["s3cr3t"];
  await check(
    SENDER,
    userinfo.flatMap((who): Case[] => [
      ...["rtsp", "http"].map((scheme): Case => {
        const args = [`${scheme}://${who}@127.0.0.1:1/stream`, "-l127.0.0.1:0"];
        return /[/?#]/.test(who)
          ? [args, 2, /percent-encoded: write %2F for/]
          : [args, 1, /nothing listens on that port/];
      }),
      [[`foo://${who}@127.0.0.1:1/stream`], 2, /Cannot use a SOURCE that begins with foo:/],
      [["test", `--push=http://${who}@127.0.0.1:1/`], 2, /Cannot/],
      [[`--fps=http://${who}@127.0.0.1/`], 2, /--fps/],
      [["test", `--lisen=http://${who}@127.0.0.1/`], 2, /Unknown option --lisen/],
    ]),
    secrets,
  );
  await check(
    RECEIVER,
    userinfo.flatMap((who): Case[] => [
      [[`http://${who}@127.0.0.1:8080/stream.mjpg`], 2, /Cannot/],
      [["127.0.0.1:1", `rtsp://${who}@127.0.0.1/`], 2, /receiver takes/],
    ]),
    secrets,
  );
});
