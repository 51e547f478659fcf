/**
 * Exports recordings, as the receiver's options ask for it.
 *
 * @module
 */

import { type ExportProgress, exportSpan } from "../archive/export.ts";
import { Recordings } from "../archive/recordings.ts";
import { formatDuration, rounded } from "../base/quantity.ts";
import type { ReceiverOptions } from "../options/receiver_options.ts";
import type { Console } from "../program/console.ts";
import { Naming } from "../record/naming.ts";
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
  const fieldsOf = ({ share, durationMs, frames, gaps }: ExportProgress) => ({
    percent: Math.floor(share * 100),
    exported_s: rounded(durationMs / 1000),
    frames,
    gaps,
  });
  console.showStatus(() => [{
    text: `Exporting ${Math.floor(now.share * 100)} %, ${formatDuration(now.durationMs)}`,
    json: fieldsOf(now),
  }]);
  const done = await exportSpan(recordings, {
    span: options.export!,
    file,
    signal,
    onProgress: (progress) => now = progress,
    onLine: (line) => console.detail(`ffmpeg: ${line}`),
  });
  if (done === undefined) return;
  const cut = done.gaps === 0
    ? ""
    : `; ${done.gaps} gap${done.gaps === 1 ? "" : "s"} without a recording cut out`;
  console.event(
    { event: "exported", file, ...fieldsOf(done) },
    `Exported ${formatDuration(done.durationMs)} to ${file}${cut}`,
  );
}
