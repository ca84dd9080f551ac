"""The healing policies, one a file: `none`, `article`, `selfheal`."""

from healer.policies.article import ARTICLE
from healer.policies.none import NONE
from healer.policies.selfheal import SELFHEAL
from healer.policy import Policy

POLICIES: dict[str, Policy] = {policy.name: policy for policy in (ARTICLE, SELFHEAL, NONE)}
"""By name, as the command line gives it."""

__all__ = ["ARTICLE", "NONE", "POLICIES", "SELFHEAL"]
