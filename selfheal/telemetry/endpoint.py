"""The HTTP endpoint of a service: /metrics for Prometheus, /live and /ready for an orchestrator."""

import logging
import socket
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, ClassVar, Self, cast

from prometheus_client.exposition import choose_encoder

from selfheal.telemetry.errors import EndpointError
from selfheal.telemetry.meters import Meters

_logger = logging.getLogger(__name__)

Check = Callable[[], str]
"""What is wrong, in one line for an operator; empty when nothing is."""


class MetricsServer:
    """Answers on one port, from threads of its own, between `start` and `close` (or in a `with`).

    live:  what is wrong with the process, so that only a restart helps
    ready: what it still waits for, so that no work should be sent to it
    host:  loopback unless told otherwise; port: 0 takes a free one, see `address`
    A check runs at each request, in the server's thread. One that raises counts as a fault.
    """

    def __init__(
        self,
        meters: Meters,
        *,
        live: Check,
        ready: Check,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._answers: dict[str, Callable[[str], _Answer]] = {
            "/metrics": lambda accept: _metrics(meters, accept),
            "/live": lambda accept: _checked(live),
            "/ready": lambda accept: _checked(ready),
        }
        self._address = (host, port)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on. Raises EndpointError before `start` and after `close`."""
        if self._server is None:
            raise EndpointError("the metrics endpoint listens from start() to close() only")
        return self._server.server_name, self._server.server_port

    def start(self) -> Self:
        """Listen. Raises EndpointError where the port is taken or the host is not this machine."""
        host, port = self._address
        try:
            self._server = _Server(host, port, self._answers)
        except OSError as error:
            raise EndpointError(
                f"metrics endpoint {host}:{port}: {error.strerror or error}, expected a free port "
                "of this machine; set another one, or 0 for any free port"
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},  # how long close() waits
            name="metrics-endpoint",
            daemon=True,
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening. A second call does nothing."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


_Answer = tuple[HTTPStatus, str, bytes]
"""Status, content type, body."""


def _metrics(meters: Meters, accept: str) -> _Answer:
    encoder, content_type = choose_encoder(accept)
    return HTTPStatus.OK, content_type, encoder(meters.registry)


def _checked(check: Check) -> _Answer:
    try:
        fault = check()
    except Exception as error:  # an orchestrator must get an answer; the class says where to look
        fault = f"the check itself failed: {type(error).__name__}"
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    return status, "text/plain; charset=utf-8", f"{fault or 'ok'}\n".encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, answers: dict[str, Callable[[str], _Answer]]) -> None:
        self.answers = answers
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Request)

    def server_bind(self) -> None:
        # HTTPServer's own asks the DNS for the host's full name, which can take seconds
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong in an answer; a client that hangs up is no news."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            _logger.exception("no answer to a request")


class _Request(BaseHTTPRequestHandler):
    timeout: ClassVar[float | None] = 5.0  # a client that sends nothing does not keep its thread
    server_version = "selfheal"
    sys_version = ""

    def do_GET(self) -> None:
        answer = cast("_Server", self.server).answers.get(self.path.partition("?")[0])
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status, content_type, body = answer(self.headers.get("Accept", ""))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet: a line a scrape would drown the service's own."""
