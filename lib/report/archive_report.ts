/**
 * Tells people where the page of the recordings is, and how far an export is.
 *
 * @module
 */

import type { ExportProgress } from "../archive/export.ts";
import { formatDuration, rounded } from "../base/quantity.ts";
import type { Console, Status } from "../program/console.ts";
import type { Address } from "../protocol/address.ts";
import type { Key } from "../security/key.ts";
import { isLocal, pageAddresses, pageHosts } from "./connect_instructions.ts";
import { qrCode } from "./qr.ts";

/** What {@linkcode reportArchive} tells. */
export interface ArchiveReportOptions {
  /** Where the page is. */
  address: Address;
  /** Host names to use in place of addresses. */
  names: readonly string[];
  /** What opens the page. */
  key: Key;
  /** What programs use in its place. */
  token: string;
  /** Whether programs can trigger recordings. */
  hasTrigger: boolean;
}

/** Reports where the page of the recordings is; with the key only on a terminal. */
export function reportArchive(
  console: Console,
  { address, names, key, token, hasTrigger }: ArchiveReportOptions,
): void {
  const { isTerminal } = console;
  const scheme = "http";
  const addresses = pageHosts({ address, names, scheme });
  const shown = isTerminal ? key.text : "KEY";
  const lines = pageAddresses({ addresses, key: shown, scheme }).map((url) => `  ${url}`);
  if (hasTrigger) {
    const login = `-H "Authorization: Bearer ${isTerminal ? token : "TOKEN"}"`;
    lines.push(
      "To trigger a recording:",
      `  curl -X POST ${login} '${scheme}://${addresses[0]}/trigger?reason=bell'`,
    );
  }
  if (!isTerminal) {
    const what = hasTrigger ? "KEY and TOKEN, run `sender --show-key` and" : "KEY, run";
    const how = hasTrigger ? "`sender --show-token recordings`" : "`sender --show-key`";
    lines.push(`To see ${what} ${how} on this machine`);
  }
  if (!isLocal(address)) lines.push("HTTP is not encrypted: use it in a network you trust");
  const urls = pageAddresses({ addresses, key: undefined, scheme });
  console.event(
    { event: "http", port: address.port, url: urls[0], urls, open: false },
    "The recordings, in a browser:",
    lines,
  );
  // A phone cannot reach the loopback interface.
  if (!isLocal(address)) {
    console.draw(qrCode(pageAddresses({ addresses, key: key.text, scheme })[0]));
  }
}

/** How far an export is. */
export function exportStatus(progress: ExportProgress): Status {
  const { share, durationMs } = progress;
  return {
    text: `Exporting ${Math.floor(share * 100)} %, ${formatDuration(durationMs)}`,
    json: fieldsOf(progress),
  };
}

/** Reports that an export is done. */
export function reportExported(console: Console, file: string, done: ExportProgress): void {
  const { gaps, durationMs } = done;
  const cut = gaps === 0 ? "" : `; ${gaps} gap${gaps === 1 ? "" : "s"} without a recording cut out`;
  console.event(
    { event: "exported", file, ...fieldsOf(done) },
    `Exported ${formatDuration(durationMs)} to ${file}${cut}`,
  );
}

function fieldsOf({ share, durationMs, frames, gaps }: ExportProgress) {
  return {
    percent: Math.floor(share * 100),
    exported_s: rounded(durationMs / 1000),
    frames,
    gaps,
  };
}
