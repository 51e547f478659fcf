"""Many viewers of several senders in one process, as bare as can be.

They say nothing, and so get lengths and JPEGs. Each second it tells the frames of each viewer, how
old they were, and for each sender the longest time in which none of its viewers got one.

Usage: load.py HOST:PORT:VIEWERS...
"""

import select
import socket
import struct
import sys
import time

from events import tell

HEAD = 26  # a length of 4 bytes, then SOI, COM and its length before 16 digits: see camera.py


class Viewer:
    def __init__(self, host, port, sender):
        self.socket = socket.create_connection((host, port))
        self.socket.setblocking(False)
        self.sender = sender
        self.head = bytearray()
        self.left = 0
        self.frames = 0


viewers = {}
poll = select.epoll()
senders = sys.argv[1:]
for sender, address in enumerate(senders):
    host, port, count = address.split(":")
    for _ in range(int(count)):
        viewer = Viewer(host, int(port), sender)
        viewers[viewer.socket.fileno()] = viewer
        poll.register(viewer.socket, select.EPOLLIN)

ages = []
last = [time.monotonic()] * len(senders)
gaps = [0.0] * len(senders)
buffer = bytearray(1 << 18)
view = memoryview(buffer)


def take(viewer):
    try:
        count = viewer.socket.recv_into(buffer)
    except BlockingIOError:
        return
    except OSError:
        count = 0
    if count == 0:  # the sender is gone
        poll.unregister(viewer.socket)
        viewer.socket.close()
        return
    at = 0
    while at < count:
        if viewer.left > 0:
            step = min(viewer.left, count - at)
            viewer.left -= step
            at += step
            if viewer.left == 0 and viewer.sent is not None:
                now = time.monotonic()
                ages.append((now - viewer.sent) * 1000)
                viewer.frames += 1
                gaps[viewer.sender] = max(gaps[viewer.sender], now - last[viewer.sender])
                last[viewer.sender] = now
            continue
        part = view[at:min(count, at + HEAD - len(viewer.head))]
        viewer.head += part
        at += len(part)
        if len(viewer.head) == HEAD:
            length, = struct.unpack(">I", viewer.head[:4])
            try:
                viewer.sent = int(viewer.head[10:26], 16) / 1e9
            except ValueError:  # NO SIGNAL has no such comment, and counts for nothing
                viewer.sent = None
            viewer.left = length - (HEAD - 4)
            viewer.head.clear()


due = time.monotonic() + 1
while True:
    for number, _ in poll.poll(0.2):
        take(viewers[number])
    now = time.monotonic()
    if now >= due:
        due = now + 1
        tell("load", at=now * 1000, frames=[viewer.frames for viewer in viewers.values()],
             ages=ages[:: max(1, len(ages) // 2000)], gaps=gaps)
        ages = []
        gaps = [0.0] * len(senders)
