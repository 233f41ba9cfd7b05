"""Servers of this machine that fail in every way, and say back whatever they were sent."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from canaries import PASSPHRASE, SECRET


class _Http(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Who hangs up early is no news, and what is printed here would be taken for ours."""


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None: ...


class Echo:
    """A venue and a Slack. `status`: of every answer, but where a wallet asks for its API key."""

    def __init__(self) -> None:
        self.status = 401
        self.paths: list[str] = []
        echo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                echo.paths.append(self.path)
                length = int(self.headers.get("content-length") or 0)
                sent = self.rfile.read(length).decode()
                if "derive-api-key" in self.path:
                    keys = {"apiKey": "an-id", "secret": SECRET, "passphrase": PASSPHRASE}
                    self._say(200, keys)
                else:
                    words = [self.path, sent, *self.headers.values()]
                    if PASSPHRASE in words:  # it knows whom it speaks to, and both of his secrets
                        words = [PASSPHRASE, SECRET, *words]
                    self._say(echo.status, {"error": {"message": said_back(words)}})

            do_POST = do_DELETE = do_GET  # noqa: N815 - http.server names them so

            def _say(self, status: int, body: Any) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None: ...

        self._server = _Http(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def said_back(words: list[str]) -> str:
    """The secrets first: what is shown of an error is cut."""
    words = sorted(words, key=lambda each: (each not in (PASSPHRASE, SECRET), len(each)))
    ways = (
        lambda each: each,
        lambda each: quote(each, safe=""),
        lambda each: each.encode().hex(),
        lambda each: base64.b64encode(each.encode()).decode(),
    )
    return " ".join(way(each) for way in ways for each in words if len(each) > 11)


class MailEcho:
    """A mail server that takes no password, and repeats it."""

    def __init__(self) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 here\r\n")
                for line in self.rfile:
                    if line[:4].upper() in (b"EHLO", b"HELO"):
                        self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
                    else:
                        sent = line.strip().rpartition(b" ")[2]
                        with suppress(ValueError):
                            sent += b" " + base64.b64decode(sent).replace(b"\0", b" ")
                        self.wfile.write(b"535 no: " + sent + b"\r\n")

        self._server = _Tcp(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()
