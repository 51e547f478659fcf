/**
 * Finding out what a file or a URL holds.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { explainFfmpeg } from "./ffmpeg_errors.ts";
import { type Probe, urlOf } from "./ffmpeg_args.ts";
import { nameOf, type Source } from "./source.ts";

/** How long a server may take to show what it has. */
const PROBE_MS = 15_000;

/** A named pipe cannot be looked into before it is read. */
const OF_PIPE: Probe = { codec: "", container: "", isLive: true };

/**
 * Asks ffprobe what a file or URL holds: MJPEG need not be encoded again.
 *
 * @throws {CamcatError} if it cannot be opened or holds no video
 */
export async function probe(
  source: Source,
  { signal, onLine }: { signal: AbortSignal; onLine?: (line: string) => void },
): Promise<Probe> {
  if (source.kind === "file" && isPipe(source.path)) return OF_PIPE;
  await using child = Child.spawn("ffprobe", [
    "-hide_banner",
    "-select_streams",
    "v:0",
    "-show_entries",
    "stream=codec_name:format=format_name,duration",
    "-of",
    "json",
    "-i",
    urlOf(source),
  ], { stdout: "piped", ...(onLine === undefined ? {} : { onLine }) });
  const kill = () => void child.kill();
  signal.addEventListener("abort", kill);
  if (signal.aborted) kill();
  let otherwise = "ffprobe does not know it";
  const timer = setTimeout(() => {
    otherwise = `it shows nothing within ${PROBE_MS / 1000} s. Check that it sends a picture`;
    kill();
  }, PROBE_MS);
  try {
    const answer = await new Response(child.process.stdout).text();
    const { code } = await child.status;
    if (code !== 0) {
      throw explainFfmpeg(child.tail, source, `Cannot open ${nameOf(source)}: ${otherwise}`);
    }
    const { streams, format } = JSON.parse(answer);
    if (streams.length === 0) throw explainFfmpeg(["matches no streams"], source, "");
    return {
      codec: streams[0].codec_name,
      container: format.format_name,
      isLive: source.kind === "url" && format.duration === undefined,
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  }
}

function isPipe(path: string): boolean {
  try {
    return Deno.statSync(path).isFifo === true;
  } catch {
    return false; // ffprobe finds out why
  }
}
