"""One heal at a time, beside the polling."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from healer.policy import Proposal, Studied


class Jobs:
    """Runs the job of a heal in a thread of its own; the numeric libraries release the lock there.

    A thread, not a process: a heal takes milliseconds to seconds on arrays that are at hand.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heal")
        self._future: Future[Proposal | Studied] | None = None

    def start(self, job: Callable[[], Proposal | Studied]) -> None:
        """Begin; the one before must have been taken."""
        self._future = self._executor.submit(job)

    def take(self) -> Proposal | Studied | None:
        """The outcome, once it is there; None before, and when there is none. Raises its error."""
        if self._future is None or not self._future.done():
            return None
        future, self._future = self._future, None
        return future.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
