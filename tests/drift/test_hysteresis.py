"""One alarm from onset to end."""

import pytest

from selfheal.drift.hysteresis import Hysteresis, Watched


def alarms(excesses, rule=None):
    rule, seen, found = rule or Hysteresis(looks=2, among=3, calm=0.5), Watched(), []
    for excess in excesses:
        seen = rule.after(seen, excess)
        found.append(seen.is_alarmed)
    return found


def test_one_look_above_the_limit_is_no_alarm():
    assert not any(alarms([0.2, 5.0, 0.2, 0.2, 5.0, 0.2]))


def test_an_abrupt_change_is_told_after_the_stated_number_of_looks():
    assert alarms([0.2, 3.0, 3.0, 3.0]) == [False, False, True, True]
    assert alarms([3.0], Hysteresis(looks=1, among=1)) == [True]


def test_between_limit_and_calm_an_alarm_goes_on():
    assert all(alarms([2.0, 2.0, *[0.9, 0.6] * 20])[1:])


def test_a_figure_that_hovers_about_the_limit_alarms_once():
    found = alarms([1.1, 0.9] * 50)

    assert sum(now and not before for before, now in zip([False, *found], found, strict=False)) == 1


def test_an_alarm_ends_when_enough_looks_are_calm():
    assert alarms([2.0, 2.0, 0.4, 0.4])[-2:] == [True, False]


def test_a_look_that_measured_nothing_changes_nothing():
    assert alarms([2.0, float("nan"), 2.0]) == [False, False, True]


@pytest.mark.parametrize("wrong", [{"looks": 4}, {"looks": 0}, {"calm": 0.0}, {"calm": 1.5}])
def test_impossible_rules_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        Hysteresis(**wrong)
