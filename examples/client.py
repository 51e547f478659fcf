"""Writes the next COUNT pictures of an open sender to standard output, JPEG after JPEG.

    sender --open
    python3 client.py HOST PORT COUNT > pictures.mjpeg

Every message begins with its length in four bytes; of a viewer that says nothing, all that comes
are pictures. docs/protocol.md has the rest.
"""

import socket
import struct
import sys

host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
stream = socket.create_connection((host, port), timeout=10).makefile("rb")
for _ in range(count):
    (length,) = struct.unpack(">I", stream.read(4))
    sys.stdout.buffer.write(stream.read(length))
