"""Streams of frames as different programs send them, read as their bytes come."""

import pickle
import re
import socket
import struct
import time

STAMP = struct.pack(">HHH", 0xffd8, 0xfffe, 18)  # of camera.py


def captured_ms(jpeg):
    """When a picture of camera.py was captured, on this machine's monotonic clock."""
    if bytes(jpeg[:6]) != STAMP:
        return None  # a picture as it is in the file
    return int(bytes(jpeg[6:22]), 16) / 1e6


class Stream:
    """A connection; whoever uses it decides when it reads. How frames are told apart is _next."""

    room = 1 << 20

    def __init__(self, host, port, receive_buffer=None):
        self._buffer = memoryview(bytearray(self.room))
        self._start = self._end = 0
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self):
        return self.socket.fileno()

    def ready(self, polled):
        """Whether there is something to read; polled tells whether a poll has just said so."""
        return polled

    def read(self):
        """Reads once. Gives the frames that are complete now; the next read overwrites them."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._end == len(self._buffer) or self._start > len(self._buffer) // 2:
            rest = bytes(self._buffer[self._start:self._end])
            self._buffer[:len(rest)] = rest
            self._start, self._end = 0, len(rest)
        count = self.socket.recv_into(self._buffer[self._end:])
        if count == 0:
            raise EOFError("the sender closed the connection")
        self._end += count
        frames = []
        while (part := self._next(self._buffer[self._start:self._end])) is not None:
            frame, taken = part
            self._start += taken
            if frame is not None:
                frames.append(frame)
        return frames

    def acknowledge(self):
        """Tells that the frames have been dealt with, where that is told."""

    def captured_ms(self, frame):
        return captured_ms(frame)

    def _next(self, data):
        """The next frame, or None for what is none, and the bytes it takes; None if incomplete."""
        raise NotImplementedError


class Lengths(Stream):
    """A length of 4 bytes before each JPEG."""

    def _next(self, data):
        if len(data) < 4:
            return None
        length, = struct.unpack_from(">I", data)
        return (data[4:4 + length], 4 + length) if len(data) >= 4 + length else None


class Multipart(Stream):
    """Parts with a Content-Length, as ffmpeg and GStreamer write them."""

    def _next(self, data):
        head = bytes(data[:512])
        if (end := head.find(b"\r\n\r\n")) < 0:
            return None
        length = re.search(rb"(?i)content-length: *(\d+)", head[:end])
        if length is None:
            return None, end + 4
        taken = end + 4 + int(length[1])
        return (data[end + 4:taken], taken) if len(data) >= taken else None


class Raw(Stream):
    """JPEGs one after another, nothing between them."""

    def _next(self, data):
        end = bytes(data).find(b"\xff\xd9")
        return (data[:end + 2], end + 2) if end >= 0 else None


class Pickled(Stream):
    """A length of 8 bytes before a pickled array of pixels: the time is in the first of them."""

    room = 1 << 24

    def _next(self, data):
        if len(data) < 8:
            return None
        length, = struct.unpack_from("Q", data)
        if len(data) < 8 + length:
            return None
        return pickle.loads(data[8:8 + length]), 8 + length

    def captured_ms(self, frame):
        return struct.unpack("Q", frame[0, :3].tobytes()[:8])[0] / 1e6


class Zmq:
    """Messages of two parts, of a PUB or of a REQ that waits for an answer to each."""

    def __init__(self, kind, host, port):
        import zmq
        self._zmq = zmq
        self._kind = kind
        self._socket = zmq.Context.instance().socket(zmq.SUB if kind == "sub" else zmq.REP)
        if kind == "sub":
            self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._socket.connect(f"tcp://{host}:{port}")

    def fileno(self):
        return self._socket.fileno()

    def ready(self, polled):
        return bool(self._socket.getsockopt(self._zmq.EVENTS) & self._zmq.POLLIN)

    def read(self):
        _, jpeg = self._socket.recv_multipart()
        return [jpeg]

    def acknowledge(self):
        if self._kind == "rep":
            self._socket.send(b"OK")

    def captured_ms(self, frame):
        return captured_ms(frame)


def now_ms():
    return time.monotonic_ns() / 1e6
