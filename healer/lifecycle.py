"""The healer's states and the one table of its transitions."""

from enum import StrEnum


class State(StrEnum):
    """Where the healer stands. The names are those of the self-healing fraud article."""

    HEALTHY = "HEALTHY"
    DRIFTING = "DRIFTING"
    HEALING = "HEALING"
    ROLLED_BACK = "ROLLED_BACK"


class Cause(StrEnum):
    """What moves the healer from one state to another."""

    ALARM = "alarm"
    CLEARED = "cleared"
    HEAL_STARTED = "heal_started"
    HEAL_PUBLISHED = "heal_published"
    HEAL_HELD = "heal_held"
    NOTHING_TO_HEAL = "nothing_to_heal"
    ROLLED_BACK = "rolled_back"
    RESTORED = "restored"
    MODEL_CHANGED = "model_changed"


TRANSITIONS: dict[tuple[State, Cause], State] = {
    (State.HEALTHY, Cause.ALARM): State.DRIFTING,
    (State.HEALTHY, Cause.HEAL_STARTED): State.HEALING,
    (State.HEALTHY, Cause.ROLLED_BACK): State.ROLLED_BACK,
    (State.DRIFTING, Cause.CLEARED): State.HEALTHY,
    (State.DRIFTING, Cause.HEAL_STARTED): State.HEALING,
    (State.DRIFTING, Cause.RESTORED): State.HEALTHY,
    (State.DRIFTING, Cause.ROLLED_BACK): State.ROLLED_BACK,
    (State.DRIFTING, Cause.MODEL_CHANGED): State.HEALTHY,
    (State.HEALING, Cause.HEAL_PUBLISHED): State.HEALTHY,
    (State.HEALING, Cause.HEAL_HELD): State.DRIFTING,
    (State.HEALING, Cause.NOTHING_TO_HEAL): State.HEALTHY,
    (State.HEALING, Cause.ROLLED_BACK): State.ROLLED_BACK,
    (State.HEALING, Cause.RESTORED): State.HEALTHY,
    (State.HEALING, Cause.MODEL_CHANGED): State.HEALTHY,
    (State.ROLLED_BACK, Cause.CLEARED): State.HEALTHY,
    (State.ROLLED_BACK, Cause.ALARM): State.DRIFTING,
    (State.ROLLED_BACK, Cause.HEAL_STARTED): State.HEALING,
    (State.ROLLED_BACK, Cause.ROLLED_BACK): State.ROLLED_BACK,
    (State.ROLLED_BACK, Cause.RESTORED): State.HEALTHY,
    (State.ROLLED_BACK, Cause.MODEL_CHANGED): State.HEALTHY,
}


def next_state(state: State, cause: Cause) -> State:
    """The state after `cause`; the same state where the table names no transition.

    >>> next_state(State.HEALTHY, Cause.ALARM).value
    'DRIFTING'
    """
    return TRANSITIONS.get((state, cause), state)
