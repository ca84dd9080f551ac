"""What a measurement runs on: a Kafka of its own, topics, keys, a trained model, scorers."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.demo.backbone import trained
from cli.demo.children import Child, start
from producer.scenarios import scenario
from producer.stream import Stream
from registry.keys import write_keys
from registry.signature import new_key
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import DATA_PARTITIONS, Topics, TopicSpec
from selfheal.model.folder import write_folder
from selfheal.model.model import Model

ECHO_TOPIC = "echo"
SCENARIO = "null"
"""Ten numeric features in about 190 bytes of JSON; nothing drifts."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rig:
    """A broker with its topics, and what scorers are started with.

    stream:  the transactions that are sent, and that the model was trained for
    private: file of the key that signs adapters
    """

    bus: BusSettings
    topics: Topics
    stream: Stream
    model: Model
    folder: Path
    private: Path

    def start_scorer(self, name: str, settings: Mapping[str, str]) -> Child:
        """A scorer process of its own, as `selfheal demo` starts it. It is not ready yet."""
        given = {
            "bootstrap": self.bus.bootstrap,
            "model": str(self.folder / "model"),
            "public_keys": str(self.private.parent),
            **settings,
        }
        return start("consumer", name, given, self.folder / "logs")


@contextmanager
def rig(transactions: int, seed: int, say: Say) -> Generator[Rig]:
    """Everything up, and gone at the end. transactions: length of the stream, > 0.

    Raises BusError where the broker does not start.
    """
    stream = Stream(scenario(SCENARIO), seed, transactions)
    say(f"training the model on {stream.scenario.training_rows:,} rows")
    model = trained(stream)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="selfheal-bench-")))
        say("starting Apache Kafka")
        broker = stack.enter_context(EmbeddedBroker())
        bus, topics = BusSettings(broker.bootstrap, client_id="selfheal-bench"), Topics()
        create_topics(bus, [*topics.specs(), TopicSpec(ECHO_TOPIC, DATA_PARTITIONS)])
        write_folder(folder / "model", model)
        private, _ = write_keys(folder / "keys", new_key())
        (folder / "logs").mkdir()
        yield Rig(bus, topics, stream, model, folder, private)
