"""A receiver as a plain loop: it reads lengths and frames, and may acknowledge them.

Usage: receiver.py HOST PORT bare|acknowledging
"""

import json
import socket
import struct
import sys
import time

from events import Stats
from wire import HELLO, message

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
if sys.argv[3] == "acknowledging":
    client.sendall(HELLO)


def read(into):
    got = 0
    while got < len(into):
        count = client.recv_into(into[got:])
        if count == 0:
            sys.exit()
        got += count


stats = Stats()
header = memoryview(bytearray(4))
buffer = memoryview(bytearray(1 << 24))
seq = None
while True:
    read(header)
    payload = buffer[:struct.unpack(">I", header)[0]]
    read(payload)
    if payload[0] == 0xff:
        if seq is not None:
            client.sendall(message(type="ack", seq=seq))
        stats.count()
    else:
        fields = json.loads(bytes(payload))
        if fields["type"] == "frame":
            seq = fields["seq"]
        elif fields["type"] == "ping":
            clock = time.time() * 1000
            client.sendall(message(type="pong", time=fields["time"], clock=clock))
