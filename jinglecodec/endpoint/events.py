"""What goes into an endpoint and what comes out of it: the events of sessions and sockets, and those of media."""

from __future__ import annotations

import attrs

from jinglecodec import ice, stun
from jinglecodec.addresses import Address
from jinglecodec.endpoint.sockets import SocketAnswer, SocketWish
from jinglecodec.findings import Finding
from jinglecodec.machine import HostnameResolved, ResolveHostname
from jinglecodec.mapping import Loss
from jinglecodec.model.external_services import Service
from jinglecodec.model.grouping import Group
from jinglecodec.model.jingle import Content, ContentKey
from jinglecodec.sdp import SessionDescription
from jinglecodec.session import events as session
from jinglecodec.session.events import SessionKey

__all__ = [
    "Accept",
    "AcceptContent",
    "AddContent",
    "AddLocalAddress",
    "CallCommand",
    "CandidateUnusable",
    "Connected",
    "ConnectivityChanged",
    "DataReceived",
    "Description",
    "Event",
    "NotMapped",
    "Output",
    "Place",
    "RestartIce",
    "SendData",
    "ServerUnusable",
    "ServicesReceived",
]

Description = SessionDescription | tuple[Content, ...]
"""What a party wants to exchange: SDP, or contents with descriptions.

Transports are the endpoint's to fill in: of those given here, DTLS fingerprints, SCTP and the like are kept.
"""


# --- in: calls ------------------------------------------------------------------------------------------------------


@attrs.frozen
class Place:
    """Call somebody: SessionStarted tells the key of the session."""

    peer: str
    "The full JID of the responder."
    description: Description
    sid: str | None = None
    "None draws one. That of a proposal goes on as the session's (XEP-0353 3.4)."
    groups: tuple[Group, ...] = ()
    "Of contents; SDP has its own."


@attrs.frozen
class CallCommand:
    """Say something about a call."""

    session: SessionKey


@attrs.frozen
class Accept(CallCommand):
    """Accept a call. From now on the peer may learn the addresses of this host (XEP-0176 10.1)."""

    description: Description
    groups: tuple[Group, ...] = ()


@attrs.frozen
class AddContent(CallCommand):
    """Propose further contents (XEP-0166 7.2.2)."""

    contents: tuple[Content, ...]
    groups: tuple[Group, ...] = ()


@attrs.frozen
class AcceptContent(CallCommand):
    """Accept contents that the peer proposed (XEP-0166 7.2.1)."""

    contents: tuple[Content, ...]
    groups: tuple[Group, ...] = ()


@attrs.frozen
class RestartIce(CallCommand):
    """Negotiate the paths of a call again, say after an address of this host has changed (XEP-0176 5.9)."""


@attrs.frozen
class SendData(CallCommand):
    """Send a datagram of a content: DTLS, RTP, RTCP. It is dropped while there is no path."""

    content: ContentKey
    component: int
    "1, or 2 for RTCP that has a port of its own."
    data: bytes


# --- in: this host --------------------------------------------------------------------------------------------------


@attrs.frozen
class AddLocalAddress:
    """Use an address of an interface, for all calls."""

    host: str
    "An IP address in text form, with a zone id where the system needs one to bind."


@attrs.frozen
class ServicesReceived:
    """The server has told its STUN and TURN servers (XEP-0215); those for calls from here on."""

    services: tuple[Service, ...]


# --- out ------------------------------------------------------------------------------------------------------------


@attrs.frozen
class Connected:
    """Data of a component goes this way from now on; again after a restart, or when a better path was found."""

    session: SessionKey
    content: ContentKey
    component: int
    local: ice.Candidate
    remote: ice.Candidate


@attrs.frozen
class ConnectivityChanged:
    """The path of a content is established, in doubt, lost or given up."""

    session: SessionKey
    content: ContentKey
    state: ice.StreamState


@attrs.frozen
class DataReceived:
    """A datagram that is not STUN came for a content; bundled contents have one path, that of the first of them."""

    session: SessionKey
    content: ContentKey
    component: int
    kind: stun.Kind
    "By its first octet (RFC 7983 7)."
    data: bytes


@attrs.frozen
class NotMapped:
    """What of a description in SDP cannot be said in Jingle."""

    session: SessionKey
    losses: tuple[Loss, ...]


@attrs.frozen
class CandidateUnusable:
    """A candidate of the peer is not used; the call goes on."""

    session: SessionKey
    content: ContentKey
    candidate: ice.Candidate
    reason: Finding


@attrs.frozen
class ServerUnusable:
    """A TURN server gives no relayed candidate, or not any more; the call goes on."""

    session: SessionKey
    content: ContentKey
    server: Address
    reason: Finding


SessionEvent = (
    session.RejectContent
    | session.RemoveContent
    | session.ModifyContent
    | session.SendDescriptionInfo
    | session.SendSecurityInfo
    | session.SendSessionInfo
    | session.Terminate
    | session.StanzaReceived
    | session.PeerGone
    | session.PeerFeatures
    | session.TrustChanged
)
"What an endpoint takes as a manager does."

Event = Place | CallCommand | AddLocalAddress | ServicesReceived | SessionEvent | SocketAnswer | HostnameResolved
"What an endpoint takes, beside TimerFired."

Output = (
    session.Output
    | Connected
    | ConnectivityChanged
    | DataReceived
    | CandidateUnusable
    | ServerUnusable
    | NotMapped
    | SocketWish
    | ResolveHostname
)
"What an endpoint says."
