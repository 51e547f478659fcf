// Motion in real JPEGs, through the real decoder.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Decoder } from "../../lib/jpeg/decoder.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
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

/** Gives frames to a sensor as a camera would, until `isEnough()`. */
async function watch(
  sensor: MotionSensor,
  frames: () => Frame,
  isEnough: () => boolean,
  live = true,
) {
  await until(() => {
    sensor.take({ frame: frames(), capturedAt: 0, live, dropped: 0 });
    return isEnough();
  }, "what the sensor has to tell");
}

Deno.test("MotionSensor tells when motion begins and when it has ended, and gives frames back", async () => {
  const [still, other] = [await clip("", 5), await clip(box(0.2), 5)];
  const events: MotionEvent[] = [];
  await using sensor = new MotionSensor({
    areaPercent: 1,
    afterMs: 500,
    onMotion: (event) => void events.push(event),
    signal: NEVER,
  });
  let shown = 0;
  const begun = performance.now();
  // The first looks are for learning.
  await watch(sensor, () => still[0], () => performance.now() - begun > 3000);
  assertEquals(events, []);
  await watch(sensor, () => other[30 + Math.floor(shown++ / 10) % 20], () => events.length === 1);
  assertEquals(events[0].type, "began");
  assert(events[0].type === "began" && events[0].score >= 1);
  await watch(sensor, () => still[0], () => events.length === 2);
  assertEquals(events[1].type, "ended");
  assert(events[1].type === "ended" && events[1].durationMs >= 500);
});

Deno.test("MotionSensor does not look at what is not live, and ends a motion with itself", async () => {
  const [still, other] = [await clip("", 5), await clip(box(0.2), 5)];
  const events: MotionEvent[] = [];
  const sensor = new MotionSensor({
    areaPercent: 1,
    afterMs: 60_000,
    onMotion: (event) => void events.push(event),
    signal: NEVER,
  });
  const forMs = (ms: number) => {
    const begun = performance.now();
    return () => performance.now() - begun > ms;
  };
  await watch(sensor, () => still[0], forMs(3000));
  let shown = 0;
  const moving = () => other[30 + Math.floor(shown++ / 10) % 20];
  await watch(sensor, moving, forMs(1000), false);
  assertEquals(events, []);
  await watch(sensor, moving, () => events.length === 1);
  await sensor[Symbol.asyncDispose]();
  assertEquals(events.map(({ type }) => type), ["began", "ended"]);
});

testOnLinux(
  "MotionSensor lives with JPEGs that make no sense, and with a decoder that dies",
  async () => {
    const [still, other] = [await clip("", 5), await clip(box(0.2), 5)];
    const broken = Frame.from(Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 0xff, 0xd9), {
      time: 0,
    });
    const events: MotionEvent[] = [];
    await using sensor = new MotionSensor({
      areaPercent: 1,
      afterMs: 60_000,
      onMotion: (event) => void events.push(event),
      signal: NEVER,
    });
    let shown = 0;
    const begun = performance.now();
    await watch(sensor, () => broken, () => performance.now() - begun > 500);
    for (const [pid, name] of await childrenOf(Deno.pid)) {
      if (name === "ffmpeg") Deno.kill(pid, "SIGKILL");
    }
    const learning = performance.now();
    await watch(sensor, () => still[0], () => performance.now() - learning > 4500);
    await watch(sensor, () => other[30 + Math.floor(shown++ / 10) % 20], () => events.length === 1);
  },
);
