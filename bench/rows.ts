/**
 * Everything that can be measured, by name.
 *
 * @module
 */

import { call } from "./call.ts";
import { cpu } from "./cpu.ts";
import { display } from "./display.ts";
import { fanOut } from "./fan_out.ts";
import { fastLink } from "./fast_link.ts";
import { floor } from "./floor.ts";
import type { Row } from "./figures.ts";
import { grid } from "./grid.ts";
import { keyed } from "./keyed.ts";
import { latency } from "./latency.ts";
import { leak } from "./leak.ts";
import { memory } from "./memory.ts";
import { profile } from "./profile.ts";
import { relay } from "./relay.ts";
import { roundTrip } from "./round_trip.ts";
import { slowLink } from "./slow_link.ts";
import { stall } from "./stall.ts";
import { sound } from "./sound.ts";
import { soundDrift } from "./sound_drift.ts";
import { soundPage } from "./sound_page.ts";
import { soundPicture } from "./sound_picture.ts";
import { start } from "./start.ts";
import { ustreamer } from "./ustreamer.ts";
import { links } from "./links.ts";
import { mixedLinks } from "./mixed_links.ts";
import { scale } from "./scale.ts";
import { sharpness } from "./sharpness.ts";
import { wire } from "./wire.ts";

/** The rows, in the order in which they run. */
export const ROWS: Record<string, Row> = {
  start,
  latency,
  display,
  cpu,
  floor,
  wire,
  ustreamer,
  "fan-out": fanOut,
  stall,
  "slow-link": slowLink,
  links,
  "mixed-links": mixedLinks,
  "fast-link": fastLink,
  sharpness,
  relay,
  call,
  scale,
  grid,
  "round-trip": roundTrip,
  keyed,
  leak,
  profile,
  "memory-hour": memory,
  sound,
  "sound-page": soundPage,
  "sound-picture": soundPicture,
  "sound-drift": soundDrift,
};
