/**
 * Checks that the options of the sender go together.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { DEFAULT_PORT, EVERY_INTERFACE } from "../protocol/address.ts";
import { BROKER, optionsOfOtherSources, otherSource } from "../sources/other_sources.ts";
import { checkCertificateOptions } from "../sources/user_certificate.ts";
import type { SenderSource } from "./sender_cameras.ts";
import type { SenderOptions } from "../options/sender_options.ts";

/** Options of captures: other SOURCEs give their pictures as they are. */
// deno-fmt-ignore
const CAPTURE_OPTIONS = [
  "controls", "set", "silence", "rtsp-transport", "size", "fps", "quality", "crop", "rotate", "flip",
  "overlay", "copy", "encode", "loop",
] as const;

/**
 * Refuses options that contradict each other.
 *
 * @throws {UsageError} if some options contradict each other
 */
export function checkOptions(options: SenderOptions, operands: string[]): void {
  const { copy, encode, quality, crop, rotate, flip, overlay, list, linger, listen, http } =
    options;
  if (copy && encode) throw new UsageError("Cannot use --copy with --encode: they are opposites");
  if (copy && (overlay || [crop, rotate, flip].some((change) => change !== undefined))) {
    throw new UsageError(
      "Cannot use --copy with --crop, --rotate, --flip or --overlay: they need encoding",
    );
  }
  if (copy && quality !== undefined) {
    throw new UsageError("Cannot use --copy with --quality: a quality needs encoding");
  }
  const connectsOnly = options.push !== undefined && listen === undefined && http === undefined;
  if (options["new-key"] && connectsOnly) {
    throw new UsageError("Cannot use --new-key with --push: the receiver's key is used");
  }
  if (options.pair) checkPair(options, connectsOnly);
  if (options["no-adapt"] && options["adapt-cpu"] !== undefined) {
    throw new UsageError(
      "Cannot use --adapt-cpu with --no-adapt: nothing is encoded for slow links",
    );
  }
  for (const name of ["open", "key", "key-file", "new-key"] as const) {
    if (options["same-key"] && options[name]) {
      throw new UsageError(`Cannot use --same-key with --${name}: it means another key`);
    }
  }
  if (options.stereo && options.sound === undefined) {
    throw new UsageError("Cannot use --stereo without --sound");
  }
  const isBroker = operands.some((operand) => BROKER.test(operand));
  if (list && operands.length > (isBroker ? 1 : 0)) {
    throw new UsageError(
      "Cannot use --list with a SOURCE: it lists every camera, of this machine or of one broker",
    );
  }
  if (options["broker-ca"] !== undefined && options.publish === undefined && !isBroker) {
    throw new UsageError("Cannot use --broker-ca without --publish or a broker as the SOURCE");
  }
  if (options.for !== undefined && !options.share) {
    throw new UsageError("Cannot use --for without --share");
  }
  for (const name of ["http-host", "http-allow-origin", "tls-cert", "tls-key"] as const) {
    const isUsed = http !== undefined ||
      operands.some((operand) => otherSource(operand)?.shared?.includes(name));
    if (options[name] !== undefined && !isUsed) {
      throw new UsageError(`Cannot use --${name} without --http`);
    }
  }
  checkCertificateOptions(options);
  if (http !== undefined && (listen !== undefined || options.push === undefined)) {
    const { hostname, port } = listen ?? { hostname: EVERY_INTERFACE, port: DEFAULT_PORT };
    const hosts = [hostname, http.hostname];
    if (
      port === http.port && port !== 0 && (hosts.includes(EVERY_INTERFACE) || hosts[0] === hosts[1])
    ) {
      throw new UsageError(
        `Cannot use port ${port} for both --listen and --http: choose another for one of them`,
      );
    }
  }
  if (linger !== undefined && !options["on-demand"]) {
    throw new UsageError("Cannot use --linger without --on-demand");
  }
}

/** The code is a secret: only a terminal shows it. */
function checkPair(options: SenderOptions, connectsOnly: boolean): void {
  const other = (["open", "json", "quiet", "list", "controls"] as const)
    .find((name) => options[name]);
  if (other === "open") throw new UsageError("Cannot use --pair with --open: there is no key");
  if (other !== undefined) {
    throw new UsageError(`Cannot use --pair with --${other}: the code is shown on the terminal`);
  }
  if (connectsOnly) {
    throw new UsageError(
      "Cannot use --pair with --push: it is for receivers that connect. Add --listen, or give " +
        "the whole address that the receiver shows",
    );
  }
  if (!Deno.stderr.isTerminal()) {
    throw new UsageError(
      "Cannot show a code: standard error must be a terminal. Run `sender --pair` on a terminal; " +
        "it shows a code of the sender that runs",
    );
  }
}

/**
 * Refuses options that do not apply to the sources.
 *
 * @throws {UsageError} if there is such an option
 */
export function checkSources(options: SenderOptions, sources: SenderSource[]): void {
  const others = sources.filter((source) => source.kind === "other");
  for (const name of CAPTURE_OPTIONS) {
    const other = others.find(({ shared }) => !shared?.includes(name));
    if (options[name] && other !== undefined) {
      throw new UsageError(
        `Cannot use --${name} with ${other.what} as the SOURCE: its pictures are sent as they are`,
      );
    }
  }
  for (const { name, what } of optionsOfOtherSources()) {
    if (options[name] && !others.some(({ options }) => options.includes(name))) {
      throw new UsageError(`Cannot use --${name}: it needs ${what} as the SOURCE`);
    }
  }
  if (options.loop && !sources.some(({ kind }) => kind === "file")) {
    throw new UsageError("Cannot use --loop: it applies to files only");
  }
  for (const name of ["controls", "set"] as const) {
    if (options[name] && sources.some(({ kind }) => kind !== "device")) {
      throw new UsageError(`Cannot use --${name}: it applies to cameras only`);
    }
  }
  if (sources.filter(({ kind }) => kind === "stdin").length > 1) {
    throw new UsageError("Cannot use - twice: there is only one standard input");
  }
}
