/**
 * Avahi, another program for mDNS, on a machine of its own.
 *
 * @module
 */

import { Folder } from "./folder.ts";
import type { Machine } from "./network.ts";
import { until } from "./patience.ts";

const BUS_CONFIG = (path: string) =>
  `<busconfig><type>session</type><listen>unix:path=${path}</listen><auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/>
  <allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`;

const AVAHI_CONFIG = `[server]
host-name=witness
use-ipv4=yes
use-ipv6=yes
disallow-other-stacks=no
[publish]
publish-workstation=no
`;

/** A service that avahi-browse shows. */
export interface Service {
  family: string;
  name: string;
  host: string;
  address: string;
  port: number;
  txt: string;
}

/** A running avahi-daemon with a bus of its own. */
export class Avahi implements AsyncDisposable {
  #machine: Machine;
  #folder = new Folder();
  #processes: Deno.ChildProcess[] = [];

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Starts it. */
  static async on(machine: Machine): Promise<Avahi> {
    const avahi = new Avahi(machine);
    try {
      const { path } = avahi.#folder;
      await Deno.writeTextFile(`${path}/bus.conf`, BUS_CONFIG(`${path}/bus`));
      await Deno.writeTextFile(`${path}/avahi.conf`, AVAHI_CONFIG);
      avahi.#start("dbus-daemon", `--config-file=${path}/bus.conf`, "--nofork", "--nopidfile");
      await until(() => Deno.stat(`${path}/bus`).then(() => true, () => false), "the bus");
      // It has a fixed place for the number of its process.
      const place = "mkdir -p /run/avahi-daemon && mount -t tmpfs none /run/avahi-daemon";
      const daemon =
        `avahi-daemon -f ${path}/avahi.conf --no-drop-root --no-chroot --no-proc-title`;
      avahi.#start("unshare", "-m", "sh", "-c", `${place} && exec ${daemon}`);
      const isReady = async () => (await avahi.#run("avahi-browse", "-t", "_none._tcp")).code === 0;
      await until(isReady, "avahi-daemon");
      return avahi;
    } catch (error) {
      await avahi[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The cameras that it sees and resolves. */
  async browse(): Promise<Service[]> {
    const { stdout } = await this.#run("avahi-browse", "-rtp", "_camcat._tcp");
    // RFC 1035 section 5.1: \DDD is a byte.
    const text = (escaped: string) =>
      new TextDecoder().decode(Uint8Array.from(
        escaped.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code))),
        (it) => it.charCodeAt(0),
      ));
    return stdout.split("\n").filter((line) => line.startsWith("=")).map((line) => {
      const [, , family, name, , , host, address, port, txt] = line.split(";");
      return { family, name: text(name), host, address, port: Number(port), txt };
    });
  }

  /** Announces a service until it is disposed of. */
  publish(name: string, port: number, ...txt: string[]): void {
    this.#start("avahi-publish", "-s", name, "_camcat._tcp", `${port}`, ...txt);
  }

  get #env(): Record<string, string> {
    return { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.#folder.path}/bus` };
  }

  #run(program: string, ...args: string[]) {
    return this.#machine.run(program, args, { env: this.#env });
  }

  #start(program: string, ...args: string[]): void {
    const [command, all] = this.#machine.command(program, args);
    const options = {
      args: all,
      env: this.#env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    } as const;
    this.#processes.push(new Deno.Command(command, options).spawn());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.toReversed()) {
      try {
        process.kill("SIGKILL");
      } catch {
        // it has ended
      }
      await process.status;
    }
    await this.#folder[Symbol.asyncDispose]();
  }
}
