"""Looks at the middle of an Xvfb screen (-fbdir) and tells when its brightness has changed.

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
green = size + colours * 12 + height // 2 * line + width // 2 * bits // 8 + 1

tell("looking")
level = screen[green]
seen = []
due = time.monotonic() + 0.25
while True:
    time.sleep(LOOK_EVERY)
    now = screen[green]
    clock = time.monotonic()
    if now != level:
        level = now
        seen.append((clock * 1000, level))
    if clock >= due:
        due = clock + 0.25
        tell("seen", changes=seen)
        seen = []
