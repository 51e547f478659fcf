"""The tutorials' senders with OpenCV, to one client, at a video's own pace.

  jpeg    decodes the video, encodes each picture anew (quality 90), a length of 4 bytes before it
  pickle  sends pixels, decoded beforehand, pickled, a length of 8 bytes before them

Usage: opencv_sender.py jpeg|pickle FILE FPS HOST PORT
"""

import itertools
import pickle
import socket
import struct
import sys
import time

import cv2

from events import Stats, tell

READY = 16  # pictures kept as pixels

how, file, fps = sys.argv[1], sys.argv[2], float(sys.argv[3])


def decoded():
    while True:
        capture = cv2.VideoCapture(file)
        while (read := capture.read())[0]:
            yield read[1]


def paced(pictures):
    due = time.monotonic()
    for picture in pictures:
        due = max(due + 1 / fps, time.monotonic())
        time.sleep(max(0, due - time.monotonic()))
        yield picture


pictures = decoded()
if how == "pickle":
    pictures = itertools.cycle(list(itertools.islice(pictures, READY)))
listener = socket.create_server((sys.argv[4], int(sys.argv[5])))
tell("listening")
client, _ = listener.accept()
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
stats = Stats()
try:
    for picture in paced(pictures):
        if how == "jpeg":
            _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
            stamp = struct.pack(">HHH", 0xffd8, 0xfffe, 18) + b"%016x" % time.monotonic_ns()
            data = stamp + jpeg.tobytes()[2:]
            client.sendall(struct.pack(">I", len(data)) + data)
        else:
            picture.reshape(-1)[:8] = list(struct.pack("Q", time.monotonic_ns()))
            data = pickle.dumps(picture)
            client.sendall(struct.pack("Q", len(data)) + data)
        stats.count()
except (BrokenPipeError, ConnectionResetError):
    pass
