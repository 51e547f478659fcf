"""MJPEG on standard input, cut at the end of each picture."""

import os


def jpegs():
    rest = bytearray()
    while chunk := os.read(0, 1 << 16):
        searched = max(0, len(rest) - 1)
        rest += chunk
        while (end := rest.find(b"\xff\xd9", searched)) >= 0:
            yield bytes(rest[rest.find(b"\xff\xd8"):end + 2])
            del rest[:end + 2]
            searched = 0
