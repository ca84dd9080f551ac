"""What comes on `feedback`, checked: records for the core, the rest for the dead letters."""

from collections.abc import Callable

from healer.core import Healer
from selfheal.bus.dead_letters import dead_letter
from selfheal.bus.message import Message, Outgoing
from selfheal.model.errors import ModelError
from selfheal.records import DecodingError, Label, decode_feedback
from selfheal.records.authenticity import CODE_HEADER, is_authentic
from selfheal.records.feedback import Feedback


class UnauthenticError(ValueError):
    """A record of a kind that only scorers write, without their code."""


class FeedbackLog:
    """Feeds the healer's core.

    secret: of the scorers' code; empty believes every record
    bury:   takes the dead letter of a record that cannot be used
    """

    def __init__(
        self, healer: Healer, topic: str, secret: bytes, bury: Callable[[Outgoing, str], None]
    ) -> None:
        self._healer, self._topic, self._secret = healer, topic, secret
        self._bury = bury

    def take(self, messages: list[Message], *, buries: bool) -> list[Feedback]:
        """Let the core observe each record; gives those that it took.

        buries: the bad ones go to the dead letters; one healer at a time may, or each would
        """
        taken: list[Feedback] = []
        for message in messages:
            try:
                taken.append(self._observed(message))
            except (DecodingError, ModelError, UnauthenticError) as error:
                if buries:
                    self._bury_one(message, error)
        return taken

    def _observed(self, message: Message) -> Feedback:
        record = decode_feedback(message.value)
        if self._secret and not isinstance(record, Label):
            code = dict(message.headers).get(CODE_HEADER)
            if not is_authentic(self._secret, message.key, message.value, code):
                raise UnauthenticError(
                    f"{record.kind}: its code is missing or wrong, expected that of a scorer"
                )
        self._healer.observe(record)
        return record

    def _bury_one(self, message: Message, error: Exception) -> None:
        kind = type(error).__name__
        self._bury(dead_letter(message, self._topic, "feedback", kind, str(error)), kind)
