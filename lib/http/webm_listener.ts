/**
 * A client that gets the sound of a camera as WebM: the page, players, other programs.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Connection } from "../protocol/connection.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import type { Hub } from "../send/hub.ts";
import type { Share } from "../security/share.ts";
import type { Listener, SoundChannel } from "../send/sound_channel.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import { WEBM_TYPE, WebmWriter } from "../sound/webm.ts";
import { endless, EndlessResponse } from "./endless_response.ts";
import { type HttpResponse, sentence } from "./responses.ts";
import type { Visit } from "./visit.ts";

/** Sound that has waited longer for a slow client is dropped, in milliseconds. */
const MAX_WAIT_MS = 500;

/** Sends sound, and no pictures. */
export class WebmListener implements FrameSink, Listener {
  sentBytes = 0;
  readonly droppedFrames = 0;

  #channel: SoundChannel;
  #response: EndlessResponse;
  #writer = new WebmWriter();
  #waiting: { packet: SoundPacket; since: number }[] = [];
  #sending: Promise<void> | undefined;

  /** Sends over `connection` once {@linkcode WebmListener.run} is called. */
  constructor(connection: Connection, channel: SoundChannel) {
    this.#channel = channel;
    this.#response = new EndlessResponse(connection, () => channel.remove(this));
  }

  run(): Promise<string> {
    this.#channel.add(this);
    this.#response.watch();
    return this.#response.ended;
  }

  get settled(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  get silentSeconds(): number {
    return this.#response.silentSeconds;
  }

  hear(packet: SoundPacket): void {
    const now = performance.now();
    this.#waiting.push({ packet, since: now });
    const fresh = this.#waiting.findIndex(({ since }) => now - since <= MAX_WAIT_MS);
    this.#channel.dropped += this.#waiting.splice(0, fresh).length;
    this.#sending ??= this.#send();
  }

  offer(): void {
    // It wants no pictures.
  }

  describe(): void {
    // The format has no messages.
  }

  tick(): void {
    this.#response.tick();
  }

  leave(reason: string): Promise<void> {
    this.#response.end(reason);
    return Promise.resolve();
  }

  /** Writes all that waits. */
  async #send(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#response.hasEnded) {
        const waiting = this.#waiting.splice(0);
        const bytes = concat(waiting.map(({ packet }) => this.#writer.encode(packet)));
        await this.#response.write(bytes);
        this.sentBytes += bytes.length;
      }
    } catch {
      this.#response.end("closed by the viewer");
    }
    this.#sending = undefined;
  }
}

/** The sound of a camera, as long as the client listens, and may. */
export function soundResponse(hub: Hub, visit: Visit, right: Share): HttpResponse {
  if (hub.sound.state === undefined) {
    return sentence(404, `${hub.name} has no sound: the sender sends it with --sound`);
  }
  return endless(
    hub,
    WEBM_TYPE,
    visit,
    right,
    (connection) => new WebmListener(connection, hub.sound),
  );
}
