// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { ffmpegArgs } from "../../lib/capture/ffmpeg_args.ts";
import { mediaRecipe } from "../../lib/capture/media_recipe.ts";
import type { Picture } from "../../lib/capture/picture.ts";
import {
  type Changes,
  filtersFor,
  isChanged,
  isReshaped,
  parseCrop,
} from "../../lib/capture/filters.ts";
import type { Size } from "../../lib/base/size.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { skipped } from "../support/skipped.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

const CROP = { width: 640, height: 480, x: 10, y: 20 };

test("filtersFor() goes from crop to overlay, in the order that is documented", () => {
  const size = { width: 640, height: 480 };
  const cases: [Changes, number | undefined, Size | undefined, string][] = [
    [{}, undefined, undefined, ""],
    [{}, 5, size, "fps=5:eof_action=pass,scale=640:480"],
    [{}, undefined, { height: 480 }, "scale=-2:480"],
    [{ crop: CROP }, undefined, undefined, "crop=640:480:10:20:exact=1"],
    [{ rotate: 90 }, undefined, undefined, "transpose=clock"],
    [{ rotate: 180 }, undefined, undefined, "hflip,vflip"],
    [{ rotate: 270 }, undefined, undefined, "transpose=cclock"],
    [{ flip: "h" }, undefined, undefined, "hflip"],
    [{ flip: "v" }, undefined, undefined, "vflip"],
    [
      { flip: "v", rotate: 90, crop: CROP },
      7.5,
      size,
      "fps=7.5:eof_action=pass,crop=640:480:10:20:exact=1,transpose=clock,vflip,scale=640:480",
    ],
  ];
  for (const [changes, rate, size, filters] of cases) {
    assertEquals(filtersFor(changes, rate, size).join(), filters);
  }
  const all = filtersFor({ overlay: "x", flip: "h" }, 5, size);
  assertEquals(all.map((filter) => filter.replace(/=.*/, "")), [
    ...["fps", "hflip", "scale", "drawtext", "drawtext"],
  ]);
});

test("isChanged() and isReshaped() tell what a change costs", () => {
  const cases: [Changes, boolean, boolean][] = [
    [{}, false, false],
    [{ crop: CROP }, true, true],
    [{ rotate: 90 }, true, true],
    [{ rotate: 180 }, true, false],
    [{ rotate: 270 }, true, true],
    [{ flip: "h" }, true, false],
    [{ overlay: "x" }, true, false],
  ];
  for (const [changes, changed, reshaped] of cases) {
    assertEquals([isChanged(changes), isReshaped(changes)], [changed, reshaped]);
  }
});

test("parseCrop() reads what to cut out", () => {
  assertEquals(parseCrop("640x480+10+20"), CROP);
  assertEquals(parseCrop("16x16+0+0"), { width: 16, height: 16, x: 0, y: 0 });
  const refused = [
    ...["", "640x480", "640x480+1", "640x480+1+2+3", "640x480-1+2", "15x16+0+0", "16x15+0+0"],
    ...["640X480+1+2", "a640x480+1+2", "640x480+1+2b", "1e3x480+1+2", "640x480+1+2:exact=0"],
  ];
  for (const text of refused) assertThrows(() => parseCrop(text), UsageError, "it must be WIDTHx");
});

/** Names that would be more than names, if anything let them. */
const HOSTILE = [
  "Front door",
  "a':%{pts}\\\\,b",
  "%{localtime}",
  "%{eif:1:d}",
  "x:textfile=/etc/passwd",
  "x,drawbox=color=red",
  "x;[in]hflip[out]",
  "[0:v]",
  "'",
  "\\",
  "\\'",
  "ends with \\",
  "  spaces  ",
  "50 %",
  "=:=",
  "Büro & Küche",
];

test("no name leads out of the overlay's text", () => {
  for (const name of HOSTILE) {
    const [filter] = filtersFor({ overlay: name }, undefined, undefined);
    const [graph] = unescaped(filter, ",;[]");
    assertEquals(graph.rest, "", name);
    const options = unescaped(graph.text.replace(/^drawtext=/, ""), ":");
    assertEquals(options[0].text, `text=${name}`, name);
    assertEquals(options[1].text, "expansion=none", name);
  }
  const long = filtersFor({ overlay: "x".repeat(500) }, undefined, undefined)[0];
  assertEquals(/text=(x+):/.exec(long)![1].length, 48);
  assert(!/\p{Cc}/u.test(filtersFor({ overlay: "a\0\n\tb" }, undefined, undefined)[0]));
});

/** Reads text as ffmpeg's av_get_token() does, up to each of `ends`. */
function unescaped(input: string, ends: string): { text: string; rest: string }[] {
  const tokens = [{ text: "", rest: "" }];
  let quoted = false;
  for (let at = 0; at < input.length; at++) {
    const last = tokens[tokens.length - 1];
    if (input[at] === "\\" && !quoted) last.text += input[++at];
    else if (input[at] === "'") quoted = !quoted;
    else if (!quoted && ends.includes(input[at])) {
      last.rest = input.slice(at);
      tokens.push({ text: "", rest: "" });
    } else last.text += input[at];
  }
  return tokens;
}

