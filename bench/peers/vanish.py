"""Viewers that come, stall and vanish, a hundred at a time.

Usage: vanish.py PORT VIEWERS SECONDS
"""

import socket
import struct
import sys
import time

from events import tell
from wire import Viewer

AT_ONCE = 100  # the sender serves no more than 128

port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
for first in range(0, count, AT_ONCE):
    # Some say hello, and small buffers make the sender's writes block early.
    viewers = [
        Viewer(port, acknowledges=number % 2 == 0, receive_buffer=4096)
        for number in range(min(AT_ONCE, count - first))
    ]
    time.sleep(seconds)
    for number, viewer in enumerate(viewers):
        if number % 3 == 0:  # a reset at once instead of an orderly end
            viewer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif number % 3 == 1:  # the end of what it has to say comes first
            viewer.socket.shutdown(socket.SHUT_WR)
        viewer.socket.close()
tell("vanished")
