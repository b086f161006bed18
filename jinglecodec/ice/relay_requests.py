"""Requests to a TURN server, and what their responses mean: long-term credentials on the client (RFC 8489 9.2.5).

A request is answered by another one with credentials (401), with a new nonce (438), or for good; how often is bounded,
whatever the server says. Nothing here knows the time or a socket.
"""

from __future__ import annotations

import enum

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address, packed
from jinglecodec.errors import EncodeError, StunError
from jinglecodec.stun.credentials import Challenge, Credential, is_bid_down

__all__ = ["MOST_TRIES", "Account", "Attempt", "Failure", "Grant", "Request", "Task", "refresh_after"]

MOST_TRIES = 4
"How often one request is made: without credentials, with them, and twice more because its nonce was stale."

_DEFAULT_LIFETIME = 600
_LONGEST_LIFETIME = 3600
"Seconds; servers should not grant more (RFC 8656 7.2), so that one which claims to is not believed."
_SHORTEST_REFRESH = 5.0

_UDP = 17
"The number of UDP in REQUESTED-TRANSPORT."


class Task(enum.Enum):
    """What a request is for; the value is for people."""

    ALLOCATE = "Allocate"
    REFRESH = "Refresh"
    RELEASE = "Refresh with lifetime 0"
    PERMIT = "CreatePermission"
    BIND = "ChannelBind"


@attrs.frozen
class Request:
    """One thing that is asked of the server."""

    task: Task
    peers: tuple[Address, ...] = ()
    "For PERMIT and BIND."
    channel: int = 0
    "For BIND."
    families: tuple[stun.Family, ...] = ()
    "For ALLOCATE."
    tries: int = 1

    def message(self, transaction_id: bytes) -> stun.Message:
        """Return the request without credentials (RFC 8656 7.1, 8.1, 10.1 and 12.1)."""
        match self.task:
            case Task.ALLOCATE:
                attributes = (stun.REQUESTED_TRANSPORT(_UDP), *_family_attributes(self.families))
                return stun.Message.request(stun.Method.ALLOCATE, transaction_id, *attributes)
            case Task.REFRESH:
                return stun.Message.request(stun.Method.REFRESH, transaction_id)
            case Task.RELEASE:
                return stun.Message.request(stun.Method.REFRESH, transaction_id, stun.LIFETIME(0))
            case Task.PERMIT:
                addresses = map(stun.XOR_PEER_ADDRESS, self.peers)
                return stun.Message.request(stun.Method.CREATE_PERMISSION, transaction_id, *addresses)
            case Task.BIND:
                binding = (stun.CHANNEL_NUMBER(self.channel), stun.XOR_PEER_ADDRESS(self.peers[0]))
                return stun.Message.request(stun.Method.CHANNEL_BIND, transaction_id, *binding)


def _family_attributes(families: tuple[stun.Family, ...]) -> tuple[stun.Attribute, ...]:
    """Return what asks for these families; IPv4 alone needs nothing (RFC 8656 7.1)."""
    match families:
        case (stun.Family.IPV4,):
            return ()
        case (stun.Family.IPV6,):
            return (stun.REQUESTED_ADDRESS_FAMILY(stun.Family.IPV6),)
        case _:
            return (stun.ADDITIONAL_ADDRESS_FAMILY(stun.Family.IPV6),)


@attrs.frozen
class Failure:
    """Why a request failed for good."""

    code: int | None
    "The error code, None when there is no answer that can be trusted."
    reason: str
    "For people."


@attrs.define
class Attempt:
    """A request on its way, under one transaction id."""

    request: Request
    packet: bytes
    "Sent again as it is."
    credential: Credential | None
    started: float
    "When it was sent first; what it asks for lives from then on at least."
    sent: int = 1
    is_violated: bool = False
    "A response with wrong message integrity came (RFC 8489 9.2.5)."

    @property
    def silence(self) -> Failure:
        """Why there was no end to it."""
        if self.is_violated:
            return Failure(None, f"{self.request.task.value}: message integrity is wrong (RFC 8489 9.2.5)")
        return Failure(None, f"{self.request.task.value}: no answer (RFC 8489 6.2.1)")


