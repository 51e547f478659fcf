"""Connects to whatever server there is."""

from streams import Lengths, Multipart, Pickled, Raw, Zmq
from wire import Viewer

FRAMINGS = {"lengths": Lengths, "multipart": Multipart, "raw": Raw, "pickled": Pickled}


def connect(framing, host, port, identity=None):
    """A stream of frames; how they are told apart is given by name."""
    if framing == "camcat":
        return Viewer(port, host=host, identity=identity)
    if framing in ("sub", "rep"):
        return Zmq(framing, host, port)
    return FRAMINGS[framing](host, port)
