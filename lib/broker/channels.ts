/**
 * Names of channels and keys at a broker.
 *
 * The camera's name stands between braces: a Cluster then keeps all of a camera at one node (a
 * hash tag, "Redis cluster specification", section "Hash tags").
 *
 * @module
 */

/** The longest name of a camera at a broker, in characters. */
export const MAX_NAME_LENGTH = 100;

/** Where the messages of one camera go. */
export interface Channels {
  /** The key that lists the camera. */
  readonly key: string;
  /** Publisher to edges: pictures, and whether the stream is live. */
  readonly frames: string;
  /** Publisher to edges: sound. */
  readonly sound: string;
  /** Edges to the publisher: questions. */
  readonly questions: string;
  /** Publisher to one edge: answers. */
  answers(edge: string): string;
}

/** Every key that lists a camera, as a pattern of `SCAN`. */
export const KEY_PATTERN = "camcat:{*}";

/** The channels of the camera called `name`. */
export function channelsOf(name: string): Channels {
  // Braces in a name would end the hash tag early.
  const key = `camcat:{${encodeURIComponent(name)}}`;
  return {
    key,
    frames: `${key}:frames`,
    sound: `${key}:sound`,
    questions: `${key}:questions`,
    answers: (edge) => `${key}:answers:${edge}`,
  };
}

/** The name that a key lists; undefined if it is no key of ours. */
export function nameOfKey(key: string): string | undefined {
  const [, encoded] = /^camcat:\{([^{}]{1,1200})\}$/.exec(key) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const name = decodeURIComponent(encoded);
    return name.length <= MAX_NAME_LENGTH ? name : undefined;
  } catch {
    return undefined; // half a character
  }
}
