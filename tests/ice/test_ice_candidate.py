from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinglecodec.addresses import packed
from jinglecodec.ice.candidate import (
    CandidateType,
    Foundations,
    interleaved,
    is_link_local,
    is_usable,
    local_preference,
    priority,
    without_zone,
)


@pytest.mark.parametrize(
    ("kind", "preference", "component", "expected"),
    [
        (CandidateType.HOST, 65535, 1, 2130706431),  # RFC 8839 5.1 has it in its examples
        (CandidateType.SERVER_REFLEXIVE, 65535, 1, 1694498815),  # RFC 8839 5.1
        (CandidateType.HOST, 32512, 1, 2122252543),  # Chromium
        (CandidateType.PEER_REFLEXIVE, 65535, 2, 1862270974),
        (CandidateType.RELAYED, 0, 256, 0),
        (CandidateType.RELAYED, 255, 255, 65281),
    ],
)
def test_priorities_are_those_of_the_formula(
    kind: CandidateType, preference: int, component: int, expected: int
) -> None:
    assert priority(kind, preference, component) == expected


@given(st.sampled_from(CandidateType), st.integers(0, 255), st.integers(0, 255), st.integers(1, 255))
def test_priorities_are_positive_31_bit_integers(kind: CandidateType, rank: int, server: int, component: int) -> None:
    """RFC 8445 5.1.2: "Each candidate [...] MUST have a unique priority [...] between 1 and (2**31 - 1)."."""
    assert 1 <= priority(kind, local_preference(rank, server), component) < 2**31


def test_local_preferences_are_unique() -> None:
    """RFC 8445 5.1.2.1: "the local preference MUST be unique for each one"."""
    preferences = {local_preference(rank, server) for rank in range(64) for server in range(16)}
    assert len(preferences) == 64 * 16
    assert max(preferences) == local_preference(0) == 65535


def test_the_first_ipv4_address_comes_after_the_head_start() -> None:
    """RFC 8421 4: of two IPv4 and six IPv6 addresses, "it will insert an IPv4 address after four IPv6 addresses"."""
    six = [f"2001:db8::{number}" for number in range(1, 7)]
    order = interleaved([*six, "192.0.2.1", "192.0.2.2"])
    assert order == (*six[:4], "192.0.2.1", six[4], "192.0.2.2", six[5])


@given(st.lists(st.integers(0, 200), unique=True), st.lists(st.integers(0, 200), unique=True))
def test_interleaving_keeps_every_address_and_the_order_in_a_family(four: list[int], six: list[int]) -> None:
    hosts = [f"192.0.2.{number}" for number in four] + [f"2001:db8::{number:x}" for number in six]
    order = interleaved(hosts)
    assert sorted(order) == sorted(hosts)
    for is_six in (False, True):
        assert [host for host in order if (":" in host) == is_six] == [
            host for host in hosts if (":" in host) == is_six
        ]


def test_foundations_depend_on_type_base_and_server() -> None:
    """RFC 8445 5.1.1.3."""
    foundations = Foundations()
    host = foundations.of(CandidateType.HOST, "10.0.0.1")
    reflexive = foundations.of(CandidateType.SERVER_REFLEXIVE, "10.0.0.1", "192.0.2.1")
    others = [
        foundations.of(CandidateType.HOST, "10.0.0.2"),
        foundations.of(CandidateType.SERVER_REFLEXIVE, "10.0.0.2", "192.0.2.1"),
        foundations.of(CandidateType.SERVER_REFLEXIVE, "10.0.0.1", "192.0.2.2"),
        foundations.of(CandidateType.PEER_REFLEXIVE, "10.0.0.1"),
    ]
    assert len({host, reflexive, *others}) == 6
    assert foundations.of(CandidateType.HOST, "10.0.0.1") == host
    assert foundations.of(CandidateType.SERVER_REFLEXIVE, "10.0.0.1", "192.0.2.1") == reflexive


@pytest.mark.parametrize(
    ("host", "usable"),
    [
        ("192.0.2.1", True),
        ("10.0.0.1", True),
        ("169.254.7.7", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address that is refused
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("2001:db8::1", True),
        ("fd00::1", True),
        ("fe80::1", True),
        ("::1", False),
        ("::", False),
        ("::192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("fec0::1", False),
        ("feff::1", False),
        ("ff02::1", False),
        ("example.org", False),
    ],
)
def test_excluded_addresses_are_no_candidates(host: str, *, usable: bool) -> None:
    """RFC 8445 5.1.1.1: loopback, IPv4-compatible and site-local MUST NOT, IPv4-mapped SHOULD NOT be included."""
    assert is_usable(packed(host), loopback=False) is usable


def test_loopback_addresses_are_usable_when_they_are_let() -> None:
    assert is_usable(packed("127.0.0.1"), loopback=True)
    assert is_usable(packed("::1"), loopback=True)
    assert not is_usable(packed("::"), loopback=True)


def test_zones_are_left_out_and_link_local_addresses_known() -> None:
    assert without_zone("fe80::1%eth0") == "fe80::1"
    assert [is_link_local(host) for host in ("fe80::1", "febf::1", "fec0::1", "fd00::1", "169.254.0.1")] == [
        *(True, True, False, False, False)
    ]
