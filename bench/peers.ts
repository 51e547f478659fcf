/**
 * The programs that are compared, camcat first.
 *
 * @module
 */

import { missing, type PackageName, PYTHON } from "./packages.ts";
import { Program } from "./program.ts";
import { freePort, listening } from "./sockets.ts";

/** What a server is to serve, and where. */
export interface Service {
  /** The address to listen at. */
  host: string;
  /** The port. */
  port: number;
  /** A prepared video. */
  clip: string;
  /** Its frames per second. */
  fps: number;
}

/** A way to get pictures over TCP. */
export interface Peer {
  /** Its name in tables. */
  name: string;
  /** What it needs. */
  needs: PackageName[];
  /** Whether it reads MJPEG from standard input; else it plays the video itself. */
  isFed: boolean;
  /** The command that serves the pictures. */
  serve(service: Service): string[];
  /** The command that receives them and shows nothing. */
  receive?(service: Service): string[];
  /** How `peers/connect.py` reads its stream. */
  framing: string;
  /** Whether it serves more than one viewer. */
  servesMany?: boolean;
}

/** Where a program of `bench/peers` is. */
export function script(name: string): string {
  return new URL(`peers/${name}`, import.meta.url).pathname;
}

const python = (name: string, ...args: string[]) => [PYTHON, script(`${name}.py`), ...args];
const at = ({ host, port }: Service) => [host, `${port}`];

/** camcat, read from its standard input, as the others. */
export function camcat(dist: string): Peer {
  return {
    name: "camcat",
    needs: [],
    isFed: true,
    serve: ({ host, port }) => [
      ...[`${dist}/sender`, "-", "--open", `--listen=${host}:${port}`, "--json"],
    ],
    receive: ({ host, port }) => [
      ...[`${dist}/receiver`, `${host}:${port}`, "--open", "--no-display", "--json"],
    ],
    framing: "camcat",
    servesMany: true,
  };
}

/** camcat as users run it: its own ffmpeg writes into a socket of its own. */
export function camcatWhole(dist: string): Peer {
  return {
    ...camcat(dist),
    name: "camcat, fed by its ffmpeg",
    isFed: false,
    serve: ({ host, port, clip }) => [
      ...[`${dist}/sender`, clip, "--loop", "--open", `--listen=${host}:${port}`, "--json"],
    ],
  };
}

/** The same as {@linkcode camcat}, watched by a viewer that says nothing. */
export function silentCamcat(dist: string): Peer {
  const { receive: _, ...peer } = camcat(dist);
  return { ...peer, name: "camcat, silent viewer", framing: "lengths" };
}

/** Ready JPEGs behind lengths of 4 bytes, by loops in Python. */
export const lengths: Peer = {
  name: "Python, 4-byte length",
  needs: ["python"],
  isFed: true,
  serve: (service) => python("sender", ...at(service)),
  receive: (service) => python("receiver", ...at(service), "bare"),
  framing: "lengths",
};

/** ImageZMQ's pattern, each picture answered. */
export const zmqRequests: Peer = {
  name: "ImageZMQ, REQ/REP",
  needs: ["python", "zmq"],
  isFed: true,
  serve: (service) => python("zmq_sender", "req", ...at(service)),
  receive: (service) => python("zmq_receiver", "rep", ...at(service)),
  framing: "rep",
};

/** ImageZMQ's pattern, published. */
export const zmqPublished: Peer = {
  name: "ImageZMQ, PUB/SUB",
  needs: ["python", "zmq"],
  isFed: true,
  serve: (service) => python("zmq_sender", "pub", ...at(service)),
  receive: (service) => python("zmq_receiver", "sub", ...at(service)),
  framing: "sub",
  servesMany: true,
};

