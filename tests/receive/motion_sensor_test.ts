// Motion in real JPEGs, through the real decoder.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Decoder } from "../../lib/jpeg/decoder.ts";
import { Frame, HEADROOM } from "../../lib/jpeg/frame.ts";
import { CELLS, MotionDetector } from "../../lib/receive/motion.ts";
import { type MotionEvent, MotionSensor } from "../../lib/receive/motion_sensor.ts";
import { splitJpegs } from "../../lib/jpeg/split_jpegs.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf, testOnLinux } from "../support/processes.ts";

const FPS = 5;
const NEVER = new AbortController().signal;

/** A still with a lot in it, 12 s of it. */
const SCENE = "mandelbrot=size=320x240:rate=1:start_scale=0.02,eq=contrast=0.7,trim=end_frame=1," +
  `loop=-1:1,setpts=N/${FPS}/TB,fps=${FPS},trim=end_frame=${12 * FPS}`;

/** A box that passes again and again from the fifth second on, as large as a share of the picture. */
function box(share: number): string {
  const [width, height] = [320, 240].map((pixels) => Math.round(pixels * Math.sqrt(share)));
  return `[s];color=0x202020:size=${width}x${height}:rate=${FPS}[b];` +
    `[s][b]overlay=x='if(lt(t,5),-320,mod((t-5)*60,320))':y=100:shortest=1`;
}

const noise = (strength: number) => `,noise=alls=${strength}:allf=t`;
const light = (luma: string) => `,geq=lum='clip(${luma},0,255)':cb='cb(X,Y)':cr='cr(X,Y)'`;

/** The JPEGs of a clip. */
async function clip(filters: string, quality: number): Promise<Frame[]> {
  await using folder = new Folder();
  const file = `${folder.path}/clip.mjpeg`;
  const encoder = ["-pix_fmt", "yuvj420p", "-threads", "1", "-q:v", `${quality}`];
  await ffmpeg(["-filter_complex", SCENE + filters, ...encoder, file]);
  using opened = await Deno.open(file);
  const frames = [];
  for await (const frame of splitJpegs(opened.readable)) {
    frames.push(Frame.from(frame.jpeg, { time: 0 }));
    frame.release();
  }
  return frames;
}

/** What the detector says of each picture of a clip. */
async function scores(frames: Frame[]): Promise<{ score: number; isMotion: boolean }[]> {
  const detector = new MotionDetector(1);
  const samples: { score: number; isMotion: boolean }[] = [];
  await using decoder = new Decoder({
    size: CELLS,
    format: "gray",
    fit: "stretch",
    lowres: 3,
    onPicture: (picture) => samples.push(detector.add(picture, samples.length * 1000 / FPS)),
    signal: NEVER,
  });
  for (const frame of frames) await decoder.decode(frame);
  await until(() => samples.length >= frames.length, "the last pictures"); // ffmpeg may be slow
  assertEquals(samples.length, frames.length);
  return samples;
}

const STILL: [string, string, number][] = [
  ["noise", noise(20), 5],
  ["noise at low quality", noise(20), 31],
  ["a ramp of light", light("lum(X,Y)*(1-0.5*clip((T-4)/6,0,1))") + noise(8), 5],
  ["a step of light", light("lum(X,Y)*(1-0.5*gt(T,5))") + noise(8), 5],
  ["a step of light that clips", light("lum(X,Y)*(1+0.8*gt(T,5))") + noise(8), 5],
  ["another gamma", light("if(gt(T,5),255*pow(lum(X,Y)/255,0.5),lum(X,Y))") + noise(8), 5],
  [
    "a clock",
    `${noise(8)},drawtext=text='%{pts\\:hms}':fontsize=20:fontcolor=white:box=1:boxcolor=black`,
    5,
  ],
];

for (const [name, filters, quality] of STILL) {
  Deno.test(`there is no motion in a clip of ${name}`, async () => {
    const samples = await scores(await clip(filters, quality));
    assertEquals(samples.filter(({ score }) => score >= 1), []);
  });
}

const MOVING: [string, string, number, number][] = [
  ["1.3 %", box(0.013) + noise(8), 5, 1],
  ["3 % in noise, at low quality", box(0.03) + noise(20), 31, 2.5],
  ["3 % while the light fades", box(0.03) + light("lum(X,Y)*(1-0.5*clip((T-4)/6,0,1))"), 5, 2.5],
  ["20 %", box(0.2) + noise(8), 5, 15],
];

