/**
 * The links of this machine: which addresses are on one, so that no router is between.
 *
 * @module
 */

/** A network that this machine is on, for one family of addresses. */
export interface Link {
  /** The name of the interface. */
  name: string;
  /** The family of addresses. */
  family: "IPv4" | "IPv6";
  /** How the system calls the interface in calls for multicast: by an address, or `::%SCOPE`. */
  multicast: string;
}

/** More are left out: a machine with containers may have hundreds. */
const MAX_LINKS = 32;

/** The links of this machine; the loopback interface only if there is no other. */
export function linksOf(interfaces: Deno.NetworkInterfaceInfo[]): Link[] {
  const links = new Map<string, Link>();
  for (const { family, address, name, scopeid } of interfaces) {
    if (family === "IPv4" && !address.startsWith("127.")) {
      links.set(address, { name, family, multicast: address });
    } else if (family === "IPv6" && isLinkLocal(address)) {
      const multicast = `::%${Deno.build.os === "windows" ? scopeid : name}`;
      links.set(multicast, { name, family, multicast });
    }
  }
  if (links.size === 0) return [{ name: "lo", family: "IPv4", multicast: "127.0.0.1" }];
  return [...links.values()].slice(0, MAX_LINKS);
}

/**
 * Whether a packet from `address` came from a link of this machine (RFC 6762 section 11), going by
 * the networks of its interfaces.
 */
export function isOnLink(address: string, interfaces: Deno.NetworkInterfaceInfo[]): boolean {
  const bits = bitsOf(address);
  if (bits === undefined) return false;
  if (isLinkLocal(address)) return true;
  return interfaces.some(({ cidr }) => {
    const [network, length] = (cidr ?? "").split("/");
    const own = bitsOf(network);
    return own?.length === bits.length && own.startsWith(bits.slice(0, Number(length)));
  });
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

/** The bits of an address, as text; undefined if it is none. */
function bitsOf(address: string): string | undefined {
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(address)) {
    return address.split(".").map((byte) => Number(byte).toString(2).padStart(8, "0")).join("");
  }
  const [plain] = address.split("%");
  if (!/^[0-9a-f:]{2,39}$/i.test(plain)) return undefined;
  const [before, after = ""] = plain.split("::");
  const groupsOf = (text: string) => text === "" ? [] : text.split(":");
  const [start, end] = [groupsOf(before), groupsOf(after)];
  const missing = plain.includes("::") ? 8 - start.length - end.length : 0;
  const groups = [...start, ...Array(Math.max(0, missing)).fill("0"), ...end];
  if (groups.length !== 8) return undefined;
  return groups.map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