class Account:
    """User name and password at one server, and what it demands at present."""

    __slots__ = ("_credential", "_password", "_realm", "_username")

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._realm: str | None = None
        self._credential: Credential | None = None

    def attempt(self, request: Request, transaction_id: bytes, now: float) -> Attempt:
        """Return the request ready to be sent, with credentials as soon as the server has asked for them."""
        message = request.message(transaction_id)
        credential = self._credential
        packet = message.encode() if credential is None else credential.encode(message)
        return Attempt(request, packet, credential, now)

    def judge(self, attempt: Attempt, response: stun.Message) -> Request | Failure | stun.Message | None:
        """Return what a response comes to.

        The request to make instead, why it failed, or the success response. None: the response has to be ignored, as
        it may be forged (RFC 8489 9.2.5).
        """
        code, reason = _error_of(response)
        if code in (401, 438):
            return self._challenged(attempt, response, code)
        if is_bid_down(response) or (code == 400 and response.integrity is None):
            return None
        # Who redirects need not know the credentials (RFC 8489 10).
        if attempt.credential is not None and not (code == 300 and response.integrity is None):
            strong = (
                attempt.credential.integrity is stun.Integrity.SHA1 or response.integrity is not stun.Integrity.SHA1
            )
            if not (strong and response.verify(attempt.credential.key)):
                attempt.is_violated = True
                return None
        name = attempt.request.task.value
        if response.message_class is stun.MessageClass.ERROR:
            return Failure(code, f"{name}: {reason}")
        if unknown := response.unknown_required():
            return Failure(None, f"{name}: attributes {unknown} are not understood (RFC 8489 6.3.3)")
        return response

    def _challenged(self, attempt: Attempt, response: stun.Message, code: int) -> Request | Failure:
        """Return the request with the credentials that are asked for, unless it was of no use already."""
        request = attempt.request
        name = request.task.value
        try:
            challenge = Challenge.of(response)
            credential = challenge.answer(self._username, self._password)
        except (StunError, EncodeError) as error:
            return Failure(code, f"{name}: {error}")
        if code == 401 and attempt.credential is not None and challenge.realm == self._realm:
            return Failure(code, f"{name}: user name and password are refused (RFC 8489 9.2.5)")
        if request.tries == MOST_TRIES:
            return Failure(code, f"{name}: refused {MOST_TRIES} times, each time for another reason to try again")
        self._realm = challenge.realm
        self._credential = credential
        return attrs.evolve(request, tries=request.tries + 1)


def _error_of(response: stun.Message) -> tuple[int | None, str]:
    """Return code and text of an error response, None for success, and for an error without a code."""
    if response.message_class is not stun.MessageClass.ERROR:
        return None, ""
    try:
        error = response[stun.ERROR_CODE]
    except StunError as broken:
        return None, str(broken)
    return error.code, f"{error.code} {error.reason or stun.REASONS.get(error.code, '')}".rstrip()


# --- what success means ----------------------------------------------------------------------------------------------


@attrs.frozen
class Grant:
    """What a success response to Allocate gives (RFC 8656 7.3)."""

    relayed: tuple[Address, ...]
    "At most one for each family that was asked for; none when the response is of no use."
    mapped: Address | None
    refused: tuple[stun.AddressError, ...]

    @classmethod
    def of(cls, response: stun.Message, families: tuple[stun.Family, ...]) -> Grant:
        """Return what the response gives."""
        try:
            relayed = response.get_all(stun.XOR_RELAYED_ADDRESS)
            mapped = response.get(stun.XOR_MAPPED_ADDRESS)
            refused = response.get_all(stun.ADDRESS_ERROR_CODE)
        except StunError:
            return cls((), None, ())
        found = (_first(relayed, family) for family in families)
        return cls(tuple(each for each in found if each is not None), mapped, refused)


def _first(addresses: tuple[Address, ...], family: stun.Family) -> Address | None:
    """Return the first address of a family that can be sent to."""
    wanted = 4 if family is stun.Family.IPV4 else 16
    for address in addresses:
        octets = packed(address.host) or b""
        if len(octets) == wanted and any(octets) and address.port:
            return address
    return None


def refresh_after(response: stun.Message) -> float:
    """Return after how many seconds to refresh: about a minute before the lifetime is over (RFC 8656 8)."""
    try:
        lifetime = response.get(stun.LIFETIME)
    except StunError:
        lifetime = None
    seconds = min(_DEFAULT_LIFETIME if lifetime is None else lifetime, _LONGEST_LIFETIME)
    return max(seconds - 60.0, seconds / 2, _SHORTEST_REFRESH)
