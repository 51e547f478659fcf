// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { parseCommandLine } from "../../lib/program/options.ts";
import { checkAllCameras, checkOptions } from "../../lib/cli/receiver_checks.ts";
import { RECEIVER, type ReceiverOptions } from "../../lib/options/receiver_options.ts";
import { adaptationOf, displayOf, ofCamera } from "../../lib/options/sinks.ts";

function parse(...args: string[]): ReceiverOptions {
  return parseCommandLine(RECEIVER, args).options;
}

Deno.test("displayOf() is a window, unless the picture goes elsewhere or the options choose", () => {
  const cases: [string[], string][] = [
    [[], "window"],
    [["--no-display"], "none"],
    [["--display=terminal"], "terminal"],
    [["--stdout"], "none"],
    [["--snapshot=a.jpg"], "none"],
    [["--webcam=auto"], "none"],
    [["--webcam=auto", "--display=window"], "window"],
    [["--record=a.mkv"], "none"],
    [["--record=a.mkv", "--display=window"], "window"],
    [["--record=a.mkv", "--player=mpv"], "window"],
    [["--motion", "--exec=true"], "window"],
  ];
  for (const [args, display] of cases) assertEquals(displayOf(parse(...args)), display, `${args}`);
});

Deno.test("checkOptions() refuses options that contradict each other or do nothing", () => {
  const cases: [string[], string][] = [
    [["--listen=1"], "Cannot tell where the picture comes from"],
    [["--no-display", "--display=window"], "Cannot use --no-display with --display"],
    [["--every=1s"], "Cannot use --every without --snapshot"],
    [["--segment=1m"], "Cannot use --segment without --record"],
    [["--keep=1GB"], "Cannot use --keep without --record"],
    [["--webcam-mode=640x480"], "Cannot use --webcam-mode without --webcam"],
    [["--before=1s"], "Cannot use --before without --motion"],
    [
      ["--motion"],
      "Cannot use --motion alone: it must have something to do, --snapshot or --record or --exec",
    ],
    [["--player=mpv", "--no-display"], "Cannot use --player without a window"],
    [["--player=mpv", "--display=terminal"], "Cannot use --player without a window"],
    [["--shared"], "Cannot use --shared without --snapshot or --record"],
    [["--all-frames", "--max-rate=1M"], "Cannot use --all-frames with --prefer or --max-rate"],
    [["--stdout", "--json"], "Cannot use --stdout with --json"],
    [["--display=terminal", "--stdout"], "Cannot use --display terminal with --stdout"],
  ];
  for (const [args, message] of cases) {
    assertThrows(() => checkOptions(parse(...args), ["127.0.0.1"]), UsageError, message);
  }
  const fine = [
    "--record=a/",
    "--keep=1GB",
    "--motion",
    "--before=1s",
    "--snapshot=b/",
    "--every=1s",
  ];
  checkOptions(parse(...fine), ["127.0.0.1"]);
  checkOptions(parse("--record=a", "--snapshot=a"), ["127.0.0.1"]); // a folder
});

Deno.test("checkAllCameras() refuses options that work with one camera only", () => {
  const cases: [string[], string][] = [
    [["--no-display"], "Cannot show all cameras without a window"],
    [["--display=terminal"], "Cannot use --display terminal with all cameras"],
    [["--stdout"], "Cannot use --stdout with all cameras"],
    [["--record=a.mkv"], "Cannot use --record a.mkv with all cameras: it must be a folder"],
  ];
  for (const [args, message] of cases) {
    assertThrows(() => checkAllCameras(parse(...args)), UsageError, message);
  }
  for (const args of [[], ["--record=a/"], ["--no-display", "--exec=true"]]) {
    checkAllCameras(parse(...args));
  }
});

Deno.test("ofCamera() gives a camera a folder of its own", () => {
  const options = parse("--record=a/", "--snapshot=b/");
  const { camera, record, snapshot } = ofCamera(options, "door", "folder");
  assertEquals([camera, record, snapshot], ["door", "a/folder/", "b/folder/"]);
});

Deno.test("adaptationOf() adapts what is only shown, to the size that is shown", () => {
  const shown = { width: 320, height: 180 };
  const cases: [string[], typeof shown | undefined, ReturnType<typeof adaptationOf>][] = [
    [[], undefined, { prefer: "balanced" }],
    [["--display=terminal"], shown, { prefer: "balanced", ...shown }],
    [["--max-size=640x100"], shown, {
      prefer: "balanced",
      width: 320,
      height: 100,
      maxWidth: 640,
      maxHeight: 100,
    }],
    [["--prefer=sharp", "--max-rate=500k"], undefined, { prefer: "sharp", rate: 500_000 }],
    [["--record=a.mkv"], undefined, undefined],
    [["--record=a.mkv", "--display=window"], shown, undefined],
    [["--stdout"], undefined, undefined],
    [["--no-display"], undefined, undefined],
    [["--motion", "--exec=true"], undefined, undefined],
    [["--record=a.mkv", "--max-rate=2M"], undefined, { prefer: "sharp", rate: 2_000_000 }],
    [["--record=a.mkv", "--prefer=smooth"], shown, { prefer: "smooth" }],
    [["--webcam=auto"], shown, { prefer: "balanced", ...shown }],
    [["--webcam=auto", "--record=a.mkv"], shown, undefined],
  ];
  for (const [args, size, expected] of cases) {
    assertEquals(adaptationOf(parse(...args), size), expected, `${args}`);
  }
});
