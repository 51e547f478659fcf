"""ImageZMQ's receiver, which does nothing with the pictures.

Usage: zmq_receiver.py rep|sub HOST PORT
"""

import sys

from events import Stats
from streams import Zmq

stream = Zmq(sys.argv[1], sys.argv[2], int(sys.argv[3]))
stats = Stats()
while True:
    stream.read()
    stream.acknowledge()
    stats.count()
