"""The table of scenarios, with their true onsets: shared by demo, backtest and bench."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scipy.special import expit, logit

from producer.card_scenarios import CARD_PLANS, card_segments
from producer.cards import CARD_SCHEMA
from producer.delays import ConstantDelay
from producer.errors import ScenarioError
from producer.labels import LabelPolicy
from producer.operators import concept, everyone, legit_only, prior, sign_flips
from producer.regimes import FEATURES, G1, G2, RegimeRamp
from producer.rows import Population
from producer.stream import Scenario, Segment
from selfheal.model.schema import Numeric, Schema

DRIFT_STRENGTH = 2.2
"""The published shift of V14, in standard deviations of the legitimate class."""

SCHEMA = Schema(tuple(Numeric(name) for name in FEATURES))

LATE_LABELS = LabelPolicy(coverage=0.1, delay=ConstantDelay(2_000))
ALL_LABELS_AT_ONCE = LabelPolicy(coverage=1.0, delay=ConstantDelay(0))


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table; see `Scenario` for what the others mean.

    segments:     of the stream, for a drift strength
    has_strength: whether a strength means anything here
    """

    summary: str
    segments: Callable[[float], tuple[Segment, ...]]
    has_strength: bool = True
    labels: LabelPolicy = LATE_LABELS
    transactions: int = 60_000
    rate_per_s: float = 1_500.0


def _article(strength: float) -> tuple[Segment, ...]:
    return (_clean(G1), Segment(2 / 7, legit_only(G1, strength)))


def _abrupt(strength: float) -> tuple[Segment, ...]:
    return (_clean(G2), Segment(1 / 3, everyone(G2, strength)))


def _gradual(strength: float) -> tuple[Segment, ...]:
    moved = everyone(G2, strength)
    return (
        _clean(G2),
        Segment(1 / 3, RegimeRamp(G2, moved)),
        Segment(2 / 3, moved, is_onset=False),
    )


def _recurring(strength: float) -> tuple[Segment, ...]:
    moved = everyone(G2, strength)
    return (_clean(G2), Segment(1 / 4, moved), Segment(1 / 2, G2), Segment(3 / 4, moved))


def _prior(strength: float) -> tuple[Segment, ...]:
    log_odds = logit(G2.pi) + (logit(0.40) - logit(G2.pi)) * strength / DRIFT_STRENGTH
    return (_clean(G2), Segment(1 / 3, prior(G2, float(expit(log_odds)))))


def _concept(_: float) -> tuple[Segment, ...]:
    return (_clean(G2), Segment(1 / 3, concept(G2)))


def _null(_: float) -> tuple[Segment, ...]:
    return (_clean(G2),)


def _long(strength: float) -> tuple[Segment, ...]:
    moved = everyone(G2, strength)
    broken = sign_flips(legit_only(G2, strength / 2), range(4))
    return (
        _clean(G2),
        Segment(5 / 200, moved),
        Segment(60 / 200, broken),
        Segment(120 / 200, G2),
        Segment(160 / 200, broken),
    )


def _clean(population: Population) -> Segment:
    return Segment(0.0, population, is_onset=False)


_TABLE: Mapping[str, Entry] = {
    "article": Entry(
        "the published stream: legitimate rows move onto the fraud class; labels are not enough",
        _article,
        labels=ALL_LABELS_AT_ONCE,
        transactions=3_500,
        rate_per_s=250.0,
    ),
    "abrupt": Entry("V14 of every row falls at one third of the stream", _abrupt),
    "gradual": Entry("V14 of every row falls from one third to two thirds", _gradual),
    "recurring": Entry("V14 of every row falls, comes back, and falls again", _recurring),
    "prior": Entry("fraud rises from 15 to 40 % at one third of the stream", _prior),
    "concept": Entry(
        "at one third V12 takes the part of V14; the inputs look as before",
        _concept,
        has_strength=False,
    ),
    "null": Entry("nothing drifts", _null, has_strength=False),
    "long": Entry(
        "a shift, then one that also turns signs, then clean, then the second once more",
        _long,
        transactions=20_000,
        rate_per_s=1_000.0,
    ),
}


def scenario_names() -> tuple[str, ...]:
    """Every scenario that there is; those on card traffic begin with "cards-"."""
    return (*_TABLE, *CARD_PLANS)


def scenario(name: str, drift_strength: float | None = None, structure: int = 0) -> Scenario:
    """The scenario of this name.

    drift_strength: size of the shift in standard deviations, `DRIFT_STRENGTH` where it is None;
                    in `prior` it scales the change of the log-odds of fraud
    structure:      which bank's traffic, for scenarios on card traffic; 0 is the documented one
    Raises ScenarioError for an unknown name, and for a setting that the scenario does not have.
    """
    if name not in scenario_names():
        raise ScenarioError(f"no scenario {name}; there are {', '.join(scenario_names())}")
    entry = _TABLE.get(name)
    if drift_strength is not None and not (entry and entry.has_strength):
        raise ScenarioError(f"scenario {name} has no drift_strength, leave the setting out")
    if entry is None:
        return _on_cards(name, structure)
    if structure != 0:
        raise ScenarioError(f"scenario {name} has no structure, leave the setting out")
    return Scenario(
        name=name,
        summary=entry.summary,
        schema=SCHEMA,
        segments=entry.segments(DRIFT_STRENGTH if drift_strength is None else drift_strength),
        labels=entry.labels,
        transactions=entry.transactions,
        rate_per_s=entry.rate_per_s,
    )


def _on_cards(name: str, structure: int) -> Scenario:
    summary, plan = CARD_PLANS[name]
    return Scenario(
        name=name,
        summary=summary,
        schema=CARD_SCHEMA,
        segments=card_segments(plan, structure),
        labels=LATE_LABELS,
        training_rows=20_000,
    )
