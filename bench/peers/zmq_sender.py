"""ImageZMQ's pattern for pictures that are ready: MJPEG on standard input, messages of two parts.

  req  waits for an answer after each (ImageZMQ's default): one viewer
  pub  publishes to whoever is there

Usage: zmq_sender.py req|pub HOST PORT
"""

import sys

import zmq

from jpegs import jpegs

how, host, port = sys.argv[1:4]
sender = zmq.Context.instance().socket(zmq.PUB if how == "pub" else zmq.REQ)
sender.bind(f"tcp://{host}:{port}")
for jpeg in jpegs():
    sender.send_json({"msg": "camera"}, zmq.SNDMORE)
    sender.send(jpeg, copy=False)
    if how == "req":
        sender.recv()
