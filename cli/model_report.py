"""What `train` and `import` say of the model that they have made."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson
import typer

from producer.inference import LeftOut
from selfheal.model.model import Model

_SHOWN = ("accuracy", "precision", "recall", "f1", "auc_pr", "log_loss")


def report(model: Model, left_out: Sequence[LeftOut], out: Path, *, as_json: bool) -> None:
    """Where it is, what it reads, which columns became no feature, and how good it is."""
    if as_json:
        facts = {
            "folder": str(out),
            "features": list(model.schema.names),
            "left_out": [asdict(column) for column in left_out],
            "metrics": model.metrics,
            "hash": model.hash,
        }
        typer.echo(orjson.dumps(facts, option=orjson.OPT_SERIALIZE_NUMPY))
        return
    typer.echo(f"{out}: {len(model.schema.features)} features, hash {model.hash[:12]}")
    for column in left_out:
        typer.echo(f"left out {column.name}: it {column.why}")
    for part, label in (("training", "training rows"), ("held_out", "held-out rows")):
        figures: dict[str, float] | None = model.metrics.get(part)
        if figures:
            shown = ", ".join(f"{name} {figures[name]:.3f}" for name in _SHOWN)
            typer.echo(f"{figures['rows']} {label}: {shown}")
