"""A camera on standard output: JPEGs, each with the time of its capture in a comment segment.

It captures on, whether they are taken or not: whoever comes late gets the newest one.

Usage: camera.py FILE FPS [LOG]

LOG is a file for the numbers of the pictures in FILE and when they were captured.
"""

import struct
import subprocess
import sys
import threading
import time

file, fps = sys.argv[1], float(sys.argv[2])
log = open(sys.argv[3], "w", buffering=1) if len(sys.argv) > 3 else None
raw = subprocess.run(
    ["ffmpeg", "-loglevel", "error", "-i", file, "-c:v", "copy", "-f", "mjpeg", "pipe:1"],
    stdout=subprocess.PIPE, check=True).stdout
jpegs = [jpeg + b"\xff\xd9" for jpeg in raw.split(b"\xff\xd9") if jpeg]


def stamped(jpeg):
    """In hexadecimal digits, so that no marker can be in it: SOI, COM, its length, nanoseconds."""
    return struct.pack(">HHH", 0xffd8, 0xfffe, 18) + b"%016x" % time.monotonic_ns() + jpeg[2:]


slot = None
changed = threading.Condition()


def write():
    global slot
    while True:
        with changed:
            while slot is None:
                changed.wait()
            (number, frame), slot = slot, None
        try:
            sys.stdout.buffer.write(frame)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            return
        if log:
            print(number, int(frame[6:22], 16) / 1e6, file=log)


writer = threading.Thread(target=write, daemon=True)
writer.start()
due = time.monotonic()
count = 0
while writer.is_alive():
    due += 1 / fps
    time.sleep(max(0, due - time.monotonic()))
    number = count % len(jpegs)
    count += 1
    with changed:
        slot = number, stamped(jpegs[number])
        changed.notify()
sys.stderr.close()
