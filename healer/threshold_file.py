"""`threshold_config.json`: operations edit it while the healer runs."""

from pathlib import Path

from selfheal.records import DecodingError
from selfheal.records.thresholds import Thresholds, read_thresholds


class ThresholdFile:
    """Says what changed since the last look. A refused content is reported once.

    path: need not exist yet
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: bytes | None = None

    def look(self) -> Thresholds | DecodingError | None:
        """New thresholds, why the new content is refused, or None where nothing changed."""
        try:
            content = self._path.read_bytes()
        except OSError:
            return None
        if content == self._content:
            return None
        self._content = content
        try:
            return read_thresholds(content)
        except DecodingError as error:
            return error
