/**
 * Reports on a recording.
 *
 * @module
 */

import type { Console } from "../program/console.ts";
import { formatBytes, formatDuration } from "../base/quantity.ts";
import type { RecordingEvent } from "../record/recording_event.ts";

/** Makes a callback that reports on a {@linkcode Console} what happens to a recording. */
export function reportRecording(console: Console): (event: RecordingEvent) => void {
  return (event) => {
    const { type: state, ...rest } = event;
    const json = { event: "recording", state, ...rest };
    switch (event.type) {
      case "started":
        console.event(json, `Recording to ${event.file}`);
        break;
      case "silent":
        console.warn(
          json,
          `Recording without the sound: ${event.extension} holds only pictures. Use .mkv or .mp4`,
        );
        break;
      case "paused":
        console.warn(
          json,
          `Recording paused: ${event.reason}. The live picture continues; recording resumes when it can`,
        );
        break;
      case "gone":
        console.warn(
          json,
          `${event.file} was ${event.how}. ` +
            `${missing(event.lostFrames, event.lostMs)}. Recording goes on in a new file`,
        );
        break;
      case "resumed":
        console.event(json, `Recording resumed. ${missing(event.lostFrames, event.lostMs)}`);
        break;
      case "ended": {
        const { file, durationMs, bytes, frames } = event;
        const length = `${formatDuration(durationMs)}, ${frames} frames, ${formatBytes(bytes)}`;
        console.event(json, `Recorded ${file}: ${length}`);
        break;
      }
      case "deleted":
        console.event(json);
        console.detail(`Deleted ${event.file} (--keep)`);
        break;
      case "kept":
        console.warn(json, `Cannot delete old recordings: ${event.reason}`);
        break;
      case "incomplete":
        console.warn(
          json,
          `The recording ended incomplete: ${missing(event.lostFrames, event.lostMs)}`,
        );
        break;
    }
  };
}

function missing(frames: number, ms: number): string {
  if (frames === 0) return "Nothing is missing";
  return `${frames} frames are missing, ${(ms / 1000).toFixed(1)} s`;
}
