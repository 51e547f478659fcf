/**
 * What ffmpeg's messages mean to the user.
 *
 * @module
 */

import { BusyError, CamcatError } from "../base/errors.ts";
import { type Source, sourceName } from "./source.ts";

/** Another program holds the device. */
const BUSY = /Device or resource busy|device already in use/i;

/** A pattern in ffmpeg's words, and the sentence for it. The first that fits is taken. */
const SENTENCES: [RegExp, (name: string, source: Source) => string][] = [
  [
    /unix:\S+: No such file or directory/,
    () =>
      "Cannot start ffmpeg: its folder in /tmp was deleted while it started. " +
      "Exclude /tmp/camcat-* from what tidies /tmp",
  ],
  [
    /No such filter: 'drawtext'/,
    () =>
      "Cannot write the overlay: this ffmpeg was built without its filter drawtext. " +
      "Install your system's full ffmpeg, or leave out --overlay",
  ],
  [
    /Cannot find a valid font|No font filename provided/,
    () =>
      "Cannot write the overlay: no font was found. " +
      "Install one (sudo apt-get install fonts-dejavu-core), or leave out --overlay",
  ],
  [
    /Invalid too big or non positive size/,
    (name) => `Cannot crop ${name}: the picture is smaller than that. Try a smaller --crop`,
  ],
  [
    /Cannot open display \S+, error 6/, // XCB_CONN_CLOSED_INVALID_SCREEN
    (name) =>
      `Cannot capture ${name}: the display has no such screen. Two monitors are often one screen of X11: ` +
      "use `sender screen` with --crop to send one of them",
  ],
  [
    /Cannot open display/,
    (name) =>
      `Cannot capture ${name}: the display does not let us. Check DISPLAY, and run this as the user of that desktop`,
  ],
  [
    BUSY,
    (name) => `Cannot open ${name}: another program is using it. Close that program and try again`,
  ],
  [
    /Permission denied|Access is denied/i,
    (name, { kind }) =>
      kind === "device"
        ? `Cannot open ${name}: no permission. Add yourself to the group that owns it ` +
          "(sudo usermod -aG video $USER) and log in again"
        : `Cannot open ${name}: no permission to read it. Change its permissions or run as its owner`,
  ],
  [
    /ioctl\(VIDIOC_DQBUF\): (No such device|Input\/output error)|demuxing: No such device/i,
    (name) => `Cannot read ${name}: the camera was unplugged or failed. Plug it in again`,
  ],
  [
    /demuxing: Input\/output error/i,
    (name, { kind }) =>
      kind === "device"
        ? `Cannot read ${name}: the camera was unplugged or failed. Plug it in again`
        : `Cannot read ${name}: reading it failed. Check the disk or the connection it comes from`,
  ],
  [
    /Inappropriate ioctl|Not a video capture device|VIDIOC_G_INPUT/i,
    (name) =>
      `Cannot use ${name}: it gives no pictures. A webcam's second node holds only metadata: try the one before it`,
  ],
  [
    /No such file or directory|No such device/i,
    (name, { kind }) =>
      kind === "device"
        ? `Cannot open ${name}: there is no such camera. Plug it in, name another SOURCE, or try \`sender test\``
        : `Cannot open ${name}: there is no such file. Check its name and folder`,
  ],
  [
    /Cannot find a proper format|Selected framerate|Selected video size|Could not set video options/i,
    (name) =>
      `Cannot use this mode of ${name}: the camera does not offer it. Try another --size or --fps`,
  ],
  [
    /Is a directory/i,
    (name) => `Cannot open ${name}: it is a folder. Name a file in it`,
  ],
  [
    /401 Unauthorized|403 Forbidden|authorization failed/i,
    (name) =>
      `Cannot open ${name}: the server wants a password. Put it into the URL, as in rtsp://USER:PASSWORD@HOST/`,
  ],
  [
    /404 Not Found|410 Gone|454 Session/i,
    (name) => `Cannot open ${name}: the server has nothing there. Check the path in the URL`,
  ],
  [
    /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    (name) =>
      `Cannot open ${name}: its host is not known. Check the host in the URL and your network`,
  ],
  [
    /Connection refused/i,
    (name) =>
      `Cannot open ${name}: nothing listens there. Check host and port in the URL, and that the server runs`,
  ],
  [
    /timed out|No route to host|Network is unreachable|Host is unreachable/i,
    (name) =>
      `Cannot open ${name}: its host does not answer. Check the host in the URL and your network`,
  ],
  [
    /Protocol not found|Unknown protocol|Protocol '.*' not on whitelist/i,
    (name) =>
      `Cannot open ${name}: this ffmpeg does not know that kind of URL. Check how it begins`,
  ],
  [
    /Server returned|HTTP error|Input\/output error|End of file/i,
    (name) => `Cannot read ${name}: the server gave no stream. Check the URL`,
  ],
  [
    /matches no streams|does not contain any stream/i,
    (name) => `Cannot show ${name}: there is no video in it. Name another SOURCE`,
  ],
  [
    /Invalid data found|moov atom not found|could not find codec parameters|unspecified size/i,
    (name) => `Cannot read ${name}: it is no video that ffmpeg knows. Name another SOURCE`,
  ],
  [
    /Unknown input format|Unknown encoder|Filter not found/i,
    (name) =>
      `Cannot capture ${name}: this ffmpeg was built without a part that is needed. Install your system's full ffmpeg`,
  ],
];

/** Lines of ffmpeg that come with a normal stop and explain nothing. */
const NOISE =
  /still owned by the caller|VIDIOC_QBUF\): Bad file descriptor|Broken pipe|Conversion failed/;

/**
 * Turns the end of a capture into one sentence with the mend in it.
 *
 * @param lines the last lines that ffmpeg wrote
 * @param otherwise the sentence when none of them is understood
 * @returns a {@linkcode BusyError} if another program holds the source
 */
export function explainFfmpeg(
  lines: string[],
  source: Source,
  otherwise: string,
): CamcatError {
  const details = lines.filter((line) => !NOISE.test(line)).join("\n");
  const [pattern, sentence] = SENTENCES.find(([pattern]) => pattern.test(details)) ?? [];
  const Kind = pattern === BUSY ? BusyError : CamcatError;
  return new Kind(sentence?.(sourceName(source), source) ?? otherwise, { details });
}
