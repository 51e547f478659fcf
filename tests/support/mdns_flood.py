"""Sends mDNS packets as fast as it can, until it is killed: damaged ones, and fake cameras."""
import os, random, socket, struct, sys

out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
out.bind((sys.argv[1], 5353))
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
SERVICE = b"\x07_camcat\x04_tcp\x05local\0"


def record(name, kind, data):
    return name + struct.pack(">HHIH", kind, 0x8001, 120, len(data)) + data


def fake(number):
    instance = b"\x0cfake %07d" % number + b"\x07_camcat\x04_tcp\x05local\0"
    host = b"\x03bad\x05local\0"
    records = [
        record(SERVICE, 12, instance),
        record(instance, 33, struct.pack(">HHH", 0, 0, 1) + host),
        record(instance, 16, b"\x03v=1\x0akey=needed" + b"\xff" + b"x" * 255),
        record(host, 1, os.urandom(4)),
    ]
    return struct.pack(">HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


query = struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + SERVICE + struct.pack(">HH", 12, 1)
print("started", flush=True)
number = 0
while True:
    number += 1
    for packet in (fake(number % 10_000_000), os.urandom(random.randrange(1400)), query):
        try:
            out.sendto(packet, ("224.0.0.251", 5353))
        except OSError:
            pass
