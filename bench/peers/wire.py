"""camcat's wire format, enough of it for viewers."""

import json
import socket
import ssl
import struct
import time


def message(**fields):
    payload = json.dumps(fields).encode()
    return struct.pack(">I", len(payload)) + payload


HELLO = message(type="hello", version=1)
SECURE = message(type="secure", version=1)
PROOF_BYTES = 32


def age_ms(jpeg):
    """The age of a picture of camera.py."""
    captured, = struct.unpack_from(">Q", jpeg, 6)
    return (time.monotonic_ns() - captured) / 1e6


class Viewer:
    """A viewer, one that acknowledges or a bare one; whoever uses it decides when it reads."""

    def __init__(self, port, acknowledges=True, receive_buffer=None, identity=None):
        self.acknowledges = acknowledges
        self.seq = 0
        self._buffer = memoryview(bytearray(1 << 20))
        self._start = self._end = 0
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if identity is not None:
            self._encrypt(identity)
        if acknowledges:
            self.socket.sendall(HELLO)

    def _encrypt(self, identity):
        """With a key the viewer is the server of TLS; identity is a PEM file."""
        self.socket.sendall(SECURE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        proof = b""
        while len(proof) < PROOF_BYTES:
            proof += self.socket.recv(PROOF_BYTES - len(proof))

    @property
    def pending(self):
        """Whether something is there that no poll would tell of."""
        return isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def read(self):
        """Reads once. Gives the JPEGs that are complete now; the next read overwrites them."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._start > len(self._buffer) // 2:
            rest = bytes(self._buffer[self._start:self._end])
            self._buffer[:len(rest)] = rest
            self._start, self._end = 0, len(rest)
        count = self.socket.recv_into(self._buffer[self._end:])
        if count == 0:
            raise EOFError("the sender closed the connection")
        self._end += count
        jpegs = []
        while self._end - self._start >= 4:
            length, = struct.unpack_from(">I", self._buffer, self._start)
            at = self._start + 4
            if self._end - at < length:
                break
            payload = self._buffer[at:at + length]
            self._start = at + length
            if payload[0] == 0xff:
                jpegs.append(payload)
            else:
                self._control(json.loads(bytes(payload)))
        return jpegs

    def acknowledge(self):
        if self.acknowledges:
            self.socket.sendall(message(type="ack", seq=self.seq))

    def _control(self, fields):
        if fields["type"] == "frame":
            self.seq = fields["seq"]
        elif fields["type"] == "ping":
            clock = time.time() * 1000
            self.socket.sendall(message(type="pong", time=fields["time"], clock=clock))
