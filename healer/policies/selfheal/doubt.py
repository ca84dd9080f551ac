"""Do scores still mean what they did when they were calibrated?"""

from healer.policies.selfheal.memory import NO_DECLINE, SelfhealMemory


def doubt(memory: SelfhealMemory) -> str | None:
    """Why not, as a word for events; None where the stream looks as the serving version knows it.

    What is expected of rows rests on p(y | x) unchanged behind the alignment: an alarm that
    nothing has answered, and a loss that labels show to have risen, are evidence against that.
    """
    if memory.is_lost:
        return "labels_needed"
    if memory.declined != NO_DECLINE:
        return "declined"
    return None if memory.alarmed_at is None else "alarm"
