// A link of 2 Mbit/s, between two network namespaces of our own.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Link, linkLack } from "../../bench/link.ts";
import { Program, programTest, RECEIVER, startSender } from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

const lack = Deno.build.os === "linux" ? linkLack() : "network namespaces need Linux";
if (lack !== undefined) skipped(`the slow link: ${lack}`);

programTest(
  "sender keeps the picture on a slow link young, at the rate that fits",
  async () => {
    using link = new Link(2);
    await using sender = startSender(["test", "--size=1280x720", `--listen=${link.here}:0`]);
    const address = `${link.here}:${await sender.port()}`;
    const [command, ...args] = [...link.through, RECEIVER, address, "--no-display", "--json"];
    await using viewer = new Program(command, args);
    // The first seconds measure the link; the figures are of the latest frames.
    let transmissionMs = 0;
    const rates: number[] = [];
    const { frames, dropped, latency_p50_ms, latency_p99_ms } = await viewer.event(
      ({ event, fps, frames, latency_p50_ms, latency_p99_ms }) => {
        if (event !== "stats") return false;
        rates.push(fps);
        if (frames < 40) return false;
        const latest = rates.slice(-7).sort((a, b) => a - b);
        transmissionMs = 1000 / latest[latest.length >> 1];
        // Ratios of times that the link makes: 2 Mbit/s carry some five such pictures a second.
        // This machine may add to them for a while, but who fills the queue shows old pictures all
        // the time.
        return transmissionMs < 330 && latency_p50_ms < 1.5 * transmissionMs &&
          latency_p99_ms < 2.5 * transmissionMs;
      },
    );
    // No more than fits, and the other 25 a second were not sent.
    assert(transmissionMs > 80, `a frame takes ${transmissionMs} ms`);
    assert(dropped > frames, `${dropped} dropped of ${frames}`);
    console.log(
      `p50 ${latency_p50_ms} ms, p99 ${latency_p99_ms} ms, a frame takes ${transmissionMs} ms`,
    );
    assertEquals(sender.events.filter(({ state }) => state === "left"), []);
  },
  lack !== undefined,
);
