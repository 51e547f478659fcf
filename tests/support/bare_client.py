"""Writes the next COUNT frames of a sender, JPEG after JPEG: bare_client.py HOST PORT COUNT"""
import socket, struct, sys

stream = socket.create_connection((sys.argv[1], int(sys.argv[2]))).makefile("rb")
for _ in range(int(sys.argv[3])):
    (length,) = struct.unpack(">I", stream.read(4))
    sys.stdout.buffer.write(stream.read(length))
