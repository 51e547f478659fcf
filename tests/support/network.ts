/**
 * Machines on one network: network namespaces on a bridge.
 *
 * @module
 */

import { skipped } from "./skipped.ts";

/** A machine: what runs on it sees its own addresses only. */
export class Machine {
  readonly #namespace: string;
  /** Its address. */
  address: string;

  constructor(namespace: string, address: string) {
    this.#namespace = namespace;
    this.address = address;
  }

  /** The command that runs a program here; it has the process of that program. */
  command(program: string, args: readonly string[] = []): [string, string[]] {
    return ["ip", ["netns", "exec", this.#namespace, program, ...args]];
  }

  /** Runs a program to its end. */
  async run(
    program: string,
    args: readonly string[],
    options: Partial<Deno.CommandOptions> = {},
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const [command, all] = this.command(program, args);
    const output = await new Deno.Command(command, { ...options, args: all }).output();
    const [stdout, stderr] = [output.stdout, output.stderr].map((it) =>
      new TextDecoder().decode(it)
    );
    return { code: output.code, stdout, stderr };
  }

  /** Takes its IPv4 address away. */
  async leave(): Promise<void> {
    await run(
      "ip",
      "-n",
      this.#namespace,
      "address",
      "delete",
      `${this.address}/24`,
      "dev",
      "eth0",
    );
  }

  /** Gives it another address, as a router does. */
  async move(address: string): Promise<void> {
    await this.leave();
    await run("ip", "-n", this.#namespace, "address", "add", `${address}/24`, "dev", "eth0");
    this.address = address;
  }
}

/** A network; disposing of it removes it. */
export class Network implements AsyncDisposable {
  /** Its machines. */
  readonly machines: Machine[] = [];
  #name = `cn${crypto.getRandomValues(new Uint8Array(3)).toHex()}`;

  private constructor() {}

  /** Makes a network of `count` machines, 10.99.0.1 and so on; with IPv6 they have that too. */
  static async of(count: number, hasIpv6 = false): Promise<Network> {
    const network = new Network();
    const name = network.#name;
    try {
      await run("ip", "link", "add", name, "type", "bridge", "mcast_snooping", "0");
      await run("ip", "link", "set", name, "up");
      for (let number = 1; number <= count; number++) {
        const namespace = `${name}-${number}`;
        await run("ip", "netns", "add", namespace);
        const machine = new Machine(namespace, `10.99.0.${number}`);
        network.machines.push(machine);
        // Addresses can be used at once, or there is no IPv6.
        const setting = hasIpv6 ? "0 > accept_dad" : "1 > disable_ipv6";
        await machine.run("sh", ["-c", `cd /proc/sys/net/ipv6/conf/default && echo ${setting}`]);
        const peer = ["peer", "name", "eth0", "netns", namespace];
        await run("ip", "link", "add", `${name}v${number}`, "type", "veth", ...peer);
        await run("ip", "link", "set", `${name}v${number}`, "master", name, "up");
        for (const link of ["lo", "eth0"]) {
          await run("ip", "-n", namespace, "link", "set", link, "up");
        }
        await run("ip", "-n", namespace, "address", "add", `${machine.address}/24`, "dev", "eth0");
      }
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const number of this.machines.keys()) {
      await run("ip", "netns", "delete", `${this.#name}-${number + 1}`);
    }
    await run("ip", "link", "delete", this.#name);
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (!success) {
    throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

/** Whether this user may make networks. */
export const hasNetworks = await (async () => {
  try {
    await using _ = await Network.of(1);
    return true;
  } catch (error) {
    skipped(`networks of several machines are not tested: they need root (${error})`);
    return false;
  }
})();
