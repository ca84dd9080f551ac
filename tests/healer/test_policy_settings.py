"""Healing settings: the published defaults, and numbers that cannot be."""

import pytest

from healer.policy_settings import HealingSettings


def test_the_defaults_are_the_published_ones():
    settings = HealingSettings()

    assert (settings.fidi_threshold, settings.conflict_min, settings.conflict_trigger) == (
        1.0,
        0.3,
        5,
    )
    assert (settings.heal_steps, settings.heal_lr, settings.batch_rows) == (5, 0.003, 100)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *((name, 0) for name in ("conflict_trigger", "heal_steps", "batch_rows", "step_rows")),
        *((name, -1) for name in ("window_rows", "minimum_rows", "look_rows", "run_length_looks")),
        *(("conflict_min", 1.1), ("conflict_min", -0.1), ("alarm_rate", 2.0), ("alarm_rate", 0.0)),
        *(
            ("fidi_threshold", 0.0),
            ("heal_lr", -1.0),
            ("heal_lr", float("inf")),
            ("look_every_s", 0.0),
        ),
        *(("heal_lr", float("nan")), ("conflict_min", float("nan"))),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(setting, value):
    with pytest.raises(ValueError, match=f"{setting} is"):
        HealingSettings(**{setting: value})
