/**
 * Finding the sender that the receiver's command line means: by an address, by a name, or by none.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import { within } from "../base/within.ts";
import type { FoundCamera } from "../discovery/found_cameras.ts";
import { choose } from "./menu.ts";
import { canAsk } from "../program/ask.ts";
import type { Console } from "../program/console.ts";
import { CALL_PORT, formatAddress, parseAddress } from "../protocol/address.ts";
import { foundJson, foundTable, type KnownCamera } from "../report/found_report.ts";
import type { KeyOptions } from "../security/credentials.ts";
import { parsePeer } from "../security/peer.ts";
import { Acquaintances } from "./acquaintances.ts";
import { Destination } from "./destination.ts";

/** By when every sender of the network has answered: RFC 6762 section 6 gives it 120 ms. */
const ANSWERED_MS = 200;
/** How long the system may take to say whether it knows a host. */
const HOST_MS = 1500;
/** What to check when nothing is found. */
export const CHECK =
  "Is a sender running, on the same network as this machine? Does a firewall block " +
  "mDNS (UDP port 5353)? With the address that the sender shows it works without";

/** What finding needs. */
export interface FindContext {
  /** The part of the command line that says which keys to use, and whether a program reads it. */
  options: KeyOptions & { json: boolean };
  /** Where it is said what was found. */
  console: Console;
  /** Ends the search. */
  signal: AbortSignal;
  /** Whether an end that waits for calls is meant, instead of a sender. @default {false} */
  calls?: boolean;
}

/**
 * Finds the sender to receive from.
 *
 * @param operand ADDRESS/KEY/CAMERA, a host, the name of a camera or a part of it, or undefined for
 * the only sender whose key is known, or that is open
 * @throws {CamcatError} if there is none
 * @throws {UsageError} if there are several, and nobody to choose one
 */
export async function findSender(
  operand: string | undefined,
  context: FindContext,
): Promise<Destination> {
  if (operand === undefined) return await findAny(context);
  return isAddress(operand) ? await at(operand, context) : await findNamed(operand, context);
}

/** The sender at an address. */
async function at(text: string, context: FindContext): Promise<Destination> {
  const destination = Destination.at(
    parsePeer(text, context.calls ? CALL_PORT : undefined),
    context.options,
    context.calls,
  );
  if (destination.credential !== undefined || context.options.open) return destination;
  return await withCode(destination, context) ?? destination;
}

/** A sender without a known key, with its key if it shows a code that the user types here. */
async function withCode(
  { address, camera }: Destination,
  { console, signal, calls }: FindContext,
): Promise<Destination | undefined> {
  if (!canAsk()) return undefined;
  const { askForKey } = await import("../pairing/ask_for_key.ts");
  const key = await askForKey(address, console, signal, calls ? "call" : "sender");
  return key &&
    new Destination({ address, camera, credential: { key, from: "given" }, isCall: calls });
}

/** Whether a text can only be an address: an IP address, or a host with a port, a key or a camera. */
function isAddress(text: string): boolean {
  const [host, ...rest] = text.split("/");
  const [word] = host.split(/\s/);
  if (word !== host) return isHost(word) && /[:\]]|^\d+\./.test(word); // a key without its slash
  return text === "" || /[:[\]]|^[\d.]+$/.test(host) || host !== "" && rest.length > 0;
}

