"""What an embedded broker reads and how it is started: pure text and command lines.

One node of KRaft, broker and controller in one process, reachable from this machine only.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

HOST = "127.0.0.1"


def server_properties(
    folder: Path, port: int, controller_port: int, extra: Mapping[str, str]
) -> str:
    """The text of server.properties. `extra` comes last, so it wins.

    The clients' listener is called CLIENT: TLS or SASL is a matter of `extra` mapping that name
    to another protocol.
    """
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        # A static quorum: unlike the dynamic one it lets the controller change its port at the
        # next start, when the old one may be taken.
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "CLIENT",
        "listeners": f"CLIENT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"CLIENT://{HOST}:{port}",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(folder / "kafka"),
        # A topic made by accident has one partition and no compaction; a missing one is an error.
        "auto.create.topics.enable": "false",
        "num.partitions": "6",
        # One node cannot replicate.
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # Fifty partitions each by default, made at the first group and the first transaction.
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.num.partitions": "4",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # A killed scorer's transaction holds up its partitions until the broker looks at timeouts.
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
        **extra,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def log_configuration(log: Path) -> str:
    """The text of log4j2.properties: one file of 10 MB, one kept before it."""
    return f"""\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {log}
appender.file.filePattern = {log}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %m (%c{{1}})%n%throwable
appender.file.policies.type = SizeBasedTriggeringPolicy
appender.file.policies.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 1
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


def commands(
    java: Path, jars: Sequence[Path], folder: Path, cluster_id: str | None
) -> list[list[str]]:
    """Command lines: format the data folder (only where `cluster_id` is given), then serve."""
    java_line = [
        "-Xmx512m",
        "-XX:+UseSerialGC",
        # Nothing outside the folder: neither native libraries nor performance counters in /tmp.
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        "-cp",
        ":".join(map(str, jars)),
    ]
    server_file = str(folder / "server.properties")
    serve = [str(java), *java_line, "kafka.Kafka", server_file]
    if cluster_id is None:
        return [serve]
    # One second's work: the optimising compiler would not earn its keep.
    short_lived = [str(java), "-XX:TieredStopAtLevel=1", *java_line]
    format_line = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", server_file]
    return [[*short_lived, *format_line], serve]
