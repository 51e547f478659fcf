// When a relay asks its source for sound.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { RelaySound } from "../../lib/relay/relay_sound.ts";
import { SoundChannel } from "../../lib/send/sound_channel.ts";
import { timeTest } from "../support/time.ts";

const LISTENER = { hear: () => {} };

timeTest("RelaySound wants sound at once when somebody listens, and 5 s longer", async (time) => {
  const channel = new SoundChannel();
  const sound = new RelaySound(channel);
  const { signal } = new AbortController();
  const changed = (before: boolean) => {
    const state = { isOver: false };
    sound.changed(before, signal).then(() => state.isOver = true);
    return state;
  };
  const begins = changed(false);
  await time.pass(10_000);
  assertEquals([sound.isWanted, begins.isOver], [false, false]);
  channel.add(LISTENER);
  await time.pass(250);
  assertEquals([sound.isWanted, begins.isOver], [true, true]);

  const ends = changed(true);
  channel.remove(LISTENER);
  await time.pass(4000);
  channel.add(LISTENER);
  await time.pass(4000);
  assertEquals(ends.isOver, false, "somebody came back in time");
  channel.remove(LISTENER);
  await time.pass(6000);
  assertEquals(ends.isOver, true);
});

Deno.test("RelaySound passes the state of the source's sound on, and never asks where there is none", () => {
  const channel = new SoundChannel();
  const sound = new RelaySound(channel);
  channel.add(LISTENER);
  assertEquals(sound.isWanted, true, "it is not known yet");
  sound.follow(undefined);
  sound.lost("gone");
  assertEquals([sound.isWanted, channel.state], [false, undefined]);
  sound.follow({ channels: 2, live: true, reason: "" });
  assertEquals(channel.state, { channels: 2, live: false, reason: "" }, "until a packet comes");
  sound.follow({ channels: 2, live: false, reason: "unplugged" });
  assertEquals(channel.state, { channels: 2, live: false, reason: "unplugged" });
  sound.follow({ channels: 2 ** 40, live: false, reason: "" });
  assertEquals(channel.state, { channels: 1, live: false, reason: "" }, "an impossible number");
});