const FFMPEG = ["ffmpeg", "-loglevel", "error"];
/** What those who want little delay tell ffmpeg. */
const AT_ONCE = ["-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "32"];

/** Its multipart stream, of what it reads, to a URL. */
const ffmpegServes = (url: string, ...listen: string[]) => [
  ...[...FFMPEG, ...AT_ONCE, "-f", "mjpeg", "-i", "pipe:0", "-c", "copy", "-f", "mpjpeg"],
  ...["-flush_packets", "1", ...listen, url],
];
const ffmpegReceives = (url: string) => [
  ...[...FFMPEG, "-nostdin", "-fflags", "nobuffer", "-f", "mpjpeg", "-i", url],
  ...["-c", "copy", "-f", "null", "-"],
];

/** ffmpeg's multipart stream over TCP. */
export const ffmpegTcp: Peer = {
  name: "ffmpeg mpjpeg, TCP",
  needs: ["ffmpeg"],
  isFed: true,
  serve: ({ host, port }) => ffmpegServes(`tcp://${host}:${port}?listen=1&tcp_nodelay=1`),
  receive: ({ host, port }) => ffmpegReceives(`tcp://${host}:${port}`),
  framing: "multipart",
};

/** The same over HTTP. */
export const ffmpegHttp: Peer = {
  ...ffmpegTcp,
  name: "ffmpeg mpjpeg, HTTP",
  serve: ({ host, port }) => ffmpegServes(`http://${host}:${port}`, "-listen", "1"),
  receive: ({ host, port }) => ffmpegReceives(`http://${host}:${port}`),
};

/** ffmpeg that plays the video itself, at its pace. */
export const ffmpegWhole: Peer = {
  ...ffmpegTcp,
  isFed: false,
  serve: ({ host, port, clip }) => [
    ...[...FFMPEG, "-nostdin", "-re", "-stream_loop", "-1", "-i", clip, "-c", "copy"],
    ...["-f", "mpjpeg", "-flush_packets", "1", `tcp://${host}:${port}?listen=1&tcp_nodelay=1`],
  ],
};

/** GStreamer. */
export const gstreamer: Peer = {
  name: "GStreamer",
  needs: ["gstreamer"],
  isFed: true,
  serve: ({ host, port, fps }) => [
    ...["gst-launch-1.0", "-q", "fdsrc", "!", `image/jpeg,framerate=${fps}/1`, "!", "jpegparse"],
    ...["!", "multipartmux", "!", "tcpserversink", "sync=false", `host=${host}`, `port=${port}`],
  ],
  receive: ({ host, port }) => [
    ...["gst-launch-1.0", "-q", "tcpclientsrc", `host=${host}`, `port=${port}`],
    ...["!", "multipartdemux", "!", "fakesink", "sync=false"],
  ],
  framing: "multipart",
  servesMany: true,
};

/** Bytes pumped by a program in C: what no program that frames can undercut. */
export const pump: Peer = {
  name: "socat, bytes only",
  needs: ["socat"],
  isFed: true,
  serve: ({ host, port }) => [
    ...["socat", "-u", "-b", "262144", "STDIN", `TCP-LISTEN:${port},bind=${host},nodelay`],
  ],
  receive: ({ host, port }) => [
    ...["socat", "-u", "-b", "262144", `TCP:${host}:${port}`, "OPEN:/dev/null"],
  ],
  framing: "raw",
};

/** The tutorials' design as it is: decodes, encodes, a length, the JPEG. */
export const openCvJpeg: Peer = {
  name: "OpenCV tutorial, JPEG",
  needs: ["python", "opencv"],
  isFed: false,
  serve: (service) =>
    python("opencv_sender", "jpeg", service.clip, `${service.fps}`, ...at(service)),
  receive: (service) => python("opencv_receiver", "jpeg", ...at(service)),
  framing: "lengths",
};

/** The tutorials' other design: pickled pixels. */
export const openCvPickle: Peer = {
  name: "OpenCV tutorial, pickle",
  needs: ["python", "opencv"],
  isFed: false,
  serve: (service) =>
    python("opencv_sender", "pickle", service.clip, `${service.fps}`, ...at(service)),
  receive: (service) => python("opencv_receiver", "pickle", ...at(service)),
  framing: "pickled",
};

/** Those of `peers` that can be measured here, and why the others cannot. */
export function available(peers: Peer[]): { here: Peer[]; notes: { note: string }[] } {
  const lacks = peers.map((peer) => ({ peer, lack: missing(peer.needs) }));
  return {
    here: lacks.flatMap(({ peer, lack }) => lack === undefined ? [peer] : []),
    notes: lacks.flatMap(({ peer, lack }) =>
      lack === undefined ? [] : [{ note: `${peer.name}: ${lack}` }]
    ),
  };
}

/** A peer that serves. */
export interface Serving {
  /** Its process. */
  server: Program;
  /** What it serves. */
  service: Service;
}

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /** A prepared video. */
  clip: string;
  /** Its frames per second. */
  fps: number;
  /** The address to listen at. @default {"127.0.0.1"} */
  host?: string;
  /** The command that feeds it. @default `camera.py` */
  feed?: string[];
}

/** The command of a camera that stamps its pictures, and may log when they were captured. */
export function camera(clip: string, fps: number, ...log: string[]): string[] {
  return python("camera", clip, `${fps}`, ...log);
}

/** Starts a peer's server and waits until it listens. */
export async function serve(peer: Peer, options: ServeOptions): Promise<Serving> {
  const { clip, fps, host = "127.0.0.1", feed = camera(clip, fps) } = options;
  const service = { host, port: freePort(host), clip, fps };
  const [program, ...args] = peer.serve(service);
  const server = peer.isFed ? Program.fed(feed, [program, ...args]) : Program.start(program, args);
  await server.unlessEnded(listening(service.port));
  return { server, service };
}

/** Starts a peer's own receiver. */
export function receiver(peer: Peer, service: Service): Program {
  const [program, ...args] = peer.receive!(service);
  return Program.start(program, args);
}
