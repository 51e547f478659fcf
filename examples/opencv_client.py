"""Prints the size and the mean brightness of the next COUNT pictures of a sender, with OpenCV.

    sender --http 127.0.0.1:8080
    python3 opencv_client.py URL COUNT

URL is the stream of the address that the sender shows, with its token as the password:
http://x:TOKEN@127.0.0.1:8080/stream.mjpg. docs/http.md says more.
"""

import sys

import cv2  # Debian: python3-opencv

url, count = sys.argv[1], int(sys.argv[2])
capture = cv2.VideoCapture(url)
for _ in range(count):
    is_read, picture = capture.read()
    if not is_read:
        sys.exit("Cannot read a picture: the sender must serve " + url)
    height, width, _ = picture.shape
    print(f"{width}x{height}, brightness {picture.mean():.0f}")
