// A link of 2 Mbit/s, between two network namespaces of our own.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Program, startSender } from "../support/programs.ts";

async function run(...command: string[]): Promise<Deno.CommandOutput> {
  return await new Deno.Command(command[0], { args: command.slice(1) }).output();
}

/** Two ends of a link, `here` in this namespace; undefined, and why, where that cannot be had. */
class SlowLink implements AsyncDisposable {
  /** The address of this end. */
  readonly here: string;
  /** The namespace of the other end. */
  readonly namespace: string;

  private constructor(number: number) {
    this.here = `10.213.${number}.1`;
    this.namespace = `camcat-${number}`;
  }

  static async open(megabits: number): Promise<SlowLink> {
    const number = Deno.pid % 250;
    const link = new SlowLink(number);
    const [near, far] = [`cc${number}a`, `cc${number}b`];
    const inside = ["ip", "netns", "exec", link.namespace];
    const steps = [
      ["ip", "netns", "add", link.namespace],
      [...inside, "ip", "link", "set", "lo", "up"], // as on every real machine
      ["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", link.namespace],
      ["ip", "addr", "add", `${link.here}/24`, "dev", near],
      ["ip", "link", "set", near, "up"],
      [...inside, "ip", "addr", "add", `10.213.${number}.2/24`, "dev", far],
      [...inside, "ip", "link", "set", far, "up"],
      // Room for seconds of pictures: whoever fills a queue shall see old ones.
      [
        "tc",
        "qdisc",
        "add",
        "dev",
        near,
        "root",
        "tbf",
        "rate",
        `${megabits}mbit`,
        "burst",
        "16kb",
        "limit",
        "1mb",
      ],
    ];
    for (const step of steps) {
      const { code, stderr } = await run(...step);
      if (code !== 0) {
        await link[Symbol.asyncDispose]();
        throw new Error(`${step.join(" ")}: ${new TextDecoder().decode(stderr)}`);
      }
    }
    return link;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("ip", "netns", "delete", this.namespace);
  }
}

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
if (!isRoot) console.warn("SKIPPED: the slow link needs root on Linux, for a network namespace");

Deno.test({
  name: "sender keeps the picture on a slow link young, at the rate that fits",
  ignore: !isRoot,
  async fn() {
    await using link = await SlowLink.open(2);
    await using sender = startSender(["test", "--size=1280x720", `--listen=${link.here}:0`]);
    const receiver = new URL("../../dist/receiver", import.meta.url).pathname;
    const address = `${link.here}:${await sender.port()}`;
    await using viewer = new Program("ip", [
      ...["netns", "exec", link.namespace],
      ...[receiver, address, "--no-display", "--json"],
    ]);
    // The first seconds measure the link; the figures are of the latest frames.
    let transmissionMs = 0;
    const { frames, dropped, latency_p50_ms, latency_p99_ms } = await viewer.event(
      ({ event, frames, latency_p50_ms, latency_p99_ms }) => {
        if (event !== "stats" || frames < 40) return false;
        const stats = viewer.events.filter(({ event }) => event === "stats");
        const rates = stats.slice(1).map(({ fps }) => fps).sort((a, b) => a - b);
        transmissionMs = 1000 / rates[rates.length >> 1];
        // Ratios of times that the link makes. This machine may add to them for a while, but
        // who fills the queue shows old pictures all the time.
        return latency_p50_ms < 1.5 * transmissionMs && latency_p99_ms < 2.5 * transmissionMs;
      },
    );
    // 2 Mbit/s carry some five such pictures a second; the other 25 were not sent.
    assert(transmissionMs > 80 && transmissionMs < 330, `a frame takes ${transmissionMs} ms`);
    assert(dropped > frames, `${dropped} dropped of ${frames}`);
    console.log(
      `p50 ${latency_p50_ms} ms, p99 ${latency_p99_ms} ms, a frame takes ${transmissionMs} ms`,
    );
    assertEquals(sender.events.filter(({ state }) => state === "left"), []);
  },
});
