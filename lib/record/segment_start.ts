/**
 * Where a segment of a recording begins.
 *
 * @module
 */

/** A shorter segment does not end because the stream changes: a sender could fill a disk with files. */
const MIN_SEGMENT_MS = 1000;
/** Setting the system clock by more than this begins a new segment, in milliseconds. */
const MAX_STEP_MS = 1000;

/** What all frames of a file have in common. */
export interface SegmentStart {
  /** Capture of the first frame. */
  startMs: number;
  /** How far the system clock was ahead then: `clockStepMs`. */
  stepMs: number;
  /** Channels of the sound; 0 if it has none. */
  channels: number;
  width: number;
  height: number;
}

/** Whether a segment of at most `segmentMs` ends before a frame that would begin another one. */
export function isOver(segment: SegmentStart, next: SegmentStart, segmentMs: number): boolean {
  const lengthMs = next.startMs - segment.startMs;
  const hasChanged = next.channels !== segment.channels || next.width !== segment.width ||
    next.height !== segment.height;
  return lengthMs >= segmentMs || Math.abs(next.stepMs - segment.stepMs) > MAX_STEP_MS ||
    hasChanged && lengthMs >= MIN_SEGMENT_MS;
}
