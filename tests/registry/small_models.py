"""Small models with random weights: nothing is trained, and torch is not needed."""

import numpy as np

from selfheal.model.features import Encoder
from selfheal.model.model import Model
from selfheal.model.reference import Reference
from selfheal.model.schema import Numeric, Schema

HIDDEN, WIDTH = 4, 2
SHAPES = {
    "backbone.0.weight": (HIDDEN, WIDTH),
    "backbone.0.bias": (HIDDEN,),
    "backbone.2.weight": (HIDDEN, HIDDEN),
    "backbone.2.bias": (HIDDEN,),
    "reflexive.first.weight": (HIDDEN, HIDDEN),
    "reflexive.first.bias": (HIDDEN,),
    "reflexive.second.weight": (HIDDEN, HIDDEN),
    "reflexive.second.bias": (HIDDEN,),
    "reflexive.scale": (),
    "head.weight": (1, HIDDEN),
    "head.bias": (1,),
}
SCHEMA = Schema((Numeric("amount"), Numeric("age")))


def small_model(seed: int = 1, threshold: float = 0.3, schema: Schema = SCHEMA) -> Model:
    """Of two numeric features; another one for each seed."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(200, WIDTH))
    labels = np.arange(200) % 4 == 0
    return Model(
        schema=schema,
        encoder=Encoder.fit(schema, values),
        backbone={
            name: np.asarray(rng.normal(size=shape), np.float32) for name, shape in SHAPES.items()
        },
        reference=Reference.measure(schema, values, labels, rng.normal(size=200)),
        rules_toml=f'[[rule]]\nname = "large"\nwhen = "{schema.names[0]} > 2"\nverdict = "fraud"\n',
        threshold=threshold,
    )
