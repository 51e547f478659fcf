/**
 * What ffmpeg's messages mean to the user.
 *
 * @module
 */

import { BusyError, CamcatError } from "../base/errors.ts";
import { type Source, sourceName } from "./source.ts";

/** Another program uses the device. */
const BUSY = /Device or resource busy|device already in use/i;

/** A pattern in ffmpeg's lines, and the sentence for it. The first that matches counts. */
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
    (name) => `Cannot crop ${name}: the picture is smaller. Try a smaller --crop`,
  ],
  [
    /Cannot open display \S+, error 6/, // XCB_CONN_CLOSED_INVALID_SCREEN
    (name) =>
      `Cannot capture ${name}: the display has no such screen. X11 often shows two monitors as one screen: ` +
      "use `sender screen` with --crop to send one of them",
  ],
  [
    /Cannot open display/,
    (name) =>
      `Cannot capture ${name}: the display refused access. Check DISPLAY, and run this as the user of that desktop`,
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
        : `Cannot open ${name}: no permission to read it. Change its permissions, or run this as its owner`,
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
        : `Cannot read ${name}: reading it failed. Check its disk or connection`,
  ],
  [
    /Inappropriate ioctl|Not a video capture device|VIDIOC_G_INPUT/i,
    (name) =>
      `Cannot use ${name}: it gives no pictures. The second node of a webcam holds only metadata: try the one before it`,
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
    (name) => `Cannot open ${name}: it is a folder. Name a file inside it`,
  ],
  [
    /401 Unauthorized|403 Forbidden|authorization failed/i,
    (name) =>
      `Cannot open ${name}: the server needs a password, or a different one. Put it into the URL: rtsp://USER:PASSWORD@HOST/`,
  ],
  [
    /404 Not Found|410 Gone|454 Session/i,
    (name) => `Cannot open ${name}: the server has nothing at this path. Check the path in the URL`,
  ],
  [
    /Failed to resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    (name) =>
      `Cannot open ${name}: its host is unknown. Check the host in the URL and your network`,
  ],
  [
    /Connection refused/i,
    (name) =>
      `Cannot open ${name}: nothing listens on that port. Check host and port in the URL, and that the server runs`,
  ],
  [
    /timed out|No route to host|Network is unreachable|Host is unreachable/i,
    (name) =>
      `Cannot open ${name}: its host does not answer. Check the host in the URL and your network`,
  ],
  [
    /Protocol not found|Unknown protocol|Protocol '.*' not on whitelist/i,
    (name) =>
      `Cannot open ${name}: this ffmpeg does not know this kind of URL. Check its first letters`,
  ],
  [
    /Server returned|HTTP error|Input\/output error|End of file/i,
    (name) => `Cannot read ${name}: the server sent no stream. Check the URL`,
  ],
  [
    /matches no streams|does not contain any stream/i,
    (name) => `Cannot show ${name}: it contains no video. Name another SOURCE`,
  ],
  [
    /Invalid data found|moov atom not found|could not find codec parameters|unspecified size/i,
    (name) => `Cannot read ${name}: ffmpeg does not recognise it as video. Name another SOURCE`,
  ],
  [
    /Unknown input format|Unknown encoder|Filter not found/i,
    (name) =>
      `Cannot capture ${name}: this ffmpeg was built without a component that camcat needs. Install your system's full ffmpeg`,
  ],
];

/** Lines that ffmpeg writes at a normal exit; they explain nothing. */
const NOISE =
  /still owned by the caller|VIDIOC_QBUF\): Bad file descriptor|Broken pipe|Conversion failed/;

/**
 * Turns the last lines of ffmpeg into one sentence that says how to fix it.
 *
 * @param lines the last lines that ffmpeg wrote
 * @param otherwise the sentence if no line matches
 * @returns a {@linkcode BusyError} if another program uses the source
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
