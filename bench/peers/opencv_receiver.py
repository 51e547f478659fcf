"""The tutorials' receivers with OpenCV: pieces of 4096 bytes put together, then decoded.

Usage: opencv_receiver.py jpeg|pickle HOST PORT [show]
"""

import pickle
import socket
import struct
import sys

import cv2
import numpy

from events import Stats

how, show = sys.argv[1], len(sys.argv) > 4
head = ">I" if how == "jpeg" else "Q"
client = socket.create_connection((sys.argv[2], int(sys.argv[3])))
stats = Stats()
data = b""


def fill(size):
    global data
    while len(data) < size:
        piece = client.recv(4096)
        if not piece:
            sys.exit()
        data += piece


while True:
    fill(struct.calcsize(head))
    size, = struct.unpack_from(head, data)
    data = data[struct.calcsize(head):]
    fill(size)
    frame, data = data[:size], data[size:]
    if how == "jpeg":
        picture = cv2.imdecode(numpy.frombuffer(frame, numpy.uint8), cv2.IMREAD_COLOR)
    else:
        picture = pickle.loads(frame)
    if show:
        cv2.imshow("picture", picture)
        cv2.waitKey(1)
    else:
        stats.count()
