/**
 * Reading the fields of a control message from a peer that is not trusted.
 *
 * Each function throws a `ProtocolError` if the field is not what it must be.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import { cut, safeText } from "../base/text.ts";

/** The fields of a message, and its `type`. */
export type Fields = Record<string, unknown>;

/** A finite number. */
export function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw wrongField(fields, name, "a number");
}

/** A whole number from `min` on. */
export function integer(fields: Fields, name: string, min: number): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min) return value;
  throw wrongField(fields, name, `a whole number from ${min}`);
}

/** One of the words or numbers given. */
export function choice<T extends string | number>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T {
  const value = choices.find((choice) => choice === fields[name]);
  if (value !== undefined) return value;
  throw wrongField(fields, name, choices.map((choice) => JSON.stringify(choice)).join(" or "));
}

/** So many bytes in base64 (RFC 4648 section 4). */
export function bytes(fields: Fields, name: string, length: number): string {
  const value = fields[name];
  const pattern = new RegExp(`^[A-Za-z0-9+/]{${Math.ceil(length * 4 / 3)}}={0,2}$`);
  if (
    typeof value === "string" && value.length === Math.ceil(length / 3) * 4 && pattern.test(value)
  ) return value;
  throw wrongField(fields, name, `${length} bytes in base64`);
}

/** An object, with the `type` of the message for errors. */
export function object(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { type: fields.type, ...value };
  }
  throw wrongField(fields, name, "an object");
}

/** A string, made safe to show to a user. */
export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return safeText(cut(value));
  throw wrongField(fields, name, "a string");
}

/** A list of strings, each made safe to show. */
export function texts(fields: Fields, name: string): string[] {
  const values = fields[name];
  if (!Array.isArray(values)) throw wrongField(fields, name, "a list of strings");
  return values.map((value) => text({ type: fields.type, [name]: value }, name));
}

/** A list of `true` and `false`. */
export function flags(fields: Fields, name: string): boolean[] {
  const values = fields[name];
  if (Array.isArray(values) && values.every((value) => typeof value === "boolean")) return values;
  throw wrongField(fields, name, "a list of true and false");
}

function wrongField(fields: Fields, name: string, what: string): ProtocolError {
  return new ProtocolError(
    `Cannot read a control message: "${name}" of "${fields.type}" must be ${what}`,
  );
}
