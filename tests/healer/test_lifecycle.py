from hypothesis import given
from hypothesis import strategies as st

from healer.lifecycle import TRANSITIONS, Cause, State, next_state

CAUSES = st.lists(st.sampled_from(list(Cause)), max_size=60)


@given(CAUSES)
def test_every_step_is_in_the_table_or_changes_nothing(causes):
    state = State.HEALTHY

    for cause in causes:
        following = next_state(state, cause)
        assert following is TRANSITIONS.get((state, cause), state)
        assert following in State
        state = following


@given(CAUSES)
def test_healing_begins_only_when_a_heal_does(causes):
    state = State.HEALTHY

    for cause in causes:
        following = next_state(state, cause)
        if following is State.HEALING and state is not State.HEALING:
            assert cause is Cause.HEAL_STARTED
        if following is State.ROLLED_BACK and state is not State.ROLLED_BACK:
            assert cause is Cause.ROLLED_BACK
        state = following


def test_every_state_can_be_reached_and_left_for_healthy():
    reached, healthy = {State.HEALTHY}, {State.HEALTHY}
    for _ in State:
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
        healthy |= {state for (state, _), to in TRANSITIONS.items() if to in healthy}

    assert reached == healthy == set(State)


def test_a_heal_under_way_is_not_disturbed_by_alarms():
    assert next_state(State.HEALING, Cause.ALARM) is State.HEALING
    assert next_state(State.HEALING, Cause.CLEARED) is State.HEALING


def test_the_states_bear_the_published_names():
    assert [state.value for state in State] == ["HEALTHY", "DRIFTING", "HEALING", "ROLLED_BACK"]
