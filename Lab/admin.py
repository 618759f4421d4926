"""What the master knows, asked on its socket: what `poise ls -o json` prints, without an exec."""

import http.client
import json
import socket


class NoAnswer(OSError):
    """The master is not there, or does not answer with 200."""


def snapshot(path):
    """The whole of it, as of now, from the master whose socket is at that path."""
    return ask(path, "GET", "/api/v1/snapshot")


def ask(path, method, resource):
    """The JSON that it answers to a request."""
    connection = _UnixConnection(path)
    try:
        connection.request(method, resource)
        answer = connection.getresponse()
        body = answer.read()
    except http.client.HTTPException as error:
        raise NoAnswer("%s: %r" % (path, error)) from None
    finally:
        connection.close()
    if answer.status != 200:
        raise NoAnswer("%s: status %d" % (path, answer.status))
    return json.loads(body)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
