"""Where costs are named: the threshold at which each contender would serve, were it published now.

Chosen from the labels that were judged so far, and before the next ones are: no label chooses the
threshold that it judges. Pure.
"""

from dataclasses import replace

from healer.contest import Contest, candidates
from healer.policy import Evidence
from healer.pricing import Pricing

PRICED_ROWS = 500
"""Newest rows that say, beside the labels, what a threshold costs."""

_FIRST_PRICED = 20
"""Labels after which thresholds are chosen again; then each time there are twice as many."""


def priced(contest: Contest, evidence: Evidence) -> Contest:
    """The contest with its contenders' thresholds; the same without costs, or while they hold."""
    if evidence.costs is None or not _is_due(contest):
        return contest
    window, since_ms = evidence.window, contest.since_ms
    rows = window.newest(PRICED_ROWS).since(since_ms)
    # None of these has taught a contender: they have come since the last lesson.
    labelled = window.joined(contest.seen - contest.unseen, contest.unseen).since(since_ms)
    pricing = Pricing(evidence.costs, rows, labelled, evidence.model)
    found = candidates(contest, evidence.served.adapter)
    thresholds = {name: pricing.threshold(adapter) for name, adapter in found.items()}
    return replace(contest, thresholds=thresholds, priced_on=contest.unseen)


def _is_due(contest: Contest) -> bool:
    if contest.priced_on is None:
        return True
    return contest.unseen >= max(_FIRST_PRICED, 2 * contest.priced_on)
