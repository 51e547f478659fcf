"""
Sends mDNS packets until it is killed. Its second argument says which: "many", as fast as it can,
damaged ones and fake cameras; "costly", 400 a second that ask and know as much as a packet can.
"""
import os, random, socket, struct, sys, time

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

pointer = b"\xc0\x0c"
question = struct.pack(">HH", 12, 1)
known = pointer + struct.pack(">HHIH", 12, 1, 120, 2) + pointer
costly = struct.pack(">HHHHHH", 0, 0, 128, 128, 0, 0) + b"\x01A" * 125 + b"\0" + question
costly += (pointer + question) * 127 + known * 128


def send(packet):
    try:
        out.sendto(packet, ("224.0.0.251", 5353))
    except OSError:
        pass


print("started", flush=True)
while sys.argv[2] == "costly":
    send(costly)
    time.sleep(1 / 400)
number = 0
while True:
    number += 1
    for packet in (fake(number % 10_000_000), os.urandom(random.randrange(1400)), query):
        send(packet)
