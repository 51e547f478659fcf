/**
 * A slow link between two network namespaces of this machine.
 *
 * @module
 */

import { missing } from "./packages.ts";
import { Undo } from "./undo.ts";

/** Why there can be no such link here, undefined if there can. */
export function linkLack(): string | undefined {
  if (Deno.uid() !== 0) return "network namespaces need root: run it with sudo";
  return missing(["ss", "tc"]);
}

/** Two ends of a link of this machine's, one in a network namespace. */
export class Link extends Undo {
  /** The address of the end in this namespace. */
  readonly here: string;
  /** The address of the other end. */
  readonly there: string;
  /** The namespace of the other end. */
  readonly namespace: string;
  #near = "";

  /** Makes it, equally fast both ways; without `megabits`, as fast as this machine. */
  constructor(megabits?: number) {
    // Random, because several programs may make links at the same time.
    const number = crypto.getRandomValues(new Uint16Array(1))[0] >> 2;
    const namespace = `camcat-${number}`;
    super(() => ip("netns", "delete", namespace));
    this.namespace = namespace;
    const end = (index: number) => `10.214.${number >> 6}.${4 * (number & 63) + index}`;
    [this.here, this.there] = [end(1), end(2)];
    const [near, far] = [`camcat-${number}a`, `camcat-${number}b`];
    try {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
      ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", namespace);
      ip("addr", "add", `${this.here}/30`, "dev", near);
      ip("link", "set", near, "up");
      ip("-n", namespace, "addr", "add", `${this.there}/30`, "dev", far);
      ip("-n", namespace, "link", "set", far, "up");
      this.#near = near;
      if (megabits === undefined) return;
      this.#limit("add", megabits);
      const back = ["tc", "qdisc", "add", "dev", far, "root", ...bucket(megabits)];
      run("ip", "netns", "exec", namespace, ...back);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Makes it faster or slower, on the way there. */
  set megabits(megabits: number) {
    this.#limit("change", megabits);
  }

  /** Pulls the cable out, or puts it back. */
  set isCut(isCut: boolean) {
    const far = this.#near.replace(/a$/, "b");
    ip("-n", this.namespace, "link", "set", far, isCut ? "down" : "up");
  }

  /** What starts a program at the other end. */
  get through(): string[] {
    return ["ip", "netns", "exec", this.namespace];
  }

  #limit(how: "add" | "change", megabits: number): void {
    run("tc", "qdisc", how, "dev", this.#near, "root", ...bucket(megabits));
  }
}

/** A token bucket, and room for seconds of pictures before it. */
function bucket(megabits: number): string[] {
  return ["tbf", "rate", `${megabits * 1000}kbit`, "burst", "16kb", "limit", "1mb"];
}

function ip(...args: string[]): void {
  run("ip", ...args);
}

function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) {
    const why = new TextDecoder().decode(stderr);
    throw new Error(`Cannot run ${program} ${args.join(" ")}: ${why}`);
  }
}
