"""The tutorials' sender for pictures that are ready: JPEGs behind lengths of 4 bytes.

Reads MJPEG on standard input, cuts it at the end of each picture, sends to one client.

Usage: sender.py HOST PORT
"""

import os
import socket
import struct
import sys

from jpegs import jpegs

listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
client, _ = listener.accept()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
try:
    for jpeg in jpegs():
        client.sendall(struct.pack(">I", len(jpeg)) + jpeg)
except (BrokenPipeError, ConnectionResetError):
    os._exit(0)
