"""A camera on standard output: JPEGs, each with the time of its capture in a comment segment.

Usage: camera.py FILE FPS
"""

import subprocess
import struct
import sys
import time

file, fps = sys.argv[1], float(sys.argv[2])
raw = subprocess.run(
    ["ffmpeg", "-loglevel", "error", "-i", file, "-c:v", "copy", "-f", "mjpeg", "pipe:1"],
    stdout=subprocess.PIPE, check=True).stdout
jpegs = [jpeg + b"\xff\xd9" for jpeg in raw.split(b"\xff\xd9") if jpeg]

due = time.monotonic()
try:
    while True:
        for jpeg in jpegs:
            due += 1 / fps
            time.sleep(max(0, due - time.monotonic()))
            # SOI, COM, its length, the time in nanoseconds
            stamp = struct.pack(">HHHQ", 0xffd8, 0xfffe, 10, time.monotonic_ns())
            sys.stdout.buffer.write(stamp + jpeg[2:])
            sys.stdout.buffer.flush()
except BrokenPipeError:
    sys.stderr.close()
