/**
 * Makes `docs/screenshot.png`, the picture in the README: a sender and a receiver at work, on an X
 * server without a monitor.
 *
 *     ./denow run -A tools/screenshot.ts
 *
 * The camera is a film of a 3D printer that ffmpeg draws. The programs run in a network of their
 * own, which has the address that the README uses. It needs Linux, root, and the
 * packages openbox, xterm, xdotool, xvfb, imagemagick and iproute2.
 *
 * @module
 */

import { Display } from "../tests/support/display.ts";
import { until } from "../tests/support/patience.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const ADDRESS = "192.168.1.20";
/** Width and height of the printer's film. */
const [WIDTH, HEIGHT] = [800, 450];
const FPS = 25;
/** The printed object: layers, each this high, and one more every so many seconds. */
const [LAYERS, LAYER_HEIGHT, LAYER_SECONDS] = [42, 5, 0.25];
/** Where the object stands. */
const [CENTRE, BED] = [400, 380];
/** How much of the film is shown before the screenshot. */
const SECONDS = 9;

/** The filters that draw the film, on a plain background. */
function printer(): string {
  const box = (x: number, y: number, width: number, height: number, color: string, enable = "") =>
    `drawbox=x=${x}:y=${y}:w=${width}:h=${height}:color=${color}:t=fill${enable}`;
  const layers = Array.from({ length: LAYERS }, (_, layer) => {
    const width = Math.round(120 + 44 * Math.sin(layer / 8 + 0.4));
    const [x, y] = [CENTRE - width / 2, BED - (layer + 1) * LAYER_HEIGHT];
    const enable = `:enable='gte(t,${layer * LAYER_SECONDS})'`;
    const shade = layer % 2 === 0 ? "0xf28c28" : "0xdd7a1c";
    return [
      box(x, y, width, LAYER_HEIGHT, shade, enable),
      box(x + width * 0.12, y, width * 0.14, LAYER_HEIGHT, "0xffb765", enable),
      box(x + width * 0.8, y, width * 0.2, LAYER_HEIGHT, "0xb35f10", enable),
    ].join();
  });
  const frame = [
    box(0, 408, WIDTH, 42, "0x3a4149"), // the table
    box(120, 392, 560, 26, "0x1b1f24"), // the base
    box(150, 40, 22, 354, "0x262b31"), // the posts
    box(628, 40, 22, 354, "0x262b31"),
    box(156, 40, 4, 354, "0x59636e"),
    box(634, 40, 4, 354, "0x59636e"),
    box(150, 34, 500, 18, "0x262b31"), // the beam
    box(220, BED, 360, 10, "0x7b8794"), // the bed
  ];
  const height = `${BED}-${LAYER_HEIGHT}*min(${LAYERS}\\,floor(t/${LAYER_SECONDS})+1)`;
  return [
    `color=0xb4c3cf:s=${WIDTH}x${HEIGHT}:r=${FPS}:d=${LAYERS * LAYER_SECONDS + 2},` +
    `${[...frame, ...layers].join()}[scene]`,
    `color=0x434c56:s=500x10:r=${FPS}[gantry]`,
    `color=0x20252a:s=46x34:r=${FPS},${box(6, 6, 34, 8, "0x2d7dd2")},${
      box(18, 26, 10, 8, "0xc9a227")
    }[head]`,
    `[scene][gantry]overlay=x=150:y='${height}-52':shortest=1[with]`,
    `[with][head]overlay=x='${CENTRE}-23+50*sin(7*t)':y='${height}-36':shortest=1,scale=640:-2`,
  ].join(";");
}

async function run(program: string, args: string[], env = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, env, stdout: "null" })
    .output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
}

/** Shows a command line and what it prints, in a terminal at a place on the screen. */
function terminal(
  title: string,
  geometry: string,
  line: string,
  { env, cwd }: { env: Record<string, string>; cwd: string },
) {
  const script = `printf '$ %s\\n' "$1"; eval "$1"; sleep 60`;
  return new Deno.Command("xterm", {
    args: [
      ...["-T", title, "-geometry", geometry, "-fa", "DejaVu Sans Mono", "-fs", "10"],
      ...["-bg", "#1d2127", "-fg", "#e4e7eb", "+sb", "-e", "sh", "-c", script, "sh", line],
    ],
    env,
    cwd,
  }).spawn();
}

async function takeScreenshot(folder: string): Promise<void> {
  await run("ip", ["address", "add", `${ADDRESS}/24`, "dev", "lo"]);
  await run("ip", ["link", "set", "lo", "up"]);
  await using display = await Display.open();
  const env = {
    ...display.env,
    XDG_CONFIG_HOME: `${folder}/config`,
    PATH: `${ROOT}dist:${Deno.env.get("PATH")}`,
  };
  const children: Deno.ChildProcess[] = [];
  try {
    children.push(new Deno.Command("openbox", { env, stderr: "null" }).spawn());
    await display.paint("xc:#5b7083");
    const sender = `sender printer.mjpeg --loop --overlay --name "3D printer"`;
    children.push(terminal("the camera's machine", "78x9+14+12", sender, { env, cwd: folder }));
    let key = "";
    await until(async () => {
      key = await Deno.readTextFile(`${folder}/config/camcat/key`).catch(() => "");
      return key !== "";
    }, "the key of the sender");
    const receiver = `receiver ${ADDRESS}:9000/${key.trim()}`;
    children.push(terminal("your machine", "78x9+14+214", receiver, { env, cwd: folder }));
    const window = await display.windowOf("ffplay");
    await run("xdotool", ["windowmove", window, "664", "32"], env);
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    await run("import", [
      ...[
        "-window",
        "root",
        "-crop",
        "1320x414+0+0",
        "+dither",
        "-colors",
        "64",
        `${ROOT}docs/screenshot.png`,
      ],
    ], env);
  } finally {
    for (const child of children.reverse()) child.kill("SIGTERM");
    await Promise.all(children.map((child) => child.status));
  }
}

if (Deno.args[0] === "--in-network-of-its-own") await takeScreenshot(Deno.args[1]);
else {
  const folder = await Deno.makeTempDir({ prefix: "camcat-screenshot-" });
  try {
    await run("ffmpeg", [
      ...["-loglevel", "error", "-y", "-filter_complex", printer(), "-q:v", "2", "-an"],
      `${folder}/printer.mjpeg`,
    ]);
    const { pathname } = new URL(import.meta.url);
    await run("unshare", [
      ...["--net", Deno.execPath(), "run", "-A", pathname],
      ...["--in-network-of-its-own", folder],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
