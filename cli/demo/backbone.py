"""The model that a scenario is scored with."""

from producer.stream import Stream
from selfheal.model.model import Model


def trained(stream: Stream) -> Model:
    """The backbone that a scenario is scored with: trained on clean rows that are not in it.

    As published, on raw features: the scenarios' are standard normal already.
    """
    from selfheal.model.training import train  # noqa: PLC0415  (torch takes seconds to load)

    rows = stream.training()
    is_synthetic = stream.scenario.schema.categorical.size == 0
    return train(
        stream.scenario.schema,
        rows.values,
        rows.labels,
        seed=stream.seed,
        standardise=not is_synthetic,
    )
