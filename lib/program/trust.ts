/**
 * The certificate authorities that a program trusts.
 *
 * @module
 */

/**
 * Removes the public certificate authorities that Deno trusts by default: it adds the certificates
 * given to a connection to them. For programs only: call it before the first connection; it affects
 * the whole process.
 */
export function distrustPublicAuthorities(): void {
  Deno.env.set("DENO_TLS_CA_STORE", "");
  Deno.env.delete("DENO_CERT"); // names one more authority
}
