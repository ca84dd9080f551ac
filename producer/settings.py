"""The producer's settings."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from producer.labels import Selection
from producer.replay import ColumnDrift
from selfheal.runtime.settings import ServiceSettings


class ProducerSettings(ServiceSettings):
    """Environment: SELFHEAL_PRODUCER_<NAME>.

    scenario:            name of a scenario; not used with `file`
    drift_strength:      size of its shift, in standard deviations
    structure:           which bank's traffic, for scenarios on card traffic
    seed:                of the stream and of the lots for labels
    transactions:        rows to send, from row 0 on; the scenario's length or the whole file
    rate:                rows a second, 0 is flat out; the scenario's, or 1,500 for a file
    first_row:           row to begin at, to go on where a run ended
    start_ms:            time of row 0, Unix milliseconds; needed to go on, now otherwise
    file:                CSV or Parquet file to replay instead of a scenario
    model:               folder of the model that will score, whose schema says what is sent
    target, id, time:    columns of the file, as for `ColumnRoles`
    ignore, categorical: likewise
    drifts:              laid over columns of the file: column, first_row, scale, shift
    label_rate:          share of the transactions that get a label
    label_delay:         of the labels, in `label_unit`: the length, mean or median of its shape
    label_unit:          rows of the stream, or seconds of event time
    label_shape:         constant, exponential or lognormal
    label_sigma:         of a lognormal delay
    label_longest:       no label comes later than that, in `label_unit`; 10 times `label_delay`
    label_selection:     all; approved: those let through; investigated: those stopped
    label_threshold:     true P(fraud) from which a transaction counts as stopped
    label_wrong_fraud:   share of frauds that are labelled legitimate
    label_wrong_legit:   share of legitimate transactions that are labelled fraud
    label_source:        who says so
    answer_requests:     whether analysts answer what is asked for on `label_requests`
    answer_rows:         of the stream, until they do: the mean of an exponential distribution
    report_interval_s:   between lines of progress
    What is None follows the scenario.
    """

    model_config = SettingsConfigDict(env_prefix="SELFHEAL_PRODUCER_")

    scenario: str = "abrupt"
    drift_strength: float | None = None
    structure: int = 0
    seed: int = Field(default=0, ge=0)
    transactions: int | None = Field(default=None, ge=1)
    rate: float | None = Field(default=None, ge=0.0)
    first_row: int = Field(default=0, ge=0)
    start_ms: int | None = Field(default=None, ge=0)
    file: Path | None = None
    model: Path | None = None
    target: str | None = None
    id: str | None = None
    time: str | None = None
    ignore: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    drifts: tuple[ColumnDrift, ...] = ()
    label_rate: float | None = Field(default=None, ge=0.0, le=1.0)
    label_delay: float | None = Field(default=None, ge=0.0)
    label_unit: Literal["rows", "seconds"] = "rows"
    label_shape: Literal["constant", "exponential", "lognormal"] = "constant"
    label_sigma: float = Field(default=0.8, gt=0.0)
    label_longest: float | None = Field(default=None, ge=0.0)
    label_selection: Selection | None = None
    label_threshold: float | None = Field(default=None, ge=0.0, le=1.0)
    label_wrong_fraud: float | None = Field(default=None, ge=0.0, le=1.0)
    label_wrong_legit: float | None = Field(default=None, ge=0.0, le=1.0)
    label_source: str | None = None
    answer_requests: bool = False
    answer_rows: float = Field(default=500.0, gt=0.0)
    report_interval_s: float = Field(default=5.0, gt=0.0)
