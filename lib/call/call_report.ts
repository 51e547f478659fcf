/**
 * Reports on calls: who calls, what has become of it, and what the user can do.
 *
 * @module
 */

import type { Console } from "../program/console.ts";
import { connectInstructions } from "../report/connect_instructions.ts";
import type { Key } from "../security/key.ts";
import { reachableAddresses } from "../security/listen.ts";

/** Who has ended a call: this end, the other one, or the network. */
export type Ending = "us" | "them" | "lost";

/** What has become of a call that was not accepted. */
export type Outcome = "refused" | "busy" | "no answer" | "given up";

/** Reports calls on a {@linkcode Console}. */
export class CallReport {
  #console: Console;
  #canType: boolean;

  /** @param canType whether keys are read */
  constructor(console: Console, canType: boolean) {
    this.#console = console;
    this.#canType = canType;
  }

  /** Waits for calls. */
  listening(listener: Deno.TcpListener, key: Key): void {
    const addresses = reachableAddresses(listener.addr);
    const { port } = listener.addr;
    const lines = connectInstructions("call", {
      addresses,
      key,
      isPrivate: this.#console.isTerminal,
    });
    this.#console.event(
      { event: "listening", port, addresses, open: false },
      "Waiting for a call. Only those with the key can call. On the other machine run:",
      lines,
    );
  }

  /** Calls somebody. */
  calling(to: string): void {
    const how = this.#canType ? " (q gives up)" : "";
    this.#console.event({ event: "calling", to }, `Calling ${to}${how}`);
  }

  /** Somebody calls. */
  ringing(name: string, peer: string, isAsked: boolean): void {
    const text = `${name} (${peer}) calls` + (isAsked ? ". Accept? y/n" : "");
    this.#console.event({ event: "ringing", name, peer }, text);
  }

  /** The call was accepted. */
  accepted(name: string): void {
    const how = this.#canType ? ". q hangs up, m mutes the microphone" : "";
    this.#console.event({ event: "accepted", name }, `The call with ${name} has begun${how}`);
  }

  /** The call was not accepted. @param name who would have had to, or who has called */
  ended(outcome: Outcome, name: string, isOurs: boolean): void {
    const texts: Record<Outcome, string> = {
      refused: isOurs ? `You have refused the call of ${name}` : `${name} has refused the call`,
      busy: isOurs ? `${name} has called, and was told that you are busy` : `${name} is busy`,
      "no answer": isOurs ? `You have missed a call of ${name}` : `${name} does not answer`,
      "given up": isOurs ? "You have given up" : `You have missed a call of ${name}`,
    };
    this.#console.event({ event: "not-accepted", outcome, name }, texts[outcome]);
  }

  /** What is done about echo. */
  echo(isCancelled: boolean): void {
    const text = isCancelled
      ? "The sound server cancels the echo"
      : "The echo is not cancelled here: use headphones, or the other end hears itself";
    this.#console.event({ event: "echo", cancelled: isCancelled }, text);
  }

  /** The first picture of the other end has come. */
  picture(name: string): void {
    this.#console.event({ event: "picture", name });
  }

  /** The microphone was muted, or not any more. */
  muted(isMuted: boolean): void {
    const text = isMuted ? "Your microphone is muted" : "Your microphone is heard again";
    this.#console.event({ event: "muted", muted: isMuted }, text);
  }

  /** The line is lost. */
  lost(name: string, reason: string, waitMs: number): void {
    this.#console.warn(
      { event: "line", state: "lost", name, reason },
      `The connection to ${name} is lost: ${reason}. Waiting for it for ${inWords(waitMs)}`,
    );
  }

  /** The line is back. */
  back(name: string): void {
    this.#console.event({ event: "line", state: "back", name }, `${name} is back`);
  }

  /** The call is over. */
  over(name: string, by: Ending): void {
    const texts: Record<Ending, string> = {
      us: `You have hung up: the call with ${name} is over`,
      them: `${name} has hung up`,
      lost: `The call with ${name} is over: the connection did not come back`,
    };
    this.#console.event({ event: "hangup", name, by }, texts[by]);
  }
}

function inWords(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
