"""T9: the image experiment of the HealingAdapter article, in small (see `bench/digits.py`)."""

from dataclasses import asdict

from bench.digits import FULL, QUICK, digits
from bench.healing.report import HealingTable, Round, Target

PUBLISHED = (88.8 - 61.0) / (92.0 - 61.0)
"""Share of the accuracy lost to corruption that adapters won back, on CIFAR-10-C."""


def measure(seed: int, is_quick: bool) -> Round:
    """Accuracies alone: the digits are ten classes."""
    found = digits(seed, QUICK if is_quick else FULL)
    lost = found.clean - found.corrupted
    case = {who: {"accuracy": accuracy} for who, accuracy in asdict(found).items()}
    return Round(
        {"digits": case},
        {"share of the loss won back": (found.healed - found.corrupted) / max(lost, 1e-9)},
    )


T9 = HealingTable(
    "T9",
    "Adapters in a convolutional network under Gaussian noise, 500 samples",
    measure,
    (Target("share of the loss won back", "at least", PUBLISHED),),
)
