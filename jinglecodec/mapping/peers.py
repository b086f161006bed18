"""Peers: how to write for implementations that read less than the XEPs say, or read it otherwise.

One table, `PROFILES`, has all that is known, from sources and from the wire; `mapping.adaptation` carries it out. A
version of an implementation that has mended its ways takes what is written for the others as well. What is left out for
a peer is a loss like any other; the rest says the same in another form. Without a profile a description is written as
the XEPs say, and as most peers accept it: candidates have `id` (an NCName), `generation` and `network`.
"""

from __future__ import annotations

import enum

import attrs

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Creator

__all__ = ["PROFILES", "Peer", "Profile", "profile_of"]


class Peer(enum.Enum):
    """An implementation with a profile."""

    ASTERISK = "asterisk"
    "Its channel driver `chan_motif`."
    CONVERSATIONS = "conversations"
    DINO = "dino"
    GAJIM = "gajim"
    JITSI = "jitsi"
    "Jitsi Meet: lib-jitsi-meet."
    LIBPURPLE = "libpurple"
    "Pidgin and its kin, taken to read what Telepathy of their time was seen to read."
    MONAL = "monal"
    MOVIM = "movim"
    SIP = "sip"
    "Gateways to SIP, such as SylkServer and what follows stox-media."
    SISKIN = "siskin"
    "Siskin and Beagle: Martin."


@attrs.frozen(kw_only=True)
class Profile:
    """What a peer reads, and in which form. The default of each field asks nothing special."""

    name: str
    "As it stands in the clause of a loss."

    media: frozenset[str] | None = None
    "Kinds of section that it knows as contents; None: any. Others make it refuse or end the session."
    tcp_candidates: bool = True
    "Whether it reads `tcptype`; XEP-0176 5.3 has UDP only."
    host_names: bool = True
    "Whether a candidate may have a name in place of an address, as mDNS candidates do."
    several_fingerprints: bool = True
    "Otherwise it takes one, be it the first or the last: that with SHA-256 is written (RFC 8122 5)."
    any_group: bool = True
    "Otherwise it reads one group, which is to be BUNDLE."
    nameless_parameters: bool = True
    "Whether a format parameter may lack a name, as do the events `0-15` of RFC 4733; such a one is alone."
    idle_contents: bool = True
    "Whether it knows `senders='none'`. Otherwise the writer is named, so that the peer sends nothing either."

    creator: Creator | None = None
    "What it writes as the creator of every content, so that names have to agree; None: who created it."
    blind_senders: bool = False
    "Whether it takes `senders` for the direction that the initiator wrote, whoever wrote it (XEP-0166 7.3)."
    shared_feedback: bool = True
    "Whether it reads feedback outside of payload types (XEP-0293 3); otherwise it is repeated in each."
    optional_names: bool = True
    "Whether a static payload type may lack name and clock rate, which XEP-0167 4 allows."
    optional_setup: bool = True
    "Whether a fingerprint may lack `setup`; otherwise it is what its absence means (RFC 4145 4.1)."
    ice_options: bool = False
    "Whether it has elements for the ICE options `trickle` and `renomination`."
    number_foundations: bool = False
    "Whether a foundation is to be a number (stox-media 5.4)."
    data_namespace: str | None = None
    "Namespace of the description of data channels; None: ours, for XEP-0343 names none."
    bare_transport: bool = False
    "Whether it takes all children of a transport for candidates, so that there is no call with DTLS."
    one_content: bool = False
    "Whether it reads one content of a request within a session; see `requests_for`."

    fmtp_joint: str = ";"
    "What parts the parameters of `a=fmtp` in SDP (stox-media 9)."


_CALLS = frozenset({"audio", "video"})

PROFILES = {
    Peer.ASTERISK: Profile(name="Asterisk", media=_CALLS, bare_transport=True),
    Peer.CONVERSATIONS: Profile(
        name="Conversations",
        media=_CALLS,
        tcp_candidates=False,
        several_fingerprints=False,
        any_group=False,
        creator=Creator.INITIATOR,
        optional_names=False,
        optional_setup=False,
        ice_options=True,
    ),
    Peer.DINO: Profile(
        name="Dino",
        media=_CALLS,
        tcp_candidates=False,
        several_fingerprints=False,
        idle_contents=False,
        creator=Creator.INITIATOR,
        shared_feedback=False,
        one_content=True,
    ),
    Peer.GAJIM: Profile(name="Gajim", media=_CALLS, tcp_candidates=False, nameless_parameters=False),
    Peer.JITSI: Profile(name="Jitsi Meet", blind_senders=True, optional_names=False, data_namespace=ns.JITMEET_DATA),
    Peer.LIBPURPLE: Profile(name="libpurple", media=_CALLS, tcp_candidates=False, nameless_parameters=False),
    Peer.MONAL: Profile(
        name="Monal",
        media=_CALLS,
        several_fingerprints=False,
        nameless_parameters=False,
        idle_contents=False,
        creator=Creator.INITIATOR,
        ice_options=True,
    ),
    Peer.MOVIM: Profile(name="Movim", host_names=False, any_group=False, creator=Creator.INITIATOR, blind_senders=True),
    Peer.SIP: Profile(
        name="SIP",
        media=_CALLS,
        tcp_candidates=False,
        host_names=False,
        number_foundations=True,
        fmtp_joint="; ",
    ),
    Peer.SISKIN: Profile(
        name="Siskin",
        media=_CALLS,
        several_fingerprints=False,
        any_group=False,
        shared_feedback=False,
        optional_names=False,
    ),
}
"All that is known of them."


def profile_of(peer: Peer | Profile | str) -> Profile:
    """Return a profile: itself, or that of a peer or of the name of one; raises ValueError for an unknown name."""
    return peer if isinstance(peer, Profile) else PROFILES[Peer(peer)]
