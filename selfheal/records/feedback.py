"""The `feedback` topic: labels, conflicts, samples and summaries. The healer's only data."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta

from selfheal.records.codec import decode_tagged

Features: TypeAlias = dict[str, float | str | None]
"""Raw features by name: a number, a category, or null where the value is missing."""

Probability: TypeAlias = Annotated[float, Meta(ge=0.0, le=1.0)]
Share: TypeAlias = Annotated[float, Meta(gt=0.0, le=1.0)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class Label:
    """The truth about one transaction, known late.

    label: 1 for fraud, 0 for legitimate; labelled_ms: when it became known; source: who says so.
    """

    id: str
    label: Annotated[int, Meta(ge=0, le=1)]
    labelled_ms: Count
    source: str = ""
    kind: Literal["label"] = "label"


@dataclass(frozen=True, slots=True)
class Sample:
    """A scored transaction with its features, drawn by a keyed hash of the id.

    inclusion_probability: of being drawn; estimates weight a row by its inverse
    """

    id: str
    event_ms: Count
    scored_ms: Count
    features: Features
    score: Probability
    shadow_score: Probability
    version: str
    epoch: Count
    inclusion_probability: Share
    kind: Literal["sample"] = "sample"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that a rule calls fraud and the score does not.

    Selected by score, so estimates of the stream's distribution must leave it out.
    """

    id: str
    event_ms: Count
    scored_ms: Count
    features: Features
    score: Probability
    shadow_score: Probability
    version: str
    epoch: Count
    rules: tuple[str, ...]
    inclusion_probability: Share
    kind: Literal["conflict"] = "conflict"


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean, summed squared deviation and extremes: enough to merge (Chan et al. 1979).

    lowest, highest: None where nothing was counted
    """

    count: Count
    mean: float
    squared_deviation: Annotated[float, Meta(ge=0.0)]
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All traffic of one scorer over a few seconds, mergeable by addition.

    Never spans two adapter versions.

    bins:        counts of aligned values between the reference's quantiles, by numeric feature
    score_bins:  the same for the active logit
    moments:     of the raw values, by numeric feature, missing values left out
    missing:     counts of missing values, by feature
    categories:  counts by level, by categorical feature; "" counts the unknown levels
    rate_per_s:  transactions a second since the last summary; lag_records: of all its partitions
    layers:      of the activation level (root mean square of the units) after each named layer,
                 of a few hundred of the rows, evenly spaced
    """

    instance: str
    version: str
    epoch: Count
    first_event_ms: Count
    last_event_ms: Count
    rows: Count
    bins: dict[str, list[Count]]
    score_bins: list[Count]
    moments: dict[str, Moments]
    missing: dict[str, Count]
    categories: dict[str, dict[str, Count]]
    conflicts: Count
    rate_per_s: float = 0.0
    lag_records: Count = 0
    layers: dict[str, Moments] = field(default_factory=dict[str, Moments])
    kind: Literal["summary"] = "summary"


Feedback: TypeAlias = Label | Sample | Conflict | Summary

_KINDS: dict[str, type[Any]] = {
    "label": Label,
    "sample": Sample,
    "conflict": Conflict,
    "summary": Summary,
}


def decode_feedback(value: bytes | None) -> Feedback:
    """Any record of `feedback`, told apart by its `kind`. Raises DecodingError."""
    return decode_tagged(_KINDS, value)
