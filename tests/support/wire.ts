/**
 * Connections without a network, and both kinds of peers at their ends.
 *
 * @module
 */

import { encodeControl, type Message, MessageReader } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { type Bytes, Frame } from "../../lib/jpeg/frame.ts";
import type { Connection } from "../../lib/protocol/connection.ts";
import { join } from "./jpegs.ts";

/** Bytes one way. A writer waits while `capacity` bytes have not been read. */
class Pipe {
  /** What readers and writers fail with from now on. */
  readFailure: Error | undefined;
  writeFailure: Error | undefined;

  #bytes: Bytes = join();
  #capacity: number;
  #writers = 0;
  #isEnded = false;
  #changed = Promise.withResolvers<void>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#bytes.length === 0 && !this.readFailure) {
      if (this.#isEnded && this.#writers === 0) return null;
      await this.#changed.promise;
    }
    if (this.readFailure) throw this.readFailure;
    const count = Math.min(into.length, this.#bytes.length);
    into.set(this.#bytes.subarray(0, count));
    this.#bytes = this.#bytes.slice(count);
    this.change();
    return count;
  }

  /** Takes what there is room for, as a kernel does. */
  async write(bytes: Uint8Array): Promise<number> {
    this.#writers++;
    while (this.#bytes.length >= this.#capacity && !this.writeFailure) {
      await this.#changed.promise;
    }
    this.#writers--;
    if (this.writeFailure) throw this.writeFailure;
    const count = Math.min(bytes.length, this.#capacity - this.#bytes.length);
    this.#bytes = join(this.#bytes, bytes.subarray(0, count));
    this.change();
    return count;
  }

  /** Nothing more will be written, but what is being written already. */
  end(): void {
    this.#isEnded = true;
    this.change();
  }

  /** Wakes those who wait here. */
  change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** One end of a connection. */
export interface End extends Connection {
  /** Whether this end was closed. */
  readonly isClosed: boolean;
  /** Breaks the connection, as a network does. */
  break(error: Error): void;
}

/**
 * Two ends of one connection. As in Deno 2.7, closing an end fails what it
 * reads, but a write under way waits until the other end takes it or is closed.
 *
 * @param capacity bytes that are on their way before a write has to wait
 */
export function connect(capacity = Infinity): [End, End] {
  const [there, back] = [new Pipe(capacity), new Pipe(capacity)];
  return [endOf(back, there), endOf(there, back)];
}

function endOf(incoming: Pipe, outgoing: Pipe): End {
  let isClosed = false;
  const failIfClosed = () => {
    if (isClosed) throw new Deno.errors.BadResource("Bad resource ID");
  };
  return {
    get isClosed() {
      return isClosed;
    },
    async read(into) {
      failIfClosed();
      return await incoming.read(into);
    },
    async write(bytes) {
      failIfClosed();
      return await outgoing.write(bytes);
    },
    close() {
      failIfClosed();
      isClosed = true;
      outgoing.end();
      incoming.readFailure ??= new Deno.errors.Interrupted("operation canceled");
      incoming.writeFailure ??= new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
      incoming.change();
    },
    break(error) {
      for (const pipe of [incoming, outgoing]) {
        pipe.readFailure ??= error;
        pipe.writeFailure ??= error;
        pipe.change();
      }
    },
  };
}

/** The far end of a connection, in the hands of a test. */
export class Peer {
  /** Why it heard no more: null for a proper end. */
  failure: unknown;
  /** Whether the other side has ended the connection. */
  hasEnded = false;

  #end: End;
  #reader = new MessageReader({ maxFrameBytes: 1 << 20, sound: true });
  #isListening = false;
  #heard: Message[] = [];

  constructor(end: End) {
    this.#end = end;
  }

  /** How much sound, and pictures in parts, it has read. */
  get takenBytes(): number {
    return this.#reader.takenBytes;
  }

  /** Sends control messages, in one piece. */
  async say(...messages: Control[]): Promise<void> {
    await this.send(...messages.map(encodeControl));
  }

  /** Sends bytes as they are, in one piece. */
  async send(...parts: (number | Uint8Array)[]): Promise<void> {
    for (let rest: Uint8Array = join(...parts); rest.length > 0;) {
      rest = rest.subarray(await this.#end.write(rest));
    }
  }

  /** The next message, or undefined at the end of the connection. */
  async hear(): Promise<Message | undefined> {
    while (this.#heard.length === 0 && !this.hasEnded) {
      try {
        const count = await this.#end.read(this.#reader.space());
        if (count === null) this.hasEnded = true;
        else this.#heard.push(...this.#reader.commit(count));
      } catch (error) {
        this.hasEnded = true;
        this.failure = error;
      }
    }
    return this.#heard.shift();
  }

  /** The next message, which has to be of this type; pings before it are passed over. */
  async hearControl<T extends Control["type"]>(type: T): Promise<Control & { type: T }> {
    for (;;) {
      const message = await this.hear();
      if (message === undefined || message instanceof Frame) {
        throw new Error(`no ${type}: ${message}`);
      }
      if (message.type === type) return message as Control & { type: T };
      if (message.type !== "ping") throw new Error(`no ${type}: ${JSON.stringify(message)}`);
    }
  }

  /** The JPEG of the next frame, which has to be the next message. */
  async hearFrame(): Promise<Bytes> {
    const message = await this.hear();
    if (!(message instanceof Frame)) throw new Error(`no frame: ${JSON.stringify(message)}`);
    return message.jpeg;
  }

  /** Hears everything from now on, and forgets it. */
  async listen(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    while (await this.hear() !== undefined);
  }

  close(): void {
    this.#end.close();
  }

  break(error: Error): void {
    this.#end.break(error);
  }
}
