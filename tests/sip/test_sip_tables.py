"""The tables of the gateway against the documents that they follow, each written down here a second time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jinglecodec.mapping.media import direction_of, senders_of
from jinglecodec.model.jingle import Action, Condition, Senders
from jinglecodec.model.rtp_info import Hold, Ringing, Unhold
from jinglecodec.model.stanza import StanzaCondition
from jinglecodec.sdp import Direction
from jinglecodec.sip import tables
from jinglecodec.sip.tables import FORMS, Form, reason_of, status_of, status_of_error

DEPARTURES = {
    "content-reject": "a section that SIP adds has to be answered (RFC 3264 8.1)",
    "transport-info": "issue: a re-INVITE says it",
}
"Rows of table 2 that are filled otherwise, with the reason."
CELLS = {
    "INVITE response (1xx or 2xx)": Form.ANSWER,
    "INVITE request": Form.OFFER,
    "BYE": Form.BYE,
    "[varies]": Form.VARIES,
    "unused in this mapping": Form.UNUSED,
}


def test_actions_are_those_of_table_2(specs: Path) -> None:
    text = (specs / "seeds" / "draft-ietf-stox-media-04.txt").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([a-z]+-[a-z]+) +\| (\S[^|]*?) +\|$", text, re.MULTILINE))
    assert len(rows) == 15
    for action, cell in rows.items():
        if action not in DEPARTURES:
            assert FORMS[Action(action)] is CELLS[cell], action
    assert set(FORMS) == set(Action)


@pytest.mark.parametrize(
    ("role", "direction", "senders"),
    [
        ("initiator", "sendrecv", "both"),
        ("initiator", "sendonly", "initiator"),
        ("initiator", "recvonly", "responder"),
        ("initiator", "inactive", "none"),
        ("responder", "sendrecv", "both"),
        ("responder", "sendonly", "responder"),
        ("responder", "recvonly", "initiator"),
        ("responder", "inactive", "none"),
    ],
)
def test_senders_follow_the_role_and_not_the_order_of_table_1(role: str, direction: str, senders: str) -> None:
    """XEP-0166 7.3: `senders` says "which parties in the session will be generating content"."""
    assert senders_of(Direction(direction), role) is Senders(senders)
    assert direction_of(Senders(senders), role) == Direction(direction)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (486, "busy"),
        (600, "busy"),
        (603, "decline"),
        (480, "timeout"),
        (408, "timeout"),
        (487, "cancel"),
        (488, "incompatible-parameters"),
        (500, "general-error"),
        (503, "general-error"),
        (404, "gone"),
        (699, "decline"),
        (302, "general-error"),
    ],
)
def test_final_responses_become_reasons(status: int, reason: str) -> None:
    assert reason_of(status) is Condition(reason)


@pytest.mark.parametrize("word", ["busy", "decline", "cancel", "timeout", "incompatible-parameters", "gone"])
def test_reasons_come_back_from_their_response(word: str) -> None:
    assert reason_of(status_of(Condition(word))) is Condition(word)


def test_every_reason_is_a_failure_and_every_failure_has_a_phrase() -> None:
    assert set(tables.STATUSES) == set(Condition)
    assert set(tables.ERRORS) == set(StanzaCondition)
    statuses = {*tables.STATUSES.values(), *(one for pair in tables.ERRORS.values() for one in pair)}
    assert all(400 <= status < 700 for status in statuses)
    assert statuses <= set(tables.PHRASES)


def test_errors_follow_rfc_7247(specs: Path) -> None:
    """RFC 7247 7.1, table 2; 401, 407 and 302 need what there is not, and 301 an address."""
    text = (specs / "rfc" / "rfc7247.txt").read_text(encoding="utf-8")
    rows = dict(re.findall(r"\|  <([a-z-]+)/> +\| (\d+(?: or \d+)?)", text))
    rows |= {"not-authorized": "403", "registration-required": "403", "redirect": "480"}
    for condition, cell in rows.items():
        if condition not in ("unexpected-request", "gone", "remote-server-not-found", "resource-constraint"):
            first, _, second = cell.partition(" or ")
            assert tables.ERRORS[StanzaCondition(condition)] == (int(first), int(second or first)), condition
    assert status_of_error(StanzaCondition.ITEM_NOT_FOUND, "romeo@example.net/orchard") == 404
    assert status_of_error(StanzaCondition.ITEM_NOT_FOUND, "romeo@example.net") == 604


def test_infos_are_ringing_and_hold() -> None:
    assert {180: Ringing} == tables.PROVISIONAL
    assert tables.HOLDS[Hold] is True
    assert tables.HOLDS[Unhold] is False
