// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { certificateIn, ownNames } from "../../lib/phone/certificate_file.ts";
import { integer, oid, time } from "../../lib/phone/der.ts";
import { makeCertificate } from "../../lib/phone/own_certificate.ts";
import { Folder } from "../support/folder.ts";

const DAY_MS = 86_400_000;
const NAMES = ["localhost", "studio.local", "192.168.1.20", "fd00::12:34"];

/** What OpenSSL reads in a certificate. */
async function openssl(cert: string, ...args: string[]): Promise<string> {
  await using folder = new Folder();
  const path = `${folder.path}/cert.pem`;
  await Deno.writeTextFile(path, cert);
  const command = args[0] === "verify" ? [...args, "-CAfile", path, path] : [...args, "-in", path];
  const { success, stdout, stderr } = await new Deno.Command("openssl", { args: command }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("makeCertificate() makes one that OpenSSL takes for a server of these names", async () => {
  const { cert, fingerprint } = await makeCertificate(NAMES);
  for (const name of ["studio.local", "localhost"]) {
    await openssl(cert, "verify", "-purpose", "sslserver", "-verify_hostname", name);
  }
  for (const ip of ["192.168.1.20", "fd00:0:0:0:0:0:12:34"]) {
    await openssl(cert, "verify", "-purpose", "sslserver", "-verify_ip", ip);
  }
  const text = await openssl(cert, "x509", "-noout", "-text", "-fingerprint", "-sha256");
  assert(text.includes(`sha256 Fingerprint=${fingerprint}`), text);
  assert(text.includes("ASN1 OID: prime256v1"), text);
});

Deno.test("makeCertificate() makes one of at most 825 days, which is valid before now", async () => {
  const now = Date.UTC(2026, 0, 31);
  const { cert, endsAt } = await makeCertificate(NAMES, now);
  const text = await openssl(cert, "x509", "-noout", "-dates", "-dateopt", "iso_8601");
  const [from, to] = [...text.matchAll(/=(.*)/g)].map(([, date]) => Date.parse(date));
  assert(from < now - DAY_MS, text);
  assertEquals(to, endsAt);
  assert(to - from <= 825 * DAY_MS);
});

Deno.test("makeCertificate() makes one that Deno serves, and a client that trusts it takes", async () => {
  const { cert, key } = await makeCertificate(["localhost", "127.0.0.1"]);
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept().then(async (connection) => {
    await connection.handshake();
    return connection;
  });
  using client = await Deno.connectTls({ hostname: "localhost", port, caCerts: [cert] });
  await client.handshake();
  (await accepting).close();
});

Deno.test("certificateIn() keeps the certificate until it ends soon, or a name is new", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/camcat/https.json`;
  const first = await certificateIn(path, ["a", "10.0.0.1"]);
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  assertEquals(await certificateIn(path, ["10.0.0.1"]), first);
  assertEquals(await certificateIn(path, ["10.0.0.1", "2001:db8::7"]), first, "until tomorrow");
  const second = await certificateIn(path, ["a", "10.0.0.2"]);
  assertEquals(second.names, ["a", "10.0.0.2", "10.0.0.1"]);
  assertEquals(await certificateIn(path, ["10.0.0.1"]), second, "the names of before are kept");
  const later = second.endsAt - 29 * DAY_MS;
  assert((await certificateIn(path, ["a"], later)).endsAt > later + 700 * DAY_MS);
});

Deno.test("certificateIn() keeps at most 40 names, and refuses a damaged file", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/https.json`;
  const many = Array.from({ length: 39 }, (_, index) => `name-${index}`);
  await certificateIn(path, many);
  assertEquals((await certificateIn(path, ["b", "c"])).names, ["b", "c", ...many.slice(0, 38)]);
  await Deno.writeTextFile(path, "{");
  await assertRejects(() => certificateIn(path, ["b"]), CamcatError, "it is damaged. Delete it");
  await Deno.writeTextFile(path, "");
  assertEquals((await certificateIn(path, ["b"])).names, ["b"]);
  await Deno.writeTextFile(path, '{"names": 3}');
  assertEquals((await certificateIn(path, ["c"])).names, ["c"]);
});

Deno.test("ownNames() leaves out addresses that no other machine can use", () => {
  const addresses = ["127.0.0.1", "192.168.1.20", "::1", "fe80::1", "2001:db8::1"];
  const interfaces = addresses.map((address) => ({ address }) as Deno.NetworkInterfaceInfo);
  assertEquals(ownNames("studio", interfaces), [
    ...["localhost", "studio", "studio.local", "127.0.0.1", "192.168.1.20", "2001:db8::1"],
  ]);
});

Deno.test("DER is that of ITU-T X.690 and RFC 5280", () => {
  assertEquals(oid("1.2.840.10045.4.3.2").toHex(), "06082a8648ce3d040302");
  assertEquals(integer(Uint8Array.of(0, 0, 0x80)).toHex(), "02020080");
  assertEquals(integer(Uint8Array.of(0)).toHex(), "020100");
  assertEquals(new TextDecoder().decode(time(0).subarray(2)), "19700101000000Z");
});