for (const [name, filters, quality, least] of MOVING) {
  Deno.test(`there is motion in a clip of a box of ${name}`, async () => {
    const samples = await scores(await clip(filters, quality));
    const first = samples.findIndex(({ isMotion }) => isMotion) / FPS;
    assert(first >= 5 && first <= 7, `${first} s`);
    assert(Math.max(...samples.map(({ score }) => score)) >= least);
  });
}

/** A frame that counts how many hold it. */
class CountedFrame extends Frame {
  holders = 1;

  static of({ jpeg }: Frame): CountedFrame {
    const buffer = new Uint8Array(HEADROOM + jpeg.length);
    buffer.set(jpeg, HEADROOM);
    return new CountedFrame(buffer, HEADROOM, buffer.length, { time: 0 });
  }

  override retain(): this {
    this.holders++;
    return super.retain();
  }

  override release(): void {
    this.holders--;
    super.release();
  }
}

/** A scene and, from frame {@linkcode MOVING_FROM} on, a box that passes through it. */
let clips: Promise<[Frame[], Frame[]]> | undefined;
const MOVING_FROM = 30;
const MOVING_FRAMES = 20;

/** A sensor, and frames for it on a clock of its own: a frame every 200 ms. */
class Watch implements AsyncDisposable {
  readonly events: MotionEvent[] = [];
  readonly sensor: MotionSensor;
  #timeMs = 0;
  #moved = 0;
  #still: Frame[];
  #moving: Frame[];

  private constructor(still: Frame[], moving: Frame[], afterMs: number) {
    this.#still = still;
    this.#moving = moving;
    this.sensor = new MotionSensor({
      areaPercent: 1,
      afterMs,
      onMotion: (event) => void this.events.push(event),
      signal: NEVER,
      now: () => this.#timeMs,
    });
  }

  static async begin({ afterMs }: { afterMs: number }): Promise<Watch> {
    clips ??= Promise.all([clip("", 5), clip(box(0.2), 5)]);
    return new Watch(...await clips, afterMs);
  }

  /** Shows a frame for 200 ms, and waits until the sensor has given it back. */
  async show(shown: Frame, live = true): Promise<void> {
    const frame = CountedFrame.of(shown);
    this.#timeMs += 200;
    this.sensor.take({ frame, capturedAt: 0, live, dropped: 0 });
    await until(() => frame.holders === 1, "the frame to be given back");
  }

  /** Shows the scene for some frames. */
  async still(frames: number): Promise<void> {
    for (let shown = 0; shown < frames; shown++) await this.show(this.#still[0]);
  }

  /** Shows the box, which is at each place for 2 s. */
  async moving(frames: number, live = true): Promise<void> {
    for (let shown = 0; shown < frames; shown++) {
      const place = Math.floor(this.#moved++ / 10) % MOVING_FRAMES;
      await this.show(this.#moving[MOVING_FROM + place], live);
    }
  }

  /** Waits for the beginning of a motion: the decoder may be some frames behind. */
  async begins(): Promise<void> {
    await until(() => this.events.length > 0, "the beginning of the motion");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sensor[Symbol.asyncDispose]();
  }
}

Deno.test("MotionSensor reports the beginning and the end of a motion, and releases frames", async () => {
  await using watch = await Watch.begin({ afterMs: 500 });
  await watch.still(12); // to learn from
  assertEquals(watch.events, []);
  await watch.moving(20);
  await watch.begins();
  const [began] = watch.events;
  assert(began.type === "began" && began.by === "picture" && began.score >= 1);
  await watch.still(5);
  await until(() => watch.events.length === 2, "the end of the motion");
  const [, ended] = watch.events;
  assert(ended.type === "ended" && ended.durationMs >= 500, JSON.stringify(ended));
});

Deno.test("MotionSensor ignores pictures that are not live, and ends a motion when it is closed", async () => {
  const watch = await Watch.begin({ afterMs: 60_000 });
  await watch.still(12);
  await watch.moving(20, false);
  assertEquals(watch.events, []);
  await watch.moving(20);
  await watch.begins();
  await watch.sensor[Symbol.asyncDispose]();
  assertEquals(watch.events.map(({ type }) => type), ["began", "ended"]);
});

testOnLinux("MotionSensor survives invalid JPEGs, and a decoder that is killed", async () => {
  await using watch = await Watch.begin({ afterMs: 60_000 });
  const broken = Frame.from(Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 0xff, 0xd9), {
    time: 0,
  });
  await watch.show(broken);
  for (const [pid, name] of await childrenOf(Deno.pid)) {
    if (name === "ffmpeg") Deno.kill(pid, "SIGKILL");
  }
  await watch.still(20);
  await watch.moving(20);
  await watch.begins();
  assertEquals(watch.events.map(({ type }) => type), ["began"]);
});
