"""Subscribers of a Redis channel that read everything and do nothing with it.

Usage: subscribers.py PORT CHANNEL COUNT
"""

import select
import socket
import sys

from events import tell

port, channel, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
poll = select.epoll()
subscribers = {}
for _ in range(count):
    subscriber = socket.create_connection(("127.0.0.1", port))
    subscriber.sendall(f"SUBSCRIBE {channel}\r\n".encode())
    subscribers[subscriber.fileno()] = subscriber
    poll.register(subscriber, select.EPOLLIN)
tell("subscribed")
buffer = bytearray(1 << 18)
while True:
    for number, _ in poll.poll():
        subscribers[number].recv_into(buffer)
