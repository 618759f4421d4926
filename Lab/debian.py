"""Real servers from Debian on the real servers of the cluster, for checks to ask.

Each tells a site's state in its own protocol. `start(wrong=True)` is a server that is there, answers,
and is not what it should be.
"""

import os
import subprocess
import sys

FOLDER = "/run/lab"
SITE = "site.test"
ADDRESS, OTHER_ADDRESS = "192.0.2.1", "192.0.2.9"

_NGINX = """\
daemon off;
master_process off;
error_log stderr warn;
pid {folder}/nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{
    listen {address}:8080;
    location = /health {{ return 200 "{page}\\n"; }}
  }}
  server {{
    listen {address}:8443 ssl;
    ssl_certificate {certificate}.pem;
    ssl_certificate_key {certificate}.key;
    location = /health {{ return {status} "well\\n"; }}
  }}
}}
"""

_REFUSING_MAIL = """
import socket
listener = socket.create_server(("%s", 25))
while True:
    connection, _ = listener.accept()
    connection.sendall(b"554 no mail here\\r\\n")
    connection.close()
"""

_AUTHORITY = """\
[ca]
default_ca = all
[all]
new_certs_dir = {folder}
database = {folder}/index
serial = {folder}/serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


class _Program:
    """One server program of a real server."""

    def __init__(self, cluster, server):
        self._cluster, self._server = cluster, server
        self._process = None
        self.folder = "%s/%s" % (FOLDER, server.name)
        os.makedirs(self.folder, exist_ok=True)

    def start(self, wrong=False):
        with open("%s/%s.log" % (self.folder, type(self).__name__), "ab") as log:
            self._process = self._cluster.start(
                self._server.name, *self._words(wrong), stdout=log, stderr=log)

    def stop(self):
        """It is gone when this returns, and its port refuses."""
        self._process.kill()
        self._process.wait()

    def restart(self, **how):
        self.stop()
        self.start(**how)


class Nginx(_Program):
    """http on 8080 and https on 8443, with /health."""

    def start(self, wrong=False, certificate="good"):
        with open(self.folder + "/nginx.conf", "w", encoding="ascii") as file:
            file.write(_NGINX.format(
                folder=self.folder, address=self._server.address,
                page="broken" if wrong else "well", status=503 if wrong else 200,
                certificate="%s/%s" % (FOLDER, certificate)))
        super().start()

    def _words(self, _wrong):
        return ["/usr/sbin/nginx", "-c", self.folder + "/nginx.conf", "-e", "stderr"]


class Dnsmasq(_Program):
    """dns: an address of SITE, and what its state is, as text."""

    def _words(self, wrong):
        return ["/usr/sbin/dnsmasq", "--conf-file=/dev/null", "--keep-in-foreground", "--no-resolv",
                "--no-hosts", "--log-facility=-", "--pid-file=", "--user=root", "--bind-interfaces",
                "--listen-address=" + self._server.address,
                "--host-record=%s,%s" % (SITE, OTHER_ADDRESS if wrong else ADDRESS),
                "--txt-record=%s,%s" % (SITE, "broken" if wrong else "well")]


class Mail(_Program):
    """smtp, by aiosmtpd."""

    def _words(self, wrong):
        if wrong:
            return [sys.executable, "-c", _REFUSING_MAIL % self._server.address]
        return [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink",
                "-l", self._server.address + ":25"]


def make_certificates(addresses):
    """In FOLDER: ca.pem, and good and expired .pem and .key for SITE at those addresses."""
    os.makedirs(FOLDER, exist_ok=True)
    _write("ca.conf", _AUTHORITY.format(folder=FOLDER))
    _write("index", "")
    _write("serial", "01\n")
    _openssl("req", "-x509", *_key("ca"), "-out", FOLDER + "/ca.pem", "-days", "30",
             "-subj", "/CN=ca")
    names = ",".join(["DNS:" + SITE, *("IP:" + address for address in addresses)])
    for name, first, last in [("good", "20200101000000Z", "20491231000000Z"),
                              ("expired", "20200101000000Z", "20200201000000Z")]:
        path = "%s/%s" % (FOLDER, name)
        _openssl("req", "-new", *_key(name), "-out", path + ".csr", "-subj", "/CN=" + SITE,
                 "-addext", "subjectAltName=" + names)
        _openssl("ca", "-batch", "-notext", "-config", FOLDER + "/ca.conf",
                 "-keyfile", FOLDER + "/ca.key", "-cert", FOLDER + "/ca.pem",
                 "-in", path + ".csr", "-out", path + ".pem", "-startdate", first,
                 "-enddate", last)


def _key(name):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "%s/%s.key" % (FOLDER, name)]


def _openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _write(name, text):
    with open("%s/%s" % (FOLDER, name), "w", encoding="ascii") as file:
        file.write(text)
