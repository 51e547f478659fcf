import { X509Certificate } from "node:crypto";
// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { certify, TLS_NAME } from "../../lib/security/certificate.ts";
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "../support/x509.ts";

/** The seed of RFC 8032 section 7.1, test 1, and the certificate that @peculiar/x509 2.2.0 wrote. */
const RECORDED = {
  seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
  publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  certificate: `-----BEGIN CERTIFICATE-----
MIH6MIGtoAMCAQICAQEwBQYDK2VwMBExDzANBgNVBAMTBmNhbWNhdDAgFw03MDAx
MDEwMDAwMDBaGA85OTk5MTIzMTAwMDAwMFowETEPMA0GA1UEAxMGY2FtY2F0MCow
BQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURqjKDAmMAkG
A1UdEwQCMAAwGQYDVR0RBBIwEIIOY2FtY2F0LmludmFsaWQwBQYDK2VwA0EANMbZ
+/VcewM9zDpRItdEATaZEAUeAi2sanDS7P9U5eMCGovY4k0y4eXSrRf2Bgd0PaxA
8NREVDNZhBnwsvVQCQ==
-----END CERTIFICATE-----
`,
};

function randomSeed(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** The certificate as a library writes it. */
async function certifyByLibrary(pem: string): Promise<string> {
  const pkcs8 = Uint8Array.fromBase64(pem.replace(/-----.*-----|\n/g, ""));
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { d: _, key_ops: __, ...half } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", half, "Ed25519", true, ["verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=camcat",
    serialNumber: "01",
    notBefore: new Date(Date.UTC(1970, 0, 1)),
    notAfter: new Date(Date.UTC(9999, 11, 31)),
    signingAlgorithm: { name: "Ed25519" },
    keys: { privateKey, publicKey },
    extensions: [
      new BasicConstraintsExtension(false),
      new SubjectAlternativeNameExtension([{ type: "dns", value: TLS_NAME }]),
    ],
  });
  return certificate.toString("pem") + "\n";
}

async function openssl(args: string[], input: string): Promise<string> {
  const child = new Deno.Command("openssl", { args, stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout } = await child.output();
  assert(success, `openssl ${args.join(" ")}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("certify() writes the certificate that was recorded", async () => {
  const { certificate } = await certify(Uint8Array.fromHex(RECORDED.seed));
  assertEquals(certificate, RECORDED.certificate);
});

Deno.test("certify() writes what a certificate library writes, byte for byte", async () => {
  for (const seed of [new Uint8Array(32), ...Array.from({ length: 20 }, randomSeed)]) {
    const { certificate, privateKey } = await certify(seed);
    assertEquals(certificate, await certifyByLibrary(privateKey), seed.toHex());
  }
});

Deno.test("certify() writes what openssl reads: the key, the names, the dates, a good signature", async () => {
  const { certificate, privateKey } = await certify(Uint8Array.fromHex(RECORDED.seed));
  const text = await openssl(["x509", "-noout", "-text"], certificate);
  for (
    const expected of [
      "Version: 3 (0x2)",
      "Serial Number: 1 (0x1)",
      "Not Before: Jan  1 00:00:00 1970 GMT",
      "Not After : Dec 31 00:00:00 9999 GMT",
      "CA:FALSE",
      `DNS:${TLS_NAME}`,
    ]
  ) assertStringIncludes(text, expected);
  const publicKey = text.match(/pub:\n((?:\s+[0-9a-f:]+\n)+)/)?.[1].replace(/[\s:]/g, "");
  assertEquals(publicKey, RECORDED.publicKey);
  assertEquals(
    await openssl(["x509", "-noout", "-pubkey"], certificate),
    await openssl(["pkey", "-pubout"], privateKey),
  );
  // -check_ss_sig: without it, openssl trusts the signature of a certificate that it was given.
  using file = await temporaryFile(certificate);
  await openssl(["verify", "-check_ss_sig", "-CAfile", file.path, file.path], "");
});

Deno.test("certify() writes a certificate that no authority can vouch for, and that signs no other", async () => {
  const { certificate, privateKey } = await certify(randomSeed());
  const x509 = new X509Certificate(certificate);
  assertEquals(x509.subject, x509.issuer);
  assertEquals(x509.subjectAltName, `DNS:${TLS_NAME}`);
  assertMatch(TLS_NAME, /\.invalid$/);
  assert(!x509.ca);
  assert(!certificate.includes(privateKey.split("\n")[1]));
});

async function temporaryFile(content: string): Promise<{ path: string } & Disposable> {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, content);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}
