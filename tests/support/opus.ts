/**
 * Opus packets for tests, encoded by ffmpeg.
 *
 * @module
 */

/** Bytes of an Ogg page header before its table of lengths (RFC 3533 section 6). */
const PAGE_HEADER_BYTES = 26;

/**
 * Encodes a source of ffmpeg's lavfi.
 *
 * @param ms what a packet plays
 */
export async function opusPackets(
  graph: string,
  { ms = 10, channels = 1 }: { ms?: number; channels?: number } = {},
): Promise<Uint8Array[]> {
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", graph],
      ...["-ar", "48000", "-ac", `${channels}`, "-c:a", "libopus", "-b:a", "48k"],
      ...["-frame_duration", `${ms}`, "-application", "lowdelay", "-f", "ogg", "-"],
    ],
    stderr: "inherit",
  }).output();
  return packetsOfOgg(stdout).slice(2); // OpusHead and OpusTags
}

/** The packets of an Ogg stream: a packet ends with a length below 255. */
function packetsOfOgg(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let packet: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const count = bytes[at + PAGE_HEADER_BYTES];
    const lengths = bytes.subarray(at + PAGE_HEADER_BYTES + 1, at + PAGE_HEADER_BYTES + 1 + count);
    at += PAGE_HEADER_BYTES + 1 + count;
    for (const length of lengths) {
      packet.push(...bytes.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      packets.push(Uint8Array.from(packet));
      packet = [];
    }
  }
  return packets;
}
