"""The sender as a plain loop: reads ffmpeg's pipe, cuts at EOI, sends to one client.

Usage: sender.py FILE
"""

import os
import signal
import socket
import struct
import subprocess
import sys

from events import Stats, tell

signal.signal(signal.SIGTERM, lambda *_: sys.exit())
listener = socket.create_server(("127.0.0.1", 0))
tell("listening", port=listener.getsockname()[1])
client, _ = listener.accept()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
ffmpeg = subprocess.Popen(
    ["ffmpeg", "-loglevel", "error", "-nostdin", "-re", "-stream_loop", "-1",
     "-i", sys.argv[1], "-c:v", "copy", "-f", "mjpeg", "pipe:1"],
    stdout=subprocess.PIPE, bufsize=0)
try:
    pipe = ffmpeg.stdout.fileno()
    stats = Stats()
    rest = bytearray()
    while chunk := os.read(pipe, 1 << 16):
        searched = max(0, len(rest) - 1)
        rest += chunk
        while (end := rest.find(b"\xff\xd9", searched)) >= 0:
            start = rest.find(b"\xff\xd8")
            frame = rest[start:end + 2]
            del rest[:end + 2]
            searched = 0
            client.sendall(struct.pack(">I", len(frame)) + frame)
            stats.count()
except (BrokenPipeError, ConnectionResetError):
    pass
finally:
    ffmpeg.kill()
    ffmpeg.wait()
