"""No healing: the model as it was trained. What every other policy is compared with."""

from healer.policy import Evidence, Intent, Memory, Policy, Proposal


def _start(_evidence: Evidence) -> Memory:
    return None


def _step(memory: Memory, _evidence: Evidence) -> tuple[Memory, tuple[Intent, ...]]:
    return memory, ()


def _absorb(memory: Memory, _proposal: Proposal, _version: str | None) -> Memory:
    return memory


NONE = Policy(name="none", start=_start, step=_step, absorb=_absorb)
