"""Real servers with little to do, and what stands in for applications: all that an agent can ask."""

import ctypes
import fcntl
import http.server
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

DATAGRAMS_PER_SECOND = 100
# As systemd sets it at boot; the kernel's own is 10.
USUAL_QUEUE = 512
QUEUE_SETTING = pathlib.Path("/proc/sys/net/unix/max_dgram_qlen")


def datagram_queue():
    """How many datagrams wait at a socket of this process and its children.

    As systemd sets it, if need be in a network of its own: to change it for all is not for a
    benchmark."""
    if int(QUEUE_SETTING.read_text()) < USUAL_QUEUE and os.geteuid() == 0:
        own_network()
    return int(QUEUE_SETTING.read_text())


def own_network():
    new_network, set_flags, is_up = 0x40000000, 0x8914, 1
    if ctypes.CDLL(None).unshare(new_network) != 0:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh22x", b"lo", is_up))
    try:
        QUEUE_SETTING.write_text(str(USUAL_QUEUE))
    except OSError:
        # A container may not let anybody write there; the figure says so.
        pass


def program(*names):
    """The path of a program that is installed under one of the names; nothing when none is."""
    path = "/usr/sbin:/usr/local/sbin:" + os.environ["PATH"]
    return next(filter(None, (shutil.which(name, path=path) for name in names)), None)


def needed(name):
    return program(name) or sys.exit(name + " is not installed; install it with: script/bootstrap")


class MetricsPage(http.server.BaseHTTPRequestHandler):
    """A page as a small service has it: a hundred series, three of them of interest."""

    protocol_version = "HTTP/1.1"
    started = time.monotonic()

    def do_GET(self):
        age = time.monotonic() - self.started
        lines = ["# TYPE other_seconds_bucket counter"]
        lines += [f'other_seconds_bucket{{path="/p{n}",le="0.5"}} {n}' for n in range(97)]
        lines += [
            f'requests_total{{code="200"}} {int(age * 100)}',
            f'requests_total{{code="500"}} {int(age)}',
            "workers_busy_ratio 0.25",
        ]
        body = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve_metrics():
    """The port of the page, which ends with this process."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), MetricsPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body; proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi; uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{ listen 127.0.0.1:{port}; location /status {{ stub_status; }} }}
}}
"""

HAPROXY = """
global
    stats socket {folder}/haproxy.sock mode 600 level user
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend web
    bind {folder}/haproxy-web.sock
    default_backend app
backend app
    server one 127.0.0.1:{port}
    server two 127.0.0.1:{port}
"""

PHP_FPM = """
[global]
error_log = {folder}/php-fpm.log
daemonize = no
[www]
{owner}
listen = {folder}/php-fpm.sock
pm = static
pm.max_children = 2
pm.status_path = /status
"""

PAGE = """
prometheus = http://127.0.0.1:{page}/metrics
requests = requests_total
errors = requests_total{{code="5*"}}
load = workers_busy_ratio
"""

POOL_STATUS = b"""Content-type: text/plain;charset=UTF-8\r\n\r
pool:                 www
accepted conn:        12073
listen queue:         0
max listen queue:     0
idle processes:       1
active processes:     1
total processes:      2
"""


def stand_in_for_php(path):
    """Answers as a pool of php-fpm does, where none is installed."""
    answer = b"".join(
        struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content
        for kind, content in [(6, POOL_STATUS), (3, bytes(8))])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve():
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()


SECTIONS = {
    "nginx": """
[service web]
port = {port}
nginx = http://127.0.0.1:{port}/status
""",
    "haproxy": """
[service proxy]
haproxy = {folder}/haproxy.sock
""",
    "php-fpm": """
[service php]
php-fpm = {folder}/php-fpm.sock
""",
    "prometheus": "[service metrics]" + PAGE,
    "file": """
[service file]
file = {folder}/figures
file-age = 3600s
""",
    "exec": """
[service program]
exec = /bin/echo load 0.25
{exec_user}
""",
    "statsd": """
[service application]
statsd = {folder}/statsd.sock
""",
}


class Servers:
    """nginx, HAProxy and php-fpm, a metrics page, a file, and an application that sends figures."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._processes = []
        self._is_ending = threading.Event()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        is_root = os.geteuid() == 0
        self._words = {
            "folder": folder, "port": port, "page": serve_metrics(),
            "owner": "user = root\ngroup = root" if is_root else "",
            "exec_user": "exec-user = nobody" if is_root else "",
        }
        nginx, haproxy, php = needed("nginx"), needed("haproxy"), program("php-fpm8.2", "php-fpm")
        self.is_php_real = bool(php)
        log = self.folder / "nginx.log"
        self._start(nginx, "-e", log, "-c", self._config("nginx.conf", NGINX))
        self._start(haproxy, "-db", "-f", self._config("haproxy.cfg", HAPROXY))
        if php:
            config = self._config("php-fpm.conf", PHP_FPM)
            self._start(php, *(["-R"] if is_root else []), "-F", "-y", config)
        else:
            stand_in_for_php(self.folder / "php-fpm.sock")
        self._write_figures(18234)
        self._await(lambda: socket.create_connection(("127.0.0.1", port)))
        for name in ["haproxy.sock", "php-fpm.sock"]:
            self._await(lambda: self._connect(name))
        self.accepted = 0
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()

    def sections(self, names=SECTIONS):
        """The part of an agent's configuration that asks all of this."""
        return "".join(SECTIONS[name].format(**self._words) for name in names)

    def end(self):
        self._is_ending.set()
        self._sender.join()
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.wait(timeout=30)

    def _config(self, name, text):
        (self.folder / name).write_text(text.format(**self._words))
        return self.folder / name

    def _start(self, *words):
        with open(self.folder / "servers.log", "ab") as log:
            self._processes.append(subprocess.Popen(words, stdout=log, stderr=log))

    def _connect(self, name):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self.folder / name))

    def _await(self, connect):
        deadline = time.monotonic() + 20
        while True:
            try:
                connect()
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    text = (self.folder / "servers.log").read_text()
                    sys.exit("a server does not answer: %s\n%s" % (error, text))
                time.sleep(0.05)

    def _write_figures(self, requests):
        """As a program does that replaces its file."""
        new = self.folder / "figures.new"
        new.write_text("requests %d\nerrors 12\nload 0.45\n" % requests)
        new.rename(self.folder / "figures")

    def _send(self):
        """An even stream of datagrams, as of an application that sends one for each request."""
        address = str(self.folder / "statsd.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            began, count = time.monotonic(), 0
            while not self._is_ending.wait(
                    max(0, began + count / DATAGRAMS_PER_SECOND - time.monotonic())):
                count += 1
                if count % DATAGRAMS_PER_SECOND == 0:
                    self._write_figures(18234 + count)
                try:
                    out.sendto(b"requests:1|c\ntime:12.5|ms", address)
                    self.accepted += 1
                except OSError:
                    # The queue is full, or the agent has not made its socket yet.
                    pass
