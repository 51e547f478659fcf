"""camcat's wire format, enough of it for viewers."""

import json
import ssl
import struct
import time

from streams import Lengths


def message(**fields):
    payload = json.dumps(fields).encode()
    return struct.pack(">I", len(payload)) + payload


HELLO = message(type="hello", version=1)
SECURE = message(type="secure", version=1)
PROOF_BYTES = 32


class Viewer(Lengths):
    """A viewer, one that acknowledges or a silent one."""

    def __init__(self, port, acknowledges=True, receive_buffer=None, identity=None,
                 host="127.0.0.1"):
        super().__init__(host, port, receive_buffer)
        self.acknowledges = acknowledges
        self.seq = 0
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

    def ready(self, polled):
        return polled or isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0

    def acknowledge(self):
        if self.acknowledges:
            self.socket.sendall(message(type="ack", seq=self.seq))

    def _next(self, data):
        part = super()._next(data)
        if part is None or part[0][0] == 0xff:
            return part
        self._control(json.loads(bytes(part[0])))
        return None, part[1]

    def _control(self, fields):
        if fields["type"] == "frame":
            self.seq = fields["seq"]
        elif fields["type"] == "ping":
            clock = time.time() * 1000
            self.socket.sendall(message(type="pong", time=fields["time"], clock=clock))
