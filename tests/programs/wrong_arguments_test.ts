// Exit statuses and messages of wrong command lines: 2 for usage, 1 for failure, one sentence on
// standard error, no stack trace, no secret.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Folder } from "../support/folder.ts";
import { programTest, RECEIVER, SENDER } from "../support/programs.ts";
import { type Case, check, run } from "../support/wrong_arguments.ts";

/** Wrong for both programs alike. */
const BOTH: Case[] = [
  [["--jsom"], 2, /Unknown option --jsom: did you mean --json\?/],
  [["--no-such-option=1"], 2, /Unknown option --no-such-option/],
  [["-x"], 2, /Unknown option -x: see \w+ --help/],
  [["-5"], 2, /Unknown option -5/],
  [["---"], 2, /Unknown option|Cannot/],
  [["--json=yes"], 2, /Cannot use --json with a value: it takes no value/],
  [["--key"], 2, /Cannot use --key without its value/],
  [["--key-file="], 2, /Cannot use --key-file without its value/],
  [
    ["--key-file=/nowhere/key", "--listen=127.0.0.1:0"],
    1,
    /there is no file \/nowhere\/key|Cannot/,
  ],
  [["--listen=1", "--listen=2"], 2, /Cannot use --listen twice/],
  [["--listen=65536"], 2, /the port must be 0 to 65535/],
  [["--listen=here:there"], 2, /Cannot/],
  [["--listen=[::1"], 2, /Cannot read the address/],
  [["--listen=\x1b[31mred"], 2, /Cannot read the address/],
  [["--key=abcd"], 2, /key/],
];

