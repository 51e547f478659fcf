/**
 * The options of a recording.
 *
 * @module
 */

import type { Access } from "../program/file_access.ts";
import type { SegmentOptions } from "./destination.ts";
import type { RecordingEvent } from "./recording_event.ts";

/** Options of a recording. */
export interface RecordingOutputOptions extends SegmentOptions {
  /** Called with every event of the recording. */
  onEvent?: (event: RecordingEvent) => void;
  /** Permissions of new files and folders. @default {PRIVATE} */
  access?: Access | undefined;
  /** Records one picture in so many milliseconds, 25 of them for a second of video. @default all */
  timelapseMs?: number | undefined;
}
