/**
 * The sender that the receiver receives from: where it is, its key, and how it is found again.
 *
 * @module
 */

import type { FoundCamera } from "../discovery/found_cameras.ts";
import type { Console } from "../program/console.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import type { ReceiveEvent } from "../receive/received.ts";
import type { Elsewhere } from "../receive/seeker.ts";
import { rememberKey } from "../report/key_report.ts";
import { type Credential, type KeyOptions, keyToConnectWith } from "../security/credentials.ts";
import { idOf } from "../security/identity.ts";
import type { Peer } from "../security/peer.ts";

/** What is known of a sender. */
export interface DestinationOptions {
  /** Where it is, or was last. */
  address: Address;
  /** Its key; undefined if there is none, or it is not known. */
  credential: Credential | undefined;
  /** The camera that is wanted. @default its first */
  camera?: string | undefined;
  /** Whether it was found by a name: then it may have any port. @default {false} */
  isFound?: boolean;
  /** Whether it is an end that waits for calls, instead of a sender. @default {false} */
  isCall?: boolean | undefined;
}

/** A sender to receive from. */
export class Destination {
  /** Where it was at the start. */
  readonly address: Address;
  /** Its key; undefined if there is none, or it is not known. */
  readonly credential: Credential | undefined;
  /** The camera that is wanted; undefined for its first. */
  readonly camera: string | undefined;

  #isFound: boolean;
  #isCall: boolean;
  /** Where it is now, once it was reached. */
  #reachedAt: Address | undefined;

  /** Makes a destination of what is known of a sender. */
  constructor({ address, credential, camera, isFound, isCall }: DestinationOptions) {
    this.address = address;
    this.credential = credential;
    this.camera = camera;
    this.#isFound = isFound ?? false;
    this.#isCall = isCall ?? false;
  }

  /**
   * The sender at an address that the user has given.
   *
   * @throws {CamcatError} if a key cannot be read
   */
  static at({ address, key, camera }: Peer, options: KeyOptions, isCall?: boolean): Destination {
    return new Destination({
      address,
      credential: keyToConnectWith(address, key, options),
      camera,
      isCall,
    });
  }

  /** Its first address, for people. */
  get text(): string {
    return formatAddress(this.address);
  }

  /** Whether an open sender will do: the own key was not asked for. */
  get orOpen(): boolean {
    return this.credential?.from === "own";
  }

  /** Takes note of what happens at a connection: saves the key, where it is, and the camera's name. */
  follow(event: ReceiveEvent, console: Console): void {
    const isConnected = event.type === "connected";
    if (isConnected) this.#reachedAt = event.address;
    else if (event.type !== "stream") return;
    if (this.#reachedAt === undefined) return;
    this.met(this.#reachedAt, console, isConnected ? undefined : event.name);
  }

  /** Takes note of where it has answered, and of its name: saves them, and the key. */
  met(address: Address, console: Console, name?: string): void {
    this.#reachedAt = address;
    if (this.credential === undefined) return;
    if (name === undefined && this.credential.from !== "given") return;
    rememberKey(console, address, this.credential, name);
  }

  /**
   * Where it may be if it is not at its address: where a sender announces the same key and the same
   * camera. An open one is known by the camera's name alone.
   *
   * @param camera the name of the camera that is received, as soon as it is known
   */
  elsewhere(camera: () => string | undefined): Elsewhere {
    return async function* (this: Destination, signal: AbortSignal) {
      const { credential, address: { port } } = this;
      // A key that was typed with an address is for that address, until it has worked there.
      const isNew = credential?.from === "given" && this.#reachedAt === undefined;
      const isHere = credential?.from === "own"; // this machine does not move
      if ((isNew || isHere) && !this.#isFound) return;
      if (credential === undefined && camera() === undefined) return;
      const id = credential && await idOf(credential.key);
      const isMeant = (found: FoundCamera) => {
        const name = camera();
        const hasKey = id === undefined ? !found.needsKey && name !== undefined : found.id === id;
        // Another sender of this user on that machine has the same key.
        return hasKey && found.isCall === this.#isCall &&
          (this.#isFound || found.addresses[0].port === port) &&
          (name === undefined || found.camera === undefined || found.camera === name);
      };
      const { locate } = await import("../discovery/locate.ts");
      yield* locate(isMeant, signal);
    }.bind(this);
  }
}
