"""Everything that a demo starts: broker, topics, keys, model, services; and takes down again."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from cli.demo.children import Child, start, wait_until_ready
from cli.demo.plan import DemoPlan
from cli.plan_settings import read_watch
from registry.keys import write_keys
from registry.signature import new_key
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import Topics
from selfheal.model.costs import costs_toml
from selfheal.model.folder import write_folder
from selfheal.model.model import Model
from selfheal.records.thresholds import Thresholds
from selfheal.telemetry.export import thresholds_json, write_whole

Say = Callable[[str], None]


@dataclass(slots=True)
class Stack:
    """The running system.

    services:   scorers and healer
    thresholds: of the article's watch, as its file holds them
    folder:     of the results; the logs are there too
    producer:   None until it is started, when the services are ready
    """

    bus: BusSettings
    topics: Topics
    services: list[Child]
    thresholds: Thresholds
    folder: Path
    plan: DemoPlan
    producer: Child | None = None

    def start_producer(self) -> Child:
        """Begin to send the stream."""
        plan = self.plan
        settings = {
            **plan.producer,
            "bootstrap": self.bus.bootstrap,
            "prefix": self.bus.prefix,
            "scenario": plan.scenario,
            "seed": str(plan.seed),
            "transactions": str(plan.transactions),
        }
        if plan.rate is not None:
            settings["rate"] = str(plan.rate)
        self.producer = start("producer", "producer-1", settings, self.folder / "logs")
        return self.producer

    def stop(self) -> None:
        """Take everything down in order: no scorer loses what it has begun."""
        if self.producer is not None:
            self.producer.stop()
        for service in self.services:
            service.stop()


@contextmanager
def running(
    plan: DemoPlan, folder: Path, bootstrap: str | None, prefix: str, model: Model, say: Say
) -> Generator[Stack]:
    """The system, ready to score. Raises BusError, ChildFailedError."""
    with ExitStack() as stack:
        if bootstrap is None:
            say("starting Apache Kafka")
            bootstrap = stack.enter_context(EmbeddedBroker()).bootstrap
        bus, topics = BusSettings(bootstrap, prefix, client_id="selfheal-demo"), Topics(prefix)
        create_topics(bus, topics.specs())
        write_folder(folder / "model", model)
        thresholds = read_watch(plan.thresholds)
        write_whole(folder / "threshold_config.json", thresholds_json(thresholds))
        say(f"starting {plan.scorers} scorers and the healer")
        services = _services(plan, folder, bus)
        demo = Stack(bus, topics, services, thresholds, folder, plan)
        stack.callback(demo.stop)
        wait_until_ready(services)
        yield demo


def _services(plan: DemoPlan, folder: Path, bus: BusSettings) -> list[Child]:
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    pair = new_key()
    private, public = write_keys(folder / "keys", pair)
    shared = {
        "bootstrap": bus.bootstrap,
        "prefix": bus.prefix,
        "model": str(folder / "model"),
        "public_keys": str(public.parent),
    }
    healing = {"seed": str(plan.seed), **plan.healing}
    costs: dict[str, str] = {}
    if plan.costs is not None:
        costs["costs"] = str(folder / "costs.toml")
        write_whole(folder / "costs.toml", costs_toml(plan.costs).encode())
    healer = {
        **plan.healer,
        **shared,
        **costs,
        "policy": plan.policy,
        "signing_key": str(private),
        "thresholds": str(folder / "threshold_config.json"),
        "healing": orjson.dumps(healing).decode(),
    }
    scorer = {"summary_interval_s": "2", **plan.scorer, **shared}
    logs = folder / "logs"
    scorers = [start("consumer", f"scorer-{n + 1}", scorer, logs) for n in range(plan.scorers)]
    return [*scorers, start("healer", "healer-1", healer, logs)]
