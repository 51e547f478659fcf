"""Many viewers in one process, and some that never read.

Usage: viewers.py FRAMING PORT VIEWERS STALLED [IDENTITY]
"""

import select
import sys
import time

from events import tell
from connect import connect

framing = sys.argv[1]
port, count, stalled = map(int, sys.argv[2:5])
identity = sys.argv[5] if len(sys.argv) > 5 else None

idle = [connect(framing, "127.0.0.1", port, identity) for _ in range(stalled)]
viewers = {}
frames = {}
poll = select.epoll()
for _ in range(count):
    viewer = connect(framing, "127.0.0.1", port, identity)
    viewers[viewer.fileno()] = viewer
    frames[viewer.fileno()] = 0
    poll.register(viewer, select.EPOLLIN)

due = time.monotonic() + 1
while True:
    for number, _ in poll.poll(1):
        viewer, polled = viewers[number], True
        while viewer.ready(polled):
            if got := viewer.read():
                viewer.acknowledge()
                frames[number] += len(got)
            polled = False
    if time.monotonic() >= due:
        due += 1
        tell("stats", at=time.monotonic() * 1000, frames=list(frames.values()))
