/**
 * The players that camcat can open a window with.
 *
 * @module
 */

/** The players that camcat knows. */
export const PLAYERS = ["ffplay", "mpv"] as const;

/** One of {@linkcode PLAYERS}. */
export type PlayerName = typeof PLAYERS[number];
