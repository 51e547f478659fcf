/**
 * Which of the cameras that were found this user knows: by keys, names and addresses.
 *
 * @module
 */

import type { FoundCamera } from "../discovery/found_cameras.ts";
import { CALL_PORT, parseAddress } from "../protocol/address.ts";
import type { KnownCamera } from "../report/found_report.ts";
import { type KeyOptions, type KeysById, keysById } from "../security/credentials.ts";
import { Keyring } from "../security/keyring.ts";
import { Destination } from "./destination.ts";

/** The senders that a user knows. */
export class Acquaintances {
  #keys: KeysById;
  #isOpen: boolean;

  private constructor(keys: KeysById, { open }: KeyOptions) {
    this.#keys = keys;
    this.#isOpen = open;
  }

  /** Those of this user, or those with the key that the options or the variable name. */
  static async of(options: KeyOptions): Promise<Acquaintances> {
    return new Acquaintances(await keysById(options), options);
  }

  /** Not needed with one key for all: then there may be no folder for keys. */
  get #keyring(): Keyring {
    return Keyring.ofUser();
  }

  /** The cameras with their keys, as far as they are known. */
  recognise(cameras: readonly FoundCamera[]): KnownCamera[] {
    const { byId } = this.#keys;
    return cameras.map((camera) => ({ ...camera, credential: byId.get(camera.id ?? "") }));
  }

  /** The cameras that nothing has to be typed for: those with a known key, or else open ones. */
  usable(cameras: readonly FoundCamera[]): KnownCamera[] {
    const all = this.recognise(cameras);
    const keyed = all.filter(({ credential }) => credential !== undefined);
    if (keyed.length > 0 || this.#keys.isSet) return keyed;
    return all.filter((camera) => !camera.needsKey && !this.isImpostor(camera));
  }

  /** Whether an open camera has a name by which a sender with a key is known. */
  isImpostor({ needsKey, name, camera }: FoundCamera): boolean {
    if (needsKey || this.#isOpen) return false;
    return this.#keys.isSet ||
      [name, camera ?? name].some((it) => this.#keyring.recallByName(it) !== undefined);
  }

  /**
   * The sender with a camera called `name`, or whoever waits for calls by that name, where it was
   * last met; undefined if it is not known.
   */
  lastMet(name: string, isCall = false): Destination | undefined {
    const sender = this.#isOpen || this.#keys.isSet ? undefined : this.#keyring.recallByName(name);
    if (sender?.addresses[0] === undefined) return undefined;
    const addresses = sender.addresses.map((it) => parseAddress(it));
    return new Destination({
      // One key may be that of a sender and of an end that waits for calls.
      address: addresses.find(({ port }) => isCall && port === CALL_PORT) ?? addresses[0],
      credential: { key: sender.key, from: "remembered" },
      camera: sender.names.find((it) => it.toLowerCase() === name.toLowerCase()),
      isFound: true,
      isCall,
    });
  }

  /** Whether a host that is not known now is waited for, as after booting: its name or key says so. */
  mayAppear(host: string): boolean {
    return host.includes(".") || this.#keys.isSet || this.#isOpen ||
      this.#keyring.recall(parseAddress(host)) !== undefined;
  }
}
