/**
 * Options without undefined values.
 *
 * @module
 */

/** Removes the entries that are undefined, so that the default of the callee applies. */
export function defined<T extends Record<string, unknown>>(options: T) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
