"""What a compiled model says of rows."""

from dataclasses import dataclass

from selfheal.model.arrays import Float32, Float64
from selfheal.model.probability import sigmoid


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What a compiled model says of n rows.

    logit:      float32 (n,), of the backbone with its adapter, finite
    base_logit: float32 (n,), of the backbone alone; the very same bits where no adapter acts
    aligned:    float64 (n, f), raw values after input alignment; the input itself where there is
                none; a value may be infinite where alignment leaves the range of float64
    """

    logit: Float32
    base_logit: Float32
    aligned: Float64

    @property
    def score(self) -> Float64:
        """P(fraud) of the active model, (n,), in [0, 1]."""
        return sigmoid(self.logit)

    @property
    def shadow_score(self) -> Float64:
        """P(fraud) of the backbone alone, (n,), in [0, 1]."""
        return sigmoid(self.base_logit)
