"""A viewer of any kind, which tells of every frame when it was captured and when it came.

Usage: viewer.py FRAMING HOST PORT [SECONDS_BEFORE STALL_SECONDS]

Once a second {"event": "frames", "frames": [{"captured": ms, "arrived": ms}, ...]}. After
SECONDS_BEFORE it may stall for a while: the next frames are told after {"event": "resumed"}.
"""

import sys
import time

from events import tell
from connect import connect
from streams import now_ms

framing, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
before, stall = map(float, sys.argv[4:6]) if len(sys.argv) > 4 else (float("inf"), 0)
stream = connect(framing, host, port)
frames = []
start = time.monotonic()
due = start + 1
while True:
    for frame in stream.read():
        frames.append({"captured": stream.captured_ms(frame), "arrived": now_ms()})
        stream.acknowledge()
    clock = time.monotonic()
    if clock >= due:
        due = clock + 1
        tell("frames", frames=frames)
        frames = []
    if clock >= start + before:
        time.sleep(stall)
        before = float("inf")
        due = time.monotonic() + 1
        frames = []
        tell("resumed")
