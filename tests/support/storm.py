# Attacks on a port of this machine: storm.py PORT KIND [SECONDS]. Prints a line when it has begun.
import json, socket, struct, sys, time

port, kind = int(sys.argv[1]), sys.argv[2]
end = time.time() + float(sys.argv[3] if len(sys.argv) > 3 else 600)
hello, secure, pong = (
    struct.pack(">I", len(text)) + text
    for text in (json.dumps(message).encode() for message in (
        {"type": "hello", "version": 1}, {"type": "secure", "version": 1},
        {"type": "pong", "time": 1, "clock": 1}))
)
held = []


def connect():
    connection = socket.create_connection(("127.0.0.1", port), timeout=1)
    return connection


def once():
    if kind == "resets":  # 1000 a second, reset while they wait to be accepted
        burst = [connect() for _ in range(100)]
        for connection in burst:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        time.sleep(0.1)
    elif kind == "clear":  # no key, one after another
        connection = connect()
        connection.sendall(hello)
        connection.close()
    elif kind in ("silent", "secure", "held"):
        held.append(connect())
        if kind == "secure" or (kind == "held" and len(held) % 2):
            held[-1].sendall(secure)
        if kind == "held" and len(held) == 200:
            print("begun", flush=True)
            time.sleep(max(0, end - time.time()))
        elif len(held) > 300:
            held.pop(0).close()
    elif kind == "pongs":  # as fast as the sender reads
        if not held:
            held.append(connect())
            held[0].sendall(hello)
        held[0].sendall(pong * 1000)


count = 0
while time.time() < end:
    try:
        once()
    except OSError:
        time.sleep(0.01)
    count += 1
    if count == 3 and kind != "held":
        print("begun", flush=True)
