/**
 * Announcing the cameras of a sender on its networks (RFC 6762 and 6763).
 *
 * @module
 */

import { advertise } from "dnssd-advertise";
import { aborted } from "../base/abort.ts";
import { messageOf } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import { within } from "../base/within.ts";
import { infoFields, SERVICE, type ServiceInfo } from "./service.ts";

/** A longer label cannot be sent (RFC 1035 section 2.3.4), and 7 bytes make a name unique. */
const MAX_NAME_BYTES = 63 - " (1A2B)".length;
/** How long the goodbye may take when the sender ends. */
const GOODBYE_MS = 500;

/** A camera to announce. */
export interface Announced {
  /** Its name. */
  name: string;
  /** The port where its sender listens. */
  port: number;
  /** What else others are told; the name is added. */
  info: Omit<ServiceInfo, "camera">;
}

/** Options of {@linkcode announce}. */
export interface AnnounceOptions {
  /** Ends the announcement: the networks are told that the cameras are gone. */
  signal: AbortSignal;
  /** Called with why a network cannot be told. The others are. */
  onError: (reason: string) => void;
}

/**
 * Announces cameras on every network of this machine, also on those that it joins later, until
 * `signal` is aborted. A name that another machine uses already gets a suffix. Never throws.
 */
export async function announce(
  cameras: readonly Announced[],
  { signal, onError }: AnnounceOptions,
): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  const [type, protocol] = SERVICE.map((label) => label.replace(/^_/, ""));
  try {
    for (const { name, port, info } of cameras) {
      const txt = infoFields({ ...info, camera: name });
      stops.push(
        advertise({
          name: instanceName(name),
          type,
          protocol,
          port,
          txt,
          onError: (error) => onError(messageOf(error)),
        }),
      );
    }
    await aborted(signal);
    await within(Promise.all(stops.map((stop) => stop())), GOODBYE_MS);
  } catch (error) {
    onError(messageOf(error));
  }
}

/** A camera's name as a label. The library takes dots for the ends of labels. */
export function instanceName(name: string): string {
  const text = safeText(name).replaceAll(".", "_").trim() || "camera";
  let [length, label] = [0, ""];
  for (const character of text) {
    length += new TextEncoder().encode(character).length;
    if (length > MAX_NAME_BYTES) break;
    label += character;
  }
  return label;
}
