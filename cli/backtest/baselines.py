"""What else could have scored the stream: three online learners and a retrain now and then."""

from rich.progress import Progress

from cli.backtest.beginning import Beginning
from cli.backtest.online_learners import online_learners
from cli.backtest.rivals import Learner, Rival

RETRAINS = 20
RETRAIN_ROWS = 500
"""A retrain every 500 rows; in a stream of more than 10,000 rows, 20 in all."""


def baselines(start: Beginning, rows: int, seed: int, progress: Progress) -> dict[str, Rival]:
    """By name, for a stream of so many rows. Each has learned from the rows before the stream."""
    online = online_learners(start.model.encoder, seed)
    from cli.backtest.periodic_retrain import PeriodicRetrain  # noqa: PLC0415  (loads torch)

    task = progress.add_task("teaching the baselines", total=len(online))
    for learner in online.values():
        learner.learn(start.values, start.labels, 0)
        progress.advance(task)
    every_rows = max(RETRAIN_ROWS, -(-rows // RETRAINS))
    retrain = PeriodicRetrain(start.model, start.values, start.labels, every_rows, seed)
    learners: dict[str, Learner] = {**online, "periodic_retrain": retrain}
    return {name: Rival(learner, rows) for name, learner in learners.items()}