/** Four fields of their own grey, each 64 by 32. */
const WIDTH = 128;
const HEIGHT = 64;
const GREYS = [0, 85, 170, 255];

/** The picture of {@linkcode GREYS} after the changes, decoded. */
async function changed(picture: Picture): Promise<(x: number, y: number) => number> {
  await using folder = new Folder();
  const path = `${folder.path}/fields.pgm`;
  const field = (x: number, y: number) => (x < WIDTH / 2 ? 0 : 1) + (y < HEIGHT / 2 ? 0 : 2);
  const pixels = Uint8Array.from(
    { length: WIDTH * HEIGHT },
    (_, index) => GREYS[field(index % WIDTH, Math.floor(index / WIDTH))],
  );
  const file = [`P5 ${WIDTH} ${HEIGHT} 255\n`, pixels] as BlobPart[];
  await Deno.writeFile(path, new Blob(file).stream());
  const recipe = mediaRecipe({ kind: "file", path }, picture);
  const jpeg = await ffmpeg(ffmpegArgs(recipe, "file", { ...picture, quality: 100 }, "pipe:1"));
  const pgm = await ffmpeg(
    ["-f", "mjpeg", "-i", "pipe:0", "-f", "image2pipe", "-c", "pgm", "-"],
    jpeg,
  );
  const [header, width] = /^P5\s+(\d+)\s+\d+\s+255\s/.exec(
    new TextDecoder().decode(pgm.slice(0, 40)),
  )!;
  return (x, y) => pgm[header.length + y * Number(width) + x];
}

Deno.test("ffmpeg crops, turns, mirrors and scales as it is asked to", async () => {
  const crop = { width: 64, height: 32, x: 32, y: 16 };
  // Fields by their greys: upper left, upper right, lower left, lower right; then the size.
  const cases: [Picture, number[], number, number][] = [
    [{}, [0, 1, 2, 3], 128, 64],
    [{ rotate: 90 }, [2, 0, 3, 1], 64, 128],
    [{ rotate: 180 }, [3, 2, 1, 0], 128, 64],
    [{ rotate: 270 }, [1, 3, 0, 2], 64, 128],
    [{ flip: "h" }, [1, 0, 3, 2], 128, 64],
    [{ flip: "v" }, [2, 3, 0, 1], 128, 64],
    [{ crop }, [0, 1, 2, 3], 64, 32],
    [{ crop: { width: 64, height: 32, x: 64, y: 32 } }, [3, 3, 3, 3], 64, 32],
    [{ rotate: 90, flip: "h" }, [0, 2, 1, 3], 64, 128],
    [{ crop, rotate: 90, size: { width: 96, height: 192 } }, [2, 0, 3, 1], 96, 192],
  ];
  for (const [picture, fields, width, height] of cases) {
    const at = await changed(picture);
    const seen = [[1, 1], [3, 1], [1, 3], [3, 3]]
      .map(([x, y]) => at(Math.floor(x * width / 4), Math.floor(y * height / 4)))
      .map((grey) => Math.round(grey / 85));
    assertEquals(seen, fields, JSON.stringify(picture));
    assertEquals([at(width - 1, height - 1) >= 0, at(0, height)], [true, undefined]);
  }
});

const hasDrawtext = Deno.build.os === "linux" &&
  / drawtext /.test(new TextDecoder().decode(await ffmpeg(["-filters"])));
if (!hasDrawtext) {
  skipped("the overlay is looked at on Linux only, with an ffmpeg that has drawtext");
}

Deno.test({
  name: "ffmpeg writes any name into the picture, letter by letter, and the time",
  ignore: !hasDrawtext,
  async fn() {
    await using folder = new Folder();
    const file = `${folder.path}/name`;
    const width = 640;
    const height = 360;
    const draw = async (filters: string): Promise<Uint8Array> => {
      const input = ["-f", "lavfi", "-i", `color=gray:size=${width}x${height}`, "-frames:v", "1"];
      return await ffmpeg([...input, "-vf", filters, "-f", "rawvideo", "-pix_fmt", "gray", "-"]);
    };
    for (const name of HOSTILE) {
      const filters = filtersFor({ overlay: name }, undefined, undefined);
      const [text, clock] = filters;
      // The same text from a file needs no escaping at all.
      await Deno.writeTextFile(file, name);
      const style = text.slice(text.indexOf(":expansion="));
      const expected = await draw(`drawtext=textfile=${file}${style}`);
      assertEquals((await draw(text)).join(), expected.join(), name);
      const before = (await draw("null")).join();
      assert((await draw(clock)).join() !== before, "a clock");
      const both = await draw(filters.join());
      const rows = (from: number, to: number) => both.slice(from * width, to * width);
      assert(rows(0, 0.8 * height).every((grey) => grey === both[0]), "only the bottom changes");
      assert(rows(0.9 * height, height).some((grey) => grey > 240), "white letters");
    }
  },
});
