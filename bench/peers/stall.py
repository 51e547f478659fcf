"""A viewer that stops reading for a while and then goes on.

Usage: stall.py PORT bare|acknowledging SECONDS
"""

import sys
import time

from events import tell
from wire import Viewer, age_ms

viewer = Viewer(int(sys.argv[1]), sys.argv[2] == "acknowledging")


def watch(seconds):
    """The ages of the pictures when they arrive."""
    ages = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        jpegs = viewer.read()
        ages += map(age_ms, jpegs)
        if jpegs:
            viewer.acknowledge()
    return ages


watch(3)
time.sleep(float(sys.argv[3]))
ages = watch(4)
tell("resumed", stale=sum(age > 100 for age in ages), first_age_ms=ages[0], frames=len(ages))
