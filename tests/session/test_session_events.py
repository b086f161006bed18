"""The vocabulary of the session machines."""

from __future__ import annotations

import jinglecodec as jc
from jinglecodec.session import COMMANDS, Initiate, Policy, Terminate


def test_every_action_has_one_command() -> None:
    """XEP-0166 7.2 lists fifteen; Jitsi's two are no actions of ours."""
    beyond = {jc.Action.SOURCE_ADD, jc.Action.SOURCE_REMOVE}
    assert {*COMMANDS, Initiate.action, Terminate.action} == set(jc.Action) - beyond


def test_strangers_are_not_trusted_by_default() -> None:
    """XEP-0166 13.2: "Care MUST be taken to accept sessions only from known entities"."""
    assert not Policy().trusts("romeo@montague.lit/orchard")


def test_trust_covers_account_resource_or_domain() -> None:
    romeo = "romeo@montague.lit/orchard"
    assert Policy(frozenset({"romeo@montague.lit"})).trusts(romeo)
    assert Policy(frozenset({romeo})).trusts(romeo)
    assert Policy(frozenset({"montague.lit"})).trusts(romeo)
    assert not Policy(frozenset({"romeo@montague.lit/garden", "capulet.lit"})).trusts(romeo)
    assert Policy(strangers=True).trusts(romeo)
