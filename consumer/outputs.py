"""What a scorer writes: predictions, feedback and dead letters, all in the stream's transaction."""

from collections.abc import Sequence

from consumer.decoding import Fault
from selfheal.bus.batch import Batch
from selfheal.bus.dead_letters import dead_letter
from selfheal.bus.message import Outgoing
from selfheal.bus.stream import Stream
from selfheal.bus.topics import Topics
from selfheal.records.authenticity import CODE_HEADER, feedback_code


class Outputs:
    """Sends encoded records; they are there for good once the stream commits.

    feedback_key: of the code that tells scorers' feedback from anyone else's; empty for none
    """

    def __init__(self, stream: Stream, topics: Topics, feedback_key: bytes) -> None:
        self._stream, self._topics, self._feedback_key = stream, topics, feedback_key

    def predictions(self, keys: Sequence[bytes | None], values: Sequence[bytes]) -> None:
        """One for each valid transaction, under its own key."""
        self._stream.send_all(self._topics.predictions, values, keys)

    def feedback(self, keys: Sequence[bytes], values: Sequence[bytes]) -> None:
        """Samples, conflicts and summaries."""
        topic = self._topics.feedback
        if not self._feedback_key:
            self._stream.send_all(topic, values, keys)
            return
        for key, value in zip(keys, values, strict=True):
            code = feedback_code(self._feedback_key, key, value)
            self._stream.send(Outgoing(topic, value, key, ((CODE_HEADER, code),)))

    def dead_letters(self, batch: Batch, faults: Sequence[Fault]) -> None:
        """The bad records of a batch, as they came, with what is wrong with each."""
        topic = self._topics.transactions_dlq
        for fault in faults:
            message, error = batch.message(fault.position), fault.error
            self._stream.send(dead_letter(message, topic, "decode", "DecodingError", str(error)))
