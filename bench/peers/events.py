"""How the peers tell what happens: JSON, one object a line."""

import json
import time


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Stats:
    """Tells the number of frames about once a second."""

    def __init__(self):
        self.frames = 0
        self._due = time.monotonic() + 1

    def count(self):
        self.frames += 1
        if time.monotonic() >= self._due:
            self._due += 1
            tell("stats", frames=self.frames)
