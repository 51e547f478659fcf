"""Looks at two points of an Xvfb screen (-fbdir) and tells when their brightness has changed.

They are on the middle line, left and right of its middle, 3/8 and 5/8 of the width.

Usage: eyes.py XWD_FILE
"""

import mmap
import os
import struct
import sys
import time

from events import tell

LOOK_EVERY = 0.0003  # seconds; the error of every time that is told


def open_screen(path):
    """Waits for the server: it tells its number before it makes its screen."""
    while not os.path.exists(path) or os.path.getsize(path) == 0:
        time.sleep(LOOK_EVERY)
    with open(path, "rb") as file:
        screen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    while struct.unpack_from(">I", screen)[0] == 0:
        time.sleep(LOOK_EVERY)
    time.sleep(0.1)  # the rest of the header
    return screen


screen = open_screen(sys.argv[1])
# XWDFile.h: big-endian words, the window's name and the colours before the pixels
header = struct.unpack_from(">25I", screen)
size, width, height, bits, line, colours = (header[n] for n in (0, 4, 5, 11, 12, 19))
middle = size + colours * 12 + height // 2 * line + 1  # green
left, right = (middle + width * eighths // 8 * bits // 8 for eighths in (3, 5))

tell("looking")
levels = screen[left], screen[right]
seen = []
due = time.monotonic() + 0.25
while True:
    time.sleep(LOOK_EVERY)
    now = screen[left], screen[right]
    clock = time.monotonic()
    if now != levels:
        levels = now
        seen.append((clock * 1000, levels))
    if clock >= due:
        due = clock + 0.25
        tell("seen", changes=seen)
        seen = []
