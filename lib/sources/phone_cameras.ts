/**
 * A phone as a SOURCE: the sender serves it a page, and the phone's browser sends its pictures.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import { serveSite } from "../http/server.ts";
import { PhoneDoor } from "../phone/phone_door.ts";
import { PhoneSite } from "../phone/phone_site.ts";
import { receivePhones } from "../phone/receive_phones.ts";
import { EVERY_INTERFACE } from "../protocol/address.ts";
import { reportRefused } from "../report/key_report.ts";
import { reportLinkedPage } from "../report/linked_page_report.ts";
import { reportShortage } from "../report/shortage_report.ts";
import { keyToListenWith } from "../security/credentials.ts";
import { phoneSecretsOf } from "../security/identity.ts";
import { Key } from "../security/key.ts";
import type { CameraContext, MakeCameras } from "./make_cameras.ts";
import { PHONE_PORT } from "../options/sender_options.ts";
import { pageCertificate } from "./page_certificate.ts";

/** Makes the camera that a phone can be. */
export const phoneCameras: MakeCameras = (_source, context) => {
  const { options, name = "phone", hub: makeHub } = context;
  if (options["on-demand"]) {
    throw new UsageError("Cannot use --on-demand with a phone as the SOURCE: its user starts it");
  }
  const { hub, report } = makeHub(name);
  const supply = async (signal: AbortSignal) => {
    const hasSound = options.sound !== undefined;
    if (hasSound) hub.sound.announce(1);
    const door = new PhoneDoor();
    const { finished } = await serve(door, name, context, signal);
    report.capture("starting");
    hub.lost("No phone has come yet");
    /** Why there is no picture; undefined while there is one. */
    let trouble: string | undefined = "";
    await receivePhones(door, {
      signal,
      maxPixels: options["max-pixels"],
      onFrame: (frame) => {
        if (trouble !== undefined) report.capture("live");
        trouble = undefined;
        hub.publish(frame);
      },
      ...(hasSound && {
        onSound: (packet) => hub.sound.publish(packet),
        onSilence: (reason) => hub.sound.lost(reason),
      }),
      onLost: (reason) => {
        if (hasSound) hub.sound.lost(reason);
        if (reason === trouble) return;
        trouble = reason;
        report.capture("lost", new CamcatError(reason), "Waiting for it");
        hub.lost(reason);
      },
    });
    await finished;
  };
  return Promise.resolve([{ hub, status: report.status(hub), supply }]);
};

/** Starts to serve the page, and says where it is. */
async function serve(
  door: PhoneDoor,
  name: string,
  { options, console }: CameraContext,
  signal: AbortSignal,
) {
  const { size, fps, quality, "http-host": names = [] } = options;
  const address = options["phone-listen"] ?? { hostname: EVERY_INTERFACE, port: PHONE_PORT };
  // Derived from the key, so that the phone comes back by itself after a restart of the sender.
  const secrets = await phoneSecretsOf(keyToListenWith(options) ?? Key.random());
  const { certificate, fingerprint } = await pageCertificate(options, console);
  const own = Deno.hostname();
  const serving = serveSite(
    (where) =>
      new PhoneSite(door, {
        ...where,
        secrets,
        names: [...names, own, `${own}.local`],
        picture: {
          ...{ name, ...size, fps, quality },
          adapt: !options["no-adapt"],
          sound: options.sound !== undefined,
        },
        onRefused: reportRefused(console),
      }),
    { address, certificate, signal, onShortage: reportShortage(console) },
    "--phone-listen",
  );
  reportLinkedPage(console, {
    page: "phone",
    scheme: "https",
    address: serving.address,
    names,
    token: secrets.token,
    fingerprint,
  });
  return serving;
}