function isHost(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** The only sender on the network that can be received from, or the one that the user chooses. */
async function findAny(context: FindContext): Promise<Destination> {
  const { console, signal, options } = context;
  console.event({ event: "finding" }, "Looking for senders on this network");
  const known = await Acquaintances.of(options);
  const { findCameras } = await import("../discovery/browse.ts");
  const found = await findCameras({
    signal,
    enoughAfterMs: (found) => known.usable(found).length > 0 ? ANSWERED_MS : undefined,
    onError: (reason) => console.detail(reason),
  });
  const cameras = known.usable(found);
  const [first] = cameras;
  if (first === undefined) {
    if (found.length === 0) throw new CamcatError(`Cannot find a sender. ${CHECK}`);
    const strangers = known.recognise(found);
    if (canAsk() && !options.json) return await chosen(strangers, context); // with a code
    report(strangers, console);
    throw new CamcatError(
      "Cannot connect: no key of the senders on this network is known. " +
        `Use the whole address that one of them shows, ${formatAddress(found[0].addresses[0])}/KEY`,
    );
  }
  if (cameras.every((camera) => senderOf(camera) === senderOf(first))) {
    const camera = cameras.length === 1 ? first.camera : undefined; // its first, or --camera
    return await destinationOf({ ...first, camera }, context);
  }
  return await chosen(cameras, context);
}

/** The sender of the camera called `name`; a host of that name comes first. */
async function findNamed(name: string, context: FindContext): Promise<Destination> {
  const { options, console, signal, calls } = context;
  const { findNamed } = await import("../discovery/find_named.ts");
  const search = findNamed(name, { signal, calls, onError: (reason) => console.detail(reason) });
  if (isHost(name) && await within(isKnownHost(name), HOST_MS)) {
    search.then((found) => found.length > 0 && reportHost(name, found[0], console));
    return await at(name, context);
  }
  const known = await Acquaintances.of(options);
  const found = known.recognise(await search);
  const trusted = found.filter(({ credential }) => credential !== undefined);
  if (trusted.length > 0) return await chosen(trusted, context);
  const others = found.filter((camera) => !known.isImpostor(camera));
  if (others.length > 0) return await chosen(others, context);
  const last = known.lastMet(name, calls);
  if (last !== undefined && found.length === 0) {
    console.warn(
      { event: "not-found", name, address: last.text },
      `"${name}" is not announced on this network. It was at ${last.text}: trying that`,
    );
    return last;
  }
  if (found.length > 0) {
    throw new CamcatError(
      `Cannot connect to "${name}" at ${formatAddress(found[0].addresses[0])}: it is open, and ` +
        "the sender that is known by this name has a key. It may be another machine. If you " +
        "trust it, use --open",
    );
  }
  if (isHost(name) && known.mayAppear(name)) return await at(name, context);
  throw new CamcatError(
    `Cannot find "${name}": ${
      calls ? "nobody who waits for a call" : "no camera"
    } on this network is called so` +
      `${isHost(name) ? ", and no host" : ""}. ${CHECK}`,
  );
}

async function isKnownHost(name: string): Promise<boolean> {
  const { lookup } = await import("node:dns/promises");
  return await lookup(name).then(() => true, () => false);
}

/** Tells senders apart: several may have one key. */
function senderOf({ addresses: [address] }: KnownCamera): string {
  return formatAddress(address);
}

/** The one of several cameras that the user chooses, if there is somebody to ask. */
async function chosen(cameras: KnownCamera[], context: FindContext): Promise<Destination> {
  const { console, signal, options } = context;
  if (cameras.length === 1) return await destinationOf(cameras[0], context);
  if (canAsk() && !options.json) {
    const index = await choose("Which camera?", foundTable(cameras).slice(1), signal);
    if (index !== undefined) return await destinationOf(cameras[index], context);
    throw new CamcatError("No camera was chosen");
  }
  report(cameras, console);
  throw new UsageError(
    "Cannot tell which camera to receive: there are several. Give the name of one, for example " +
      `receiver "${cameras[0].name}"`,
  );
}

function report(cameras: KnownCamera[], console: Console): void {
  const [head, ...rows] = foundTable(cameras);
  console.event({ event: "found", cameras: cameras.map(foundJson) }, head, rows);
}

function reportHost(host: string, { name, addresses: [address] }: FoundCamera, console: Console) {
  console.event(
    { event: "host-preferred", host, camera: name, address: formatAddress(address) },
    `"${host}" is a host, and means a camera too: ${name}, at ${formatAddress(address)}. The ` +
      "host is used",
  );
}

/** A camera that was found, as a destination; its key is asked for if it is not known. */
async function destinationOf(found: KnownCamera, context: FindContext): Promise<Destination> {
  const { name, camera, credential, needsKey, addresses: [address] } = found;
  const { console, options } = context;
  console.event({ event: "chosen", ...foundJson(found) }, `Found ${name}`);
  const destination = new Destination({
    address,
    credential,
    camera,
    isFound: true,
    isCall: context.calls,
  });
  if (credential !== undefined || !needsKey) return destination;
  const withKey = options.open ? undefined : await withCode(destination, context);
  if (withKey !== undefined) return withKey;
  const where = formatAddress(address);
  const program = context.calls ? "call" : "sender";
  throw new CamcatError(
    options.open
      ? `Cannot connect to "${name}" at ${where} with --open: it needs a key`
      : `Cannot connect to "${name}" at ${where}: its key is not known. Use the whole address ` +
        `that it shows, ${where}/KEY, or run \`${program} --pair\` there and try again`,
  );
}
