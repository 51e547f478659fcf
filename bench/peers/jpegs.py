"""MJPEG on standard input, cut into pictures as the sender cuts it: by walking the markers."""

import os
import re

SOI, EOI, SOS = 0xd8, 0xd9, 0xda
# What ends entropy-coded data: an FF that no stuffing, restart marker or fill byte makes.
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def jpegs():
    rest = bytearray()
    at = 0
    in_scan = False
    while chunk := os.read(0, 1 << 16):
        rest += chunk
        while len(rest) >= at + 2:
            if in_scan:
                found = MARKER.search(rest, at)
                if found is None:
                    at = len(rest) - 1
                    break
                at = found.start()
                in_scan = False
            elif at == 0:
                start = rest.find(b"\xff\xd8\xff")
                if start < 0:
                    break
                del rest[:start]
                at = 2
            elif rest[at + 1] == EOI:
                yield bytes(rest[:at + 2])
                del rest[:at + 2]
                at = 0
            elif len(rest) < at + 4:
                break
            else:
                end = at + 2 + (rest[at + 2] << 8 | rest[at + 3])
                if len(rest) < end:
                    break
                in_scan = rest[at + 1] == SOS
                at = end
