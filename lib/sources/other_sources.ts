/**
 * SOURCEs that are no captures: something else than ffmpeg supplies their pictures.
 *
 * @module
 */

import type { MakeCameras } from "./make_cameras.ts";
import type { SenderOptions } from "../options/sender_options.ts";

/** A kind of SOURCE that is no capture. */
interface OtherKind {
  /** SOURCEs of this kind match it. */
  pattern: RegExp;
  /** What such a SOURCE is, for messages. */
  what: string;
  /** Options that apply to this kind only. */
  options: readonly (keyof SenderOptions)[];
  /** Options of captures and of --http that apply to this kind, too. @default none */
  shared?: readonly (keyof SenderOptions)[];
  /** Loads the maker of its cameras, which most senders do without. */
  load: () => Promise<MakeCameras>;
}

/** A SOURCE that is a broker. */
export const BROKER = /^rediss?:/i;

const KINDS: readonly OtherKind[] = [
  {
    pattern: /^camcat:/i,
    what: "another sender",
    options: ["camera", "same-key"],
    load: async () => (await import("./relay_cameras.ts")).relayCameras,
  },
  {
    pattern: BROKER,
    what: "a broker",
    options: [],
    load: async () => (await import("./broker_cameras.ts")).brokerCameras,
  },
  {
    pattern: /^phone$/i,
    what: "a phone",
    options: ["phone-listen"],
    shared: ["size", "fps", "quality", "sound", "http-host", "tls-cert", "tls-key"],
    load: async () => (await import("./phone_cameras.ts")).phoneCameras,
  },
];

/** A SOURCE that is no capture. */
export interface OtherSource extends OtherKind {
  /** Tells it from the kinds of captures. */
  kind: "other";
  /** The SOURCE as the user wrote it. */
  text: string;
}

/** The options that apply to some of these kinds only, and what those are. */
export function optionsOfOtherSources(): { name: keyof SenderOptions; what: string }[] {
  return KINDS.flatMap(({ options, what }) => options.map((name) => ({ name, what })));
}

/** Recognises a SOURCE that is no capture; undefined if it is one. */
export function otherSource(text: string | undefined): OtherSource | undefined {
  if (text === undefined) return undefined;
  const kind = KINDS.find(({ pattern }) => pattern.test(text));
  return kind && { ...kind, kind: "other", text };
}
