/**
 * Exports recordings, as the receiver's options ask for it.
 *
 * @module
 */

import { type ExportProgress, exportSpan } from "../archive/export.ts";
import { Recordings } from "../archive/recordings.ts";
import type { ReceiverOptions } from "../options/receiver_options.ts";
import type { Console } from "../program/console.ts";
import { Naming } from "../record/naming.ts";
import { exportStatus, reportExported } from "../report/archive_report.ts";
import { namingOf } from "./outputs.ts";

/**
 * Exports the span that the options name, and shows how far it is.
 *
 * @throws {CamcatError} if there is nothing to export, or it fails
 */
export async function runExport(
  options: ReceiverOptions,
  { folder, file }: { folder: string; file: string },
  console: Console,
  signal: AbortSignal,
): Promise<void> {
  const recordings = new Recordings(folder, namingOf(options) ?? new Naming());
  let now: ExportProgress = { share: 0, durationMs: 0, frames: 0, gaps: 0 };
  console.showStatus(() => [exportStatus(now)]);
  const done = await exportSpan(recordings, {
    span: options.export!,
    file,
    signal,
    onProgress: (progress) => now = progress,
    onLine: (line) => console.detail(`ffmpeg: ${line}`),
  });
  if (done !== undefined) reportExported(console, file, done);
}
