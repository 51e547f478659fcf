/**
 * The end of a call that waits: it listens, is found, and takes one call after another.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import type { CallContext } from "../call/call.ts";
import { Waiting } from "../call/waiting.ts";
import type { CallOptions } from "../options/call_options.ts";
import { CALL_PORT, EVERY_INTERFACE } from "../protocol/address.ts";
import { reportRefused } from "../report/key_report.ts";
import { reportShortage } from "../report/shortage_report.ts";
import { keyToListenWith } from "../security/credentials.ts";
import { Gatekeeper } from "../security/gatekeeper.ts";
import { admitToCalls } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import { accept, listen } from "../security/listen.ts";
import { announceCameras } from "./announcing.ts";
import { SenderPairing } from "./sender_pairing.ts";

/**
 * Takes calls until the user stops the program.
 *
 * @throws {CamcatError} if it cannot listen, or a window fails
 */
export async function waitForCalls(options: CallOptions, context: CallContext): Promise<void> {
  const { keys, console, report, signal } = context;
  using _keys = keys;
  const { "auto-answer": autoAnswer, "no-ring": isQuiet, "no-announce": isHidden } = options;
  if (!autoAnswer && !keys.isThere) {
    throw new UsageError(
      "Cannot wait for calls without a terminal: nobody could accept one. Use --auto-answer",
    );
  }
  const key = keyToListenWith({ ...options, open: false })!;
  const listener = listen(options.listen ?? { hostname: EVERY_INTERFACE, port: CALL_PORT });
  report.listening(listener, key);
  using pairing = new SenderPairing(key, console, "call");
  if (options.pair) {
    await pairing.open();
    console.showStatus(() => pairing.status());
  }
  const done = new AbortController();
  let failure: unknown;
  const waiting = new Waiting(
    { autoAnswer, rings: !isQuiet },
    context,
    (error) => {
      failure ??= error;
      if (error !== undefined || options.once || signal.aborted) done.abort();
    },
  );
  using _quit = keys.listen((key) => key === "q" && done.abort());
  signal.addEventListener("abort", () => waiting.isBusy || done.abort());
  if (signal.aborted) done.abort();
  const page = options.page && await (await import("../call/serve_page.ts")).servePage(waiting, {
    ...{ address: options.page, options, key, console },
    waitMs: context.waitMs,
    signal: done.signal,
  });
  const announcing = isHidden ? undefined : announceCameras({
    cameras: [context.name],
    address: listener.addr,
    key,
    http: undefined,
    isCall: true,
    console,
    signal: done.signal,
  });
  const identity = await identityOf(key);
  const gatekeeper = new Gatekeeper(admitToCalls(identity, pairing.desk), reportRefused(console));
  const onShortage = reportShortage(console);
  await accept(
    listener,
    { signal: done.signal, gatekeeper, onShortage },
    (connection, peer) => waiting.serve(connection, peer, (...it) => pairing.invite(...it)),
  );
  await page?.finished;
  await announcing;
  if (failure !== undefined) throw failure;
}
