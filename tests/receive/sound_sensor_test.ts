import { assertEquals } from "@std/assert";
import { JoinedMotion } from "../../lib/receive/joined_motion.ts";
import type { MotionEvent } from "../../lib/receive/motion_sensor.ts";
import { SoundSensor } from "../../lib/receive/sound_sensor.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { timeTest } from "../support/time.ts";

const AFTER_MS = 2000;

timeTest("SoundSensor notices sound that is loud for more than a click", async (time) => {
  const events: MotionEvent[] = [];
  const onMotion = (event: MotionEvent) => events.push(event);
  const sensor = new SoundSensor({ levelDb: -30, afterMs: AFTER_MS, onMotion });
  let seq = 0;
  const sound = async (db: number, ms: number) => {
    for (; ms > 0; ms -= 10) {
      const data = Uint8Array.of(0xf0); // 10 ms
      sensor.hear({
        packet: new SoundPacket({ seq: seq++, time: 0, level: -db, data }),
        capturedAt: undefined,
      });
      await time.pass(10);
    }
  };
  await sound(-31, 5000);
  await sound(-20, 50);
  await sound(-40, 500);
  assertEquals(events, []);
  await sound(-30, 60);
  assertEquals(events, [{ type: "began", by: "sound", levelDb: -30 }]);
  await sound(-127, 1900);
  await sound(-10, 1000);
  assertEquals(events.length, 1);
  await sound(-127, 2100);
  assertEquals(events.map(({ type }) => type), ["began", "ended"]);
  await sound(-10, 100);
  await sensor[Symbol.asyncDispose]();
  assertEquals(events.map(({ type }) => type), ["began", "ended", "began", "ended"]);
});

timeTest("SoundSensor tells once that a camera sends no sound", () => {
  let told = 0;
  const onDeaf = () => told++;
  const sensor = new SoundSensor({ levelDb: -30, afterMs: AFTER_MS, onMotion() {}, onDeaf });
  const stream = { type: "stream", name: "yard", live: true, reason: "" } as const;
  sensor.follow(stream);
  sensor.follow(stream);
  assertEquals(told, 1);
  return Promise.resolve();
});

timeTest("JoinedMotion lasts from the first sensor that notices it to the last", async (time) => {
  const events: MotionEvent[] = [];
  const motion = new JoinedMotion((event) => events.push(event));
  motion.take({ type: "began", by: "sound", levelDb: -12 });
  await time.pass(1000);
  motion.take({ type: "began", by: "picture", score: 3 });
  await time.pass(1000);
  motion.take({ type: "ended", durationMs: 2000 });
  assertEquals(events, [{ type: "began", by: "sound", levelDb: -12 }]);
  await time.pass(1000);
  motion.take({ type: "ended", durationMs: 2000 });
  assertEquals(events.at(-1), { type: "ended", durationMs: 3000 });
  assertEquals(events.length, 2);
});
