"""What an adapter does after the network: its logit, corrected."""

from selfheal.model.adapter import Adapter
from selfheal.model.arrays import AnyArray


def corrects(adapter: Adapter) -> bool:
    """True where the adapter has a part that acts after the network and changes something."""
    parts = (adapter.output, adapter.trees)
    return any(part is not None and not part.is_identity for part in parts)


def corrected(logit: AnyArray, encoded: AnyArray, adapter: Adapter) -> AnyArray:
    """The network's logits (n,) after the adapter's output and trees.

    encoded: (n, d), the aligned rows as the network read them
    """
    output, trees = adapter.output, adapter.trees
    total = logit
    if output is not None:
        total = logit * output.scale + output.shift
        if output.skip is not None:
            total = total + encoded @ output.skip
    return total if trees is None else total + trees.sums(encoded, logit)
