/**
 * Answering questions for cameras (RFC 6762 section 6).
 *
 * @module
 */

import type { AnnouncedCamera } from "./announced_camera.ts";
import { type DnsMessage, type Name, nameKey, TYPE } from "./dns_message.ts";
import { encodeName, type Message, type Resource } from "./dns_writer.ts";
import { SERVICE } from "./service.ts";

/** The name by which all kinds of services are listed (RFC 6763 section 9). */
const KINDS: Name = ["_services", "_dns-sd", "_udp", "local"];
/** An asker that knows a record for longer, in seconds, is not told it again (section 7.1). */
const KNOWN_TTL = 60;

/** The record that says that there are cameras on this network. */
const KIND: Resource = {
  name: KINDS,
  type: TYPE.PTR,
  isShared: true,
  data: encodeName(SERVICE),
};

/** An answer, and how it is to be sent. */
export interface Reply {
  /** The answer. */
  message: Message;
  /** Whether others may answer too: then it is delayed, so that not all do at once. */
  isShared: boolean;
}

/**
 * The answer to a query about a camera.
 *
 * @param addresses the records of this machine's addresses on the link
 * @returns undefined if nothing is asked of it, or all is known
 */
export function replyTo(
  { questions, answers: known }: DnsMessage,
  camera: AnnouncedCamera,
  addresses: readonly Resource[],
): Reply | undefined {
  const { pointer, details, name } = camera;
  const answers = new Set<Resource>();
  const key = nameKey(name);
  const isKnown = known.some((record) =>
    record.type === "PTR" && record.ttl >= KNOWN_TTL && nameKey(record.target) === key
  );
  const all = [...(isKnown ? [] : [pointer]), KIND, ...details, ...addresses];
  // Anybody may ask, and hundreds of questions at once: each is compared with a few only.
  const byName = Map.groupBy(all, ({ name }) => nameKey(name));
  for (const { name, type } of questions) {
    for (const record of byName.get(nameKey(name)) ?? []) {
      if (type === record.type || type === TYPE.ANY) answers.add(record);
    }
  }
  if (answers.size === 0) return undefined;
  const needsDetails = answers.has(pointer);
  const needsAddresses = needsDetails || details.some((record) => answers.has(record));
  const additionals = [...(needsDetails ? details : []), ...(needsAddresses ? addresses : [])]
    .filter((record) => !answers.has(record));
  return {
    message: { isAnswer: true, answers: [...answers], additionals },
    isShared: [...answers].some(({ isShared }) => isShared),
  };
}

/** All that there is to say of a camera. */
export function announcement(camera: AnnouncedCamera, addresses: readonly Resource[]): Message {
  const answers = [camera.pointer, KIND, ...camera.details, ...addresses];
  return { isAnswer: true, answers, replaces: true };
}

/** The goodbye of a camera (section 10.1). */
export function goodbye(camera: AnnouncedCamera): Message {
  return { isAnswer: true, answers: [camera.pointer, ...camera.details], ttl: 0, replaces: true };
}

/** The question whether a name is free (section 8.1). */
export function probe(camera: AnnouncedCamera): Message {
  const questions = [{ name: camera.name, type: TYPE.ANY, wantsUnicast: true }];
  return { isAnswer: false, questions, authorities: camera.details };
}
