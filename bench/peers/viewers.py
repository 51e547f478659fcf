"""Many viewers that acknowledge, in one process, and some that never read.

Usage: viewers.py PORT VIEWERS STALLED [IDENTITY]
"""

import select
import sys
import time

from events import tell
from wire import Viewer

port, count, stalled = map(int, sys.argv[1:4])
identity = sys.argv[4] if len(sys.argv) > 4 else None
idle = [Viewer(port, identity=identity) for _ in range(stalled)]
viewers = {}
frames = {}
poll = select.epoll()
for _ in range(count):
    viewer = Viewer(port, identity=identity)
    number = viewer.socket.fileno()
    viewers[number] = viewer
    frames[number] = 0
    poll.register(number, select.EPOLLIN)

since = time.monotonic()
while True:
    for number, _ in poll.poll(1):
        viewer, more = viewers[number], True
        while more:
            if jpegs := viewer.read():
                viewer.acknowledge()
                frames[number] += len(jpegs)
            more = viewer.pending
    elapsed = time.monotonic() - since
    if elapsed >= 1:
        since += elapsed
        fps = sorted(total / elapsed for total in frames.values())
        tell("stats", min=fps[0], median=fps[len(fps) // 2])
        frames = dict.fromkeys(frames, 0)
