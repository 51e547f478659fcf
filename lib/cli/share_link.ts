/**
 * Links that let others watch for a time.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { type SenderOptions, SHARE_DAYS } from "../options/sender_options.ts";
import { ALL_CAMERAS } from "../options/common_options.ts";
import type { Console } from "../program/console.ts";
import { print } from "../program/stdio.ts";
import { pageHosts } from "../report/connect_instructions.ts";
import { qrCode } from "../report/qr.ts";
import { keyToListenWith } from "../security/credentials.ts";
import { httpSecretsOf } from "../security/identity.ts";
import { signShare } from "../security/share.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Prints a link for each address of the page. The sender need not run: the key signs the link.
 *
 * @returns the exit status
 * @throws {UsageError} if there is no key, or nothing says where the page is
 */
export async function printShareLink(options: SenderOptions, console: Console): Promise<number> {
  const { http, "http-host": names = [], for: forMs = SHARE_DAYS * DAY_MS } = options;
  const camera = options.camera === ALL_CAMERAS ? undefined : options.camera;
  if (http === undefined || http.port === 0) {
    throw new UsageError(
      "Cannot share: --http must name the port of the running sender. Add --http HOST:PORT as there",
    );
  }
  const key = keyToListenWith(options);
  if (key === undefined) throw new UsageError("Cannot share: with --open anybody can watch anyway");
  const until = Date.now() + forMs;
  const token = await signShare((await httpSecretsOf(key)).shareKey, until, camera);
  const scheme = options["tls-cert"] === undefined ? "http" : "https";
  const urls = pageHosts({ address: http, names, scheme })
    .map((host) => `${scheme}://${host}/?share=${token}`);
  if (options.json) {
    print(JSON.stringify({ event: "share", urls, token, until: new Date(until).toISOString() }));
    return 0;
  }
  const what = camera === undefined ? "every camera" : `"${camera}"`;
  print(
    [
      `Until ${new Date(until).toLocaleString("sv-SE")}, anybody with this link can watch ${what}:`,
      ...urls.map((url) => `  ${url}`),
      "In a page of your own, with --http-allow-origin:",
      `  <img src="${urls[0].replace("/?", "/stream.mjpg?")}">`,
    ].join("\n"),
  );
  console.draw(qrCode(urls[0]));
  return 0;
}
