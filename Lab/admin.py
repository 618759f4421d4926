"""What the master knows and is told, on its socket: what `poise` does, without an exec."""

import http.client
import json
import socket


class NoAnswer(OSError):
    """The master is not there, or does not answer with 200."""


def snapshot(path):
    """The whole of it, as of now, from the master whose socket is at that path."""
    status, answer = ask(path, "GET", "/api/v1/snapshot")
    if status != 200:
        raise NoAnswer("%s: status %d" % (path, status))
    return answer


def ask(path, method, target, body=None):
    """The status and the body of any answer; `body` goes with what changes something."""
    connection = _UnixConnection(path)
    try:
        connection.request(method, target, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except http.client.HTTPException as error:
        raise NoAnswer("%s: %r" % (path, error)) from None
    finally:
        connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
