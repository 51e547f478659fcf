"""A viewer that throws away what it reads: lengths and JPEGs, whoever sends them.

Usage: drain.py PORT
"""

import socket
import sys

client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
buffer = bytearray(1 << 20)
while client.recv_into(buffer) > 0:
    pass
