/**
 * Why there is no connection to a Redis, in words.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";

/** Whether a server took too long. */
export function isTimeout(error: unknown): boolean {
  return /timeout|does not answer/i.test(messageOf(error));
}

/**
 * Why a connection could not be made, and what to do.
 *
 * @param hasPassword whether a password was sent
 */
export function reasonOf(error: unknown, hasPassword: boolean): string {
  const message = messageOf(error);
  // Redis 6.0 refuses HELLO itself where the default user is off.
  if (/WRONGPASS|NOAUTH/.test(message) || /NOPERM/.test(message) && !hasPassword) {
    return "it wants another user or password. Put them into the URL, or into " +
      "CAMCAT_REDIS_USER and CAMCAT_REDIS_PASSWORD";
  }
  if (/NOPROTO|unknown command/i.test(message)) return "it must be Redis 6 or later, or Valkey";
  if (/certificate/i.test(message)) {
    return `its certificate is not trusted (${message}). If its authority is your own, use --broker-ca`;
  }
  if (/ECONNREFUSED|refused/.test(message)) return "nothing listens there";
  if (isTimeout(error)) return "it does not answer";
  return message;
}
