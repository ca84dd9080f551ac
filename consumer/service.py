"""The scorer as a service: everything that it needs, opened in order, around its rounds."""

import gc
from contextlib import ExitStack

from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from consumer.adapter_log import AdapterLog
from consumer.reporting import Reporter
from consumer.scorer import Scorer
from consumer.settings import ScorerSettings
from registry.acceptance import Acceptance
from registry.feed import AdapterFeed
from registry.keys import read_verifier
from selfheal.bus.reader import LogReader
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.runtime.settings import SettingsError
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import MetricsServer


def run(settings: ScorerSettings, stopping: StopSignal) -> None:
    """Score until asked to stop; then commit, leave the group and return.

    Raises SettingsError, ModelError, BusError, RegistryError, and SafetyLimitError where the input
    is not what the schema says.
    """
    model = read_folder(settings.model)
    feed = AdapterFeed(_acceptance(settings, model))
    bus, topics = settings.bus(), Topics(settings.prefix)
    require_topics(bus, [spec.name for spec in topics.specs()])
    with ExitStack() as stack:
        # One thread multiplies as fast as several where the arrays are this small, and several
        # that wait for each other on cores in use took ten times as long.
        stack.enter_context(threadpool_limits(1, user_api="blas"))
        writer = stack.enter_context(Writer(bus))
        reporter = Reporter(settings, topics, writer, model.hash)
        reader = stack.enter_context(LogReader(bus, [topics.adapters]))
        adapters = stack.enter_context(AdapterLog(reader, feed, reporter.refused))
        scorer = Scorer(settings, model, adapters, reporter)
        stack.enter_context(_endpoint(settings, reporter, scorer))
        _spare_the_collector()
        with reporter.lifetime(stopping), scorer.stream:
            while not stopping:
                scorer.turn()


def _acceptance(settings: ScorerSettings, model: Model) -> Acceptance:
    """What is demanded of an adapter: a known signature, a backbone that runs, shapes that fit."""
    if settings.require_signature and settings.public_keys is None:
        raise SettingsError("public_keys: missing, expected a folder, or require_signature = false")
    verifier = read_verifier(settings.public_keys) if settings.public_keys else None
    return Acceptance.running(model, verifier)


def _endpoint(settings: ScorerSettings, reporter: Reporter, scorer: Scorer) -> MetricsServer:
    """Answers with the scorer's metrics, and whether it is ready."""
    return MetricsServer(
        reporter.meters,
        live=lambda: "",
        ready=scorer.waits_for,
        host=settings.metrics_host,
        port=settings.metrics_port,
    )


def _spare_the_collector() -> None:
    """Let garbage collections be rare: a batch's records are gone without any, by their counts.

    By default there is one a batch, and each in a while goes through all that was ever imported:
    3 to 4 % of the scorer's time.
    """
    gc.freeze()
    gc.set_threshold(10_000)
