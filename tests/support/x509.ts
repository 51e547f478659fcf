/**
 * A certificate library, for tests alone. It is named here and not in `deno.json`,
 * because `deno compile` embeds whatever that lists.
 *
 * @module
 */

// deno-lint-ignore-file no-import-prefix
import "npm:reflect-metadata@0.2.2"; // @peculiar/x509 needs it
export {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "npm:@peculiar/x509@2.2.0";