programTest("sender exits with a sentence and the right status on wrong arguments", async () => {
  await using folder = new Folder();
  const text = `${folder.path}/text.txt`;
  await Deno.writeTextFile(text, "no picture");
  await check(SENDER, [
    ...BOTH,
    [[""], 2, /Cannot use an empty SOURCE/],
    [[text, "-l127.0.0.1:0"], 1, /Cannot read text.txt: /],
    [[folder.path, "-l127.0.0.1:0"], 1, /Cannot/],
    [["no-such-file.mp4"], 1, /Cannot find "no-such-file.mp4"/],
    [["./no-such-file.mp4", "-l127.0.0.1:0"], 1, /Cannot open/],
    [["/dev/video250", "-l127.0.0.1:0"], 1, /Cannot open \/dev\/video250: there is no such camera/],
    [["250"], 1, /Cannot find camera 250/],
    [["a".repeat(5000)], 1, /Cannot/],
    [["concat:a|b", "-l127.0.0.1:0"], 1, /Cannot/],
    [["data://text"], 2, /Cannot use a SOURCE that begins with data:\/\//],
    [Array(17).fill("test"), 2, /Cannot use "test": sender takes/],
    [["test", "test"], 2, /Cannot send two cameras called "test"/],
    [["test", "-", "--name=a"], 2, /Cannot name 2 SOURCEs/],
    [["test", "-", "--name=a,all"], 2, /to a receiver that means every camera/],
    [["-", "-"], 2, /Cannot use - twice/],
    [["-", "-l127.0.0.1:0"], 1, /Cannot/],
    [["--size=0x0"], 2, /--size/],
    [["--size=640"], 2, /--size/],
    [["--size=640x-480"], 2, /--size/],
    [["--size=999999x999999"], 2, /--size/],
    [["--fps=0"], 2, /Cannot use this --fps: it must be a number from 0\.1 to 240, received "0"/],
    [["--fps=1e3"], 2, /--fps/],
    [["--fps=NaN"], 2, /--fps/],
    [["--fps=Infinity"], 2, /--fps/],
    [["--quality=101"], 2, /--quality/],
    [["--quality=1.5"], 2, /--quality/],
    [["--crop=10x10"], 2, /--crop/],
    [["--rotate=45"], 2, /--rotate: it must be 90 or 180 or 270/],
    [["--flip=x"], 2, /--flip/],
    [["--linger=1"], 2, /Cannot use --linger without --on-demand/],
    [["--linger=-1", "--on-demand"], 2, /--linger/],
    [["--max-viewers=0"], 2, /--max-viewers/],
    [["--max-viewers=99999999999999999999"], 2, /--max-viewers/],
    [["--set=brightness"], 2, /--set/],
    [["--set=brightness=high"], 2, /--set/],
    [["--copy", "--encode"], 2, /they are opposites/],
    [["test", "--copy", "-l127.0.0.1:0"], 2, /Cannot/],
    [["test", "--loop"], 2, /it applies to files only/],
    [["test", "--list"], 2, /Cannot use --list with a SOURCE/],
    [["test", "--push=127.0.0.1:0"], 2, /port must be 1 to 65535/],
    [["test", "--push="], 2, /without its value/],
    [["test", "--http=127.0.0.1:99999"], 2, /port/],
    [["test", "--http=9000"], 2, /for both --listen and --http/],
    [["test", "--tls-cert=a"], 2, /without --http/],
    [
      ["test", "--http=0", "--tls-cert=/nowhere", "--tls-key=/nowhere", "-l127.0.0.1:0"],
      1,
      /Cannot/,
    ],
    [["test", "--http=0", `--tls-cert=${text}`, `--tls-key=${text}`, "-l127.0.0.1:0"], 1, /Cannot/],
    [["test", "--listen=203.0.113.1:9000"], 1, /must be an address of this machine/],
    [["test", "--listen=-1"], 1, /must be an address of this machine/],
    [["test", "--open", "--new-key"], 2, /Cannot use a key with --open/],
    [["--show-key", "--open"], 2, /Cannot show a key: with --open there is none/],
    [["rtsp://127.0.0.1:1/", "-l127.0.0.1:0"], 1, /nothing listens on that port/],
  ]);
});

programTest("receiver exits with a sentence and the right status on wrong arguments", async () => {
  await using folder = new Folder();
  const file = `${folder.path}/there.mkv`;
  await Deno.writeTextFile(file, "");
  const sender = "127.0.0.1:1";
  const all = ["--camera=all", sender];
  await check(RECEIVER, [
    ...BOTH.filter(([[first]]) => !first.startsWith("--key-file=/")),
    [["--find", sender], 2, /Cannot use --find with an ADDRESS/],
    [[""], 2, /Cannot/],
    [[sender, "--listen=1"], 2, /give either an ADDRESS or --listen PORT/],
    [[sender, sender], 2, /receiver takes \[NAME\|ADDRESS/],
    [["127.0.0.1:0"], 2, /port must be 1 to 65535/],
    [["127.0.0.1:99999"], 2, /port/],
    [["host:port"], 2, /Cannot read the address/],
    [["[::1"], 2, /Cannot read the address/],
    [["a b"], 1, /Cannot find "a b"/],
    [["\x1b]0;title\x07"], 2, /Cannot read the address/],
    [["a".repeat(5000), "--once", "--no-display"], 1, /Cannot/],
    [["http://127.0.0.1:8080/"], 2, /Cannot/],
    [[sender, "--once", "--no-display"], 1, /Cannot connect to 127\.0\.0\.1:1/],
    [[sender, "--cameras"], 1, /Cannot connect to 127\.0\.0\.1:1/],
    [["--listen=0", "--cameras"], 2, /Cannot list cameras with --listen/],
    [["--listen=0", "--camera=all"], 2, /Cannot receive all cameras with --listen/],
    [["--listen=203.0.113.1:9000", "--no-display"], 1, /must be an address of this machine/],
    [[sender, "--key-file=/nowhere/key"], 1, /the file \/nowhere\/key must exist/],
    [[sender, `--key-file=${folder.path}`], 1, /Cannot read/],
    [[sender, `--key-file=${file}`], 1, /other users of this machine can read it/],
    [[sender, "--display=tv"], 2, /--display: it must be window or terminal or none/],
    [[sender, "--display=none", "--no-display"], 2, /Cannot use --no-display with --display/],
    [[sender, "--display=terminal"], 2, /terminal/],
    [[sender, "--player=vlc"], 2, /--player: it must be ffplay or mpv/],
    [[sender, "--player=mpv", "--no-display"], 2, /Cannot use --player without a window/],
    [[sender, "--stdout", "--json"], 2, /Cannot use --stdout with --json/],
    [[sender, "--record=x.avi"], 2, /\.mkv, \.mp4, or \.mjpeg/],
    [[sender, "--record=x.mkv", "--keep=1GB"], 2, /single file/],
    [[sender, "--record=/nowhere/x.mkv"], 1, /Cannot record to \/nowhere\/x\.mkv/],
    [[sender, `--record=${file}`], 1, /it already exists/],
    [[sender, `--record=${file}/`], 1, /Cannot record/],
    [[sender, "--segment=1m"], 2, /Cannot use --segment without --record/],
    [[sender, "--record=a/", "--segment=0s"], 2, /--segment/],
    [[sender, "--record=a/", "--keep=much"], 2, /--keep/],
    [[sender, "--snapshot=x.png"], 2, /\.jpg/],
    [[sender, "--snapshot=/nowhere/x.jpg"], 1, /Cannot write/],
    [[sender, "--every=1s"], 2, /Cannot use --every without --snapshot/],
    [[sender, "--snapshot=x.jpg", "--every=often"], 2, /--every/],
    [[sender, "--motion"], 2, /Cannot use --motion alone/],
    [[sender, "--motion-area=0"], 2, /--motion-area/],
    [[sender, "--before=1s"], 2, /Cannot use --before without --motion/],
    [[sender, "--exec=/nowhere/program"], 1, /Cannot run \/nowhere\/program/],
    [[sender, "--exec='open"], 2, /--exec|quote/],
    [[...all, "--stdout"], 2, /Cannot use --stdout with all cameras/],
    [[...all, "--no-display"], 2, /Cannot show all cameras without a window/],
    [[...all, "--record=x.mkv"], 2, /it must be a folder/],
    [["--forget=127.0.0.1"], 1, /Cannot forget the key of 127\.0\.0\.1/],
    [["--forget="], 2, /without its value/],
  ]);
});

programTest(
  "both programs exit with status 0 only when they were asked for an answer",
  async () => {
    for (const program of [SENDER, RECEIVER]) {
      for (const args of [["--help"], ["a", "b", "-h"], ["--help", "all"], ["--version"]]) {
        const { code, out, err } = await run(program, args);
        assertEquals([code, err], [0, ""]);
        assert(out.length > 10);
      }
    }
  },
);
