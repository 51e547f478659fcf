/**
 * What a sender does with its cameras: it listens, pushes, serves browsers, and shows a preview.
 *
 * @module
 */

import type { BrokerUrl } from "../broker/broker_url.ts";
import { connectionOf } from "../broker/login.ts";
import { BrokerReport } from "../report/broker_report.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import { ownHostNames } from "../http/origin.ts";
import { type HttpServing, serveHttp } from "../http/server.ts";
import type { Console } from "../program/console.ts";
import { type Address, DEFAULT_PORT, EVERY_INTERFACE, formatAddress } from "../protocol/address.ts";
import type { Connection } from "../protocol/connection.ts";
import { rememberKey, reportRefused } from "../report/key_report.ts";
import { reportShortage } from "../report/shortage_report.ts";
import { SendingReport } from "../report/sending_report.ts";
import { explainKey, keyToConnectWith, keyToListenWith } from "../security/credentials.ts";
import { Gatekeeper } from "../security/gatekeeper.ts";
import { admitAsSender, handshakeAsSender } from "../security/handshake.ts";
import { httpSecretsOf, identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { accept, listen } from "../security/listen.ts";
import type { Peer } from "../security/peer.ts";
import { CameraRouter } from "../send/camera_router.ts";
import type { Hub } from "../send/hub.ts";
import { push } from "../send/push.ts";
import { announceCameras } from "./announcing.ts";
import { preview } from "./preview.ts";
import { SenderPairing } from "./sender_pairing.ts";
import type { LaterCameras, SenderCamera } from "../sources/make_cameras.ts";
import { MAX_CAMERAS, type ServingOptions } from "../options/sender_options.ts";
import { userCertificate } from "../sources/user_certificate.ts";

/** How long a viewer that wants every frame may drain its queue when the user stops the sender. */
const STOP_MS = 500;

/** What a {@linkcode SenderSession} needs. */
export interface SenderSessionOptions {
  /** What to send. */
  cameras: readonly SenderCamera[];
  /** What makes the cameras to send later. */
  later: readonly LaterCameras[];
  /** Whom to send to. */
  options: ServingOptions;
  /** Where events and figures are shown. */
  console: Console;
  /** Stops the session. */
  signal: AbortSignal;
}

/** Sends cameras to all that the options name. */
export class SenderSession {
  #cameras: SenderCamera[];
  #later: readonly LaterCameras[];
  #options: ServingOptions;
  #console: Console;
  #router: CameraRouter;
  #pairing: SenderPairing | undefined;
  #report: SendingReport;
  #stopped: AbortSignal;
  #stop = new AbortController();
  #signal: AbortSignal;

  /** Prepares a session; {@linkcode run} starts it. */
  constructor({ cameras, later, options, console, signal }: SenderSessionOptions) {
    this.#cameras = [...cameras];
    this.#later = later;
    this.#options = options;
    this.#console = console;
    this.#router = new CameraRouter(
      cameras.map(({ hub }) => hub),
      async (connection, peer) => await this.#pairing?.invite(connection, peer),
    );
    this.#report = new SendingReport(console, this.#router.cameras);
    this.#stopped = signal;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /**
   * Sends until the sources end, a preview is closed, or the signal is aborted; then disconnects
   * every viewer.
   *
   * @throws {CamcatError} if it cannot listen, push or show a preview, or if a source fails
   */
  async run(): Promise<void> {
    const { listen, push, http, publish } = this.#options;
    const work: Promise<unknown>[] = [];
    const over = Promise.withResolvers<unknown>();
    over.promise.catch(() => {}); // it may fail before it is waited for
    /** Whatever ends or fails first ends the session. */
    const run = (...more: Promise<unknown>[]) => {
      work.push(...more);
      for (const one of more) one.then(over.resolve, over.reject);
    };
    const ending = new AbortController();
    const others: Promise<void>[] = [];
    try {
      const listens = listen !== undefined || push === undefined;
      const key = listens || http !== undefined || publish !== undefined
        ? keyToListenWith(this.#options, this.#options["new-key"])
        : undefined;
      this.#pairing = key && new SenderPairing(key, this.#console, "sender");
      const listening = listens ? await this.#listen(key) : undefined;
      const serving = http && await this.#serveHttp(http, key);
      run(...[listening, serving].flatMap((it) => it?.finished ?? []));
      const announcing = listening && {
        address: listening.address,
        key,
        http: serving?.address,
        console: this.#console,
        signal: AbortSignal.any([this.#signal, ending.signal]),
      };
      if (push !== undefined) run(this.#push(push));
      if (this.#options.pair) await this.#pairing?.open();
      this.#console.showStatus(() => [
        ...this.#pairing?.status() ?? [],
        ...this.#cameras.map((camera) => camera.status()),
      ]);
      const begin = (cameras: readonly SenderCamera[]) => {
        const names = cameras.map(({ hub }) => hub.name);
        if (announcing !== undefined && !this.#options["no-announce"]) {
          others.push(announceCameras({ ...announcing, cameras: names }));
        }
        run(...this.#begin(cameras, key));
      };
      begin([...this.#cameras]);
      for (const later of this.#later) {
        others.push(this.#addLater(later(ending.signal), begin).catch(over.reject));
      }
      await over.promise;
    } finally {
      ending.abort();
      const isStopped = this.#stopped.aborted;
      const reason = isStopped ? "the sender was stopped" : "the source has ended";
      const patienceMs = isStopped ? STOP_MS : undefined;
      await Promise.all(this.#cameras.map(({ hub }) => hub.close(reason, patienceMs)));
      this.#pairing?.[Symbol.dispose]();
      this.#stop.abort();
      await Promise.allSettled([...work, ...others]);
    }
  }

  /** Publishes and shows cameras, and supplies their pictures. */
  #begin(cameras: readonly SenderCamera[], key: Key | undefined): Promise<unknown>[] {
    const { publish, preview: hasPreview, "max-pixels": maxPixels } = this.#options;
    const hubs = cameras.map(({ hub }) => hub);
    // A name in the broker's URL is that of the first camera.
    const isPublished = publish?.name === undefined || hubs.includes(this.#router.hubs[0]);
    return [
      ...(publish !== undefined && isPublished ? [this.#publish(publish, key, hubs)] : []),
      ...(hasPreview ? hubs.map((hub) => preview(hub, hub.name, this.#signal, maxPixels)) : []),
      Promise.all(cameras.map((camera) => camera.supply(this.#signal))),
    ];
  }

  /** Adds the cameras that a source begins to have. */
  async #addLater(
    later: AsyncIterable<SenderCamera>,
    begin: (cameras: readonly SenderCamera[]) => void,
  ): Promise<void> {
    for await (const camera of later) {
      const { name } = camera.hub;
      const isTaken = this.#router.find(name) !== undefined;
      const isLeftOut = isTaken || this.#cameras.length >= MAX_CAMERAS;
      this.#report.cameraAdded(name, isLeftOut);
      if (isLeftOut) continue;
      this.#cameras.push(camera);
      this.#router.add(camera.hub);
      begin([camera]);
    }
  }

  /** Starts to listen for receivers. */
  async #listen(
    key: Key | undefined,
  ): Promise<{ address: Address; finished: Promise<void> }> {
    const identity = key && await identityOf(key);
    const { listen: address = { hostname: EVERY_INTERFACE, port: DEFAULT_PORT } } = this.#options;
    const listener = listen(address);
    this.#report.listening(listener, key);
    const gatekeeper = identity && this.#pairing &&
      new Gatekeeper(admitAsSender(identity, this.#pairing.desk), reportRefused(this.#console));
    const onShortage = reportShortage(this.#console);
    const serve = (connection: Connection, peer: string) => this.#router.serve(connection, peer);
    const finished = accept(listener, { signal: this.#signal, gatekeeper, onShortage }, serve);
    return { address: listener.addr, finished };
  }

  /** Starts to listen for browsers and HTTP clients. */
  async #serveHttp(address: Address, key: Key | undefined): Promise<HttpServing> {
    const { "http-host": names = [] } = this.#options;
    const certificate = userCertificate(this.#options);
    const secrets = key && await httpSecretsOf(key);
    const serving = serveHttp(this.#router, {
      address,
      secrets,
      pairing: this.#pairing?.desk,
      names: [...names, ...ownHostNames()],
      allowOrigins: this.#options["http-allow-origin"] ?? [],
      certificate,
      signal: this.#signal,
      onRefused: reportRefused(this.#console),
      onShortage: reportShortage(this.#console),
    });
    const scheme = certificate === undefined ? "http" : "https";
    this.#report.http({ address: serving.address, key, token: secrets?.token, names, scheme });
    return serving;
  }

  /** Publishes at a broker. */
  async #publish(
    broker: BrokerUrl,
    key: Key | undefined,
    hubs: readonly Hub[],
  ): Promise<void> {
    const { publishAll } = await import("../broker/publish_all.ts");
    const report = new BrokerReport(this.#console);
    await publishAll(hubs, {
      broker,
      connection: connectionOf(broker, this.#options["broker-ca"]),
      key,
      signal: this.#signal,
      onEvent: (name, event) => report.publisher(name, event),
    });
  }

  /** Connects to a receiver that listens, and reconnects. */
  async #push({ address, key }: Peer): Promise<void> {
    const credential = keyToConnectWith(address, key, this.#options);
    if (credential === undefined && !this.#options.open) {
      throw new CamcatError(
        `Cannot push to ${formatAddress(address)} without its key: give the whole address that ` +
          "the receiver shows, or use --open to send to any receiver that listens there",
      );
    }
    this.#report.pushing(address);
    try {
      await push(this.#router, address, {
        signal: this.#signal,
        handshake: credential && handshakeAsSender(await identityOf(credential.key)),
        onConnected: () => credential && rememberKey(this.#console, address, credential),
        onFailed: (reason) => this.#report.pushFailed(reason),
      });
    } catch (error) {
      throw error instanceof KeyError ? explainKey(error, address, credential) : error;
    }
  }
}
