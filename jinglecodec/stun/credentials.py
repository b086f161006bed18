"""STUN credentials (RFC 8489 9): keys, the answer to a challenge, and the protection against bidding down.

credential = short_term("peer:me", password)                      # ICE
credential = Challenge.of(response).answer("user", "password")    # TURN, from a 401 or 438
packet = credential.encode(request)
...
authentic = response.verify(credential.key)
"""

from __future__ import annotations

import binascii
import enum
from typing import TYPE_CHECKING

import attrs

from jinglecodec.errors import EncodeError, StunError
from jinglecodec.stun.attributes import (
    NONCE,
    PASSWORD_ALGORITHM,
    PASSWORD_ALGORITHMS,
    REALM,
    USERHASH,
    USERNAME,
    Attribute,
)
from jinglecodec.stun.message import Integrity, Message
from jinglecodec.stun.strings import opaque_string
from jinglecodec.stun.values import PasswordAlgorithm

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MD5",
    "SHA_256",
    "Challenge",
    "Credential",
    "SecurityFeatures",
    "agreed_algorithm",
    "is_bid_down",
    "long_term_key",
    "nonce_cookie",
    "security_features",
    "short_term",
    "short_term_key",
    "turn_rest",
    "userhash",
]

MD5 = PasswordAlgorithm(0x0001)
"RFC 8489 18.5.1.1; what everybody used before RFC 8489."
SHA_256 = PasswordAlgorithm(0x0002)
"RFC 8489 18.5.1.2"

_HASHES = {MD5: "md5", SHA_256: "sha256"}
_COOKIE = b"obMatJos2"
_LONGEST_ECHO = 763
"""Octets of a REALM and a NONCE (RFC 8489 14.9, 14.10), and of PASSWORD-ALGORITHMS, that are sent back.

Without a limit one forged response could not be answered, or took minutes: some rules of OpaqueString look at all of
the text for each character.
"""


class SecurityFeatures(enum.IntFlag):
    """What a server announces in its nonce cookie (RFC 8489 18.1 with errata 6290: bit 0 is the rightmost of 24)."""

    NONE = 0
    PASSWORD_ALGORITHMS = 1 << 0
    USERNAME_ANONYMITY = 1 << 1


# --- keys --------------------------------------------------------------------------------------------------------


def short_term_key(password: str, prepare: Callable[[str], str] = opaque_string) -> bytes:
    """Return the key of a short-term credential (RFC 8489 9.1.1); raises EncodeError for a forbidden character."""
    return prepare(password).encode()


def long_term_key(
    username: str,
    realm: str,
    password: str,
    algorithm: PasswordAlgorithm = MD5,
    prepare: Callable[[str], str] = opaque_string,
) -> bytes:
    """Return the key of a long-term credential: 16 octets for MD5, 32 for SHA-256 (RFC 8489 9.2.2 and 18.5.1).

    Quotes around user name and realm and trailing NULs are removed. `prepare` is `strings.saslprep` for servers of
    RFC 5389 and other than ASCII. Raises EncodeError for a forbidden character or an unknown algorithm.
    """
    parts = (prepare(_bare(username)), prepare(_bare(realm)), prepare(password.rstrip("\0")))
    return _hashed(algorithm, ":".join(parts))


def userhash(username: str, realm: str) -> bytes:
    """Return the 32 octets that stand for a user name (RFC 8489 14.4); raises EncodeError."""
    return _hashed(SHA_256, f"{opaque_string(username)}:{opaque_string(realm)}")


def turn_rest(secret: str, expires: int, user: str = "") -> tuple[str, str]:
    """Return the user name and the password that a TURN server with this shared secret takes until `expires`.

    That is in seconds since 1970; `user` is anything that tells users apart (draft-uberti-behave-turn-rest-00 2.2).
    """
    from jinglecodec.stun.integrity import Keyed  # noqa: PLC0415 - loads the hashes, 2 ms

    username = f"{expires}:{user}" if user else str(expires)
    password = binascii.b2a_base64(Keyed("sha1", secret.encode()).digest(username.encode()), newline=False)
    return username, password.decode()


def _bare(text: str) -> str:
    return text.rstrip("\0").strip('"')


def _hashed(algorithm: PasswordAlgorithm, text: str) -> bytes:
    if algorithm not in _HASHES:
        raise EncodeError(f"{algorithm} is not supported (RFC 8489 18.5)")
    import hashlib  # noqa: PLC0415 - 2 ms, due with the first key

    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).digest()


# --- the nonce cookie --------------------------------------------------------------------------------------------


def nonce_cookie(features: SecurityFeatures) -> bytes:
    """Return the 13 octets that a server puts in front of its nonces (RFC 8489 9.2)."""
    return _COOKIE + binascii.b2a_base64(features.to_bytes(3), newline=False)


def security_features(nonce: bytes) -> SecurityFeatures | None:
    """Return what the nonce cookie announces, or None when the nonce has none: a server of RFC 5389."""
    if not nonce.startswith(_COOKIE):
        return None
    try:
        octets = binascii.a2b_base64(nonce[9:13], strict_mode=True)
    except binascii.Error:
        return None
    if len(octets) != 3:
        return None
    bits = int.from_bytes(octets)
    # The text as printed counts from the left, so that bits 0 and 1 are also looked for at that end.
    return SecurityFeatures((bits | bits >> 23 | bits >> 21 & 2) & 3)


def is_bid_down(response: Message) -> bool:
    """Tell whether PASSWORD-ALGORITHMS was stripped on the way: announced in the nonce, but absent.

    After a 401 or 438 the client must not try again; any other such response must be ignored (RFC 8489 9.2.5).
    """
    features = security_features(response.get(NONCE) or b"")
    announced = features is not None and SecurityFeatures.PASSWORD_ALGORITHMS in features
    return announced and PASSWORD_ALGORITHMS not in response


def agreed_algorithm(request: Message, offered: tuple[PasswordAlgorithm, ...]) -> PasswordAlgorithm:
    """Return the algorithm that a request to a server's nonce uses; raises StunError to be answered with 400.

    `offered` is what the response with that nonce listed, empty for none. A request with neither attribute is from
    an older client and uses MD5; else both have to be there and to match (RFC 8489 9.2.4).
    """
    listed, chosen = request.get(PASSWORD_ALGORITHMS), request.get(PASSWORD_ALGORITHM)
    if not offered or (listed is None and chosen is None):
        return MD5
    if chosen is None or listed != offered or chosen not in offered:
        raise StunError("PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS are not as offered (RFC 8489 9.2.4)")
    return chosen


# --- credentials -------------------------------------------------------------------------------------------------


@attrs.frozen
class Credential:
    """What makes a request authentic: attributes that go into it, and how it is sealed."""

    attributes: tuple[Attribute, ...]
    "USERNAME or USERHASH, and what the server asked for."
    key: bytes = attrs.field(repr=False)
    "For `Message.encode` and `Message.verify`."
    integrity: Integrity = Integrity.SHA1
    "What requests carry. The response has to carry the same, or one of BOTH (RFC 8489 9.1.4)."

    def encode(self, message: Message, *, fingerprint: bool = False) -> bytes:
        """Return `message` with these attributes behind its own, sealed; raises EncodeError when it is too long."""
        attributes = message.attributes + self.attributes
        full = Message(message.method, message.message_class, message.transaction_id, attributes)
        return full.encode(self.key, integrity=self.integrity, fingerprint=fingerprint)


def short_term(username: str, password: str, integrity: Integrity = Integrity.SHA1) -> Credential:
    """Return a short-term credential (RFC 8489 9.1); ICE's use MESSAGE-INTEGRITY. Raises EncodeError."""
    return Credential((USERNAME(username),), short_term_key(password), integrity)


@attrs.frozen
class Challenge:
    """What a server demands in a 401 or 438 before it lets anybody in (RFC 8489 9.2.4 and 9.2.5)."""

    realm: str
    nonce: bytes
    features: SecurityFeatures | None
    "From the nonce cookie; None for servers of RFC 5389."
    algorithm: PasswordAlgorithm | None
    "The first on offer that this library supports; None when the server offers no choice, which means MD5."
    echo: tuple[Attribute, ...]
    "REALM, NONCE and PASSWORD-ALGORITHMS as received, octet for octet, for the next request."

    @classmethod
    def of(cls, response: Message) -> Challenge:
        """Return the challenge in a 401 or 438 response.

        Raises StunError when there is no other try to be made: REALM or NONCE is missing, malformed or too long, no
        algorithm on offer is supported, or the offer was stripped on the way (RFC 8489 9.2.1).
        """
        echo = _firsts(response, (REALM.number, NONCE.number, PASSWORD_ALGORITHMS.number))
        for each in echo:
            if len(each.octets) > _LONGEST_ECHO:
                raise StunError(f"{each.name}: {len(each.octets)} octets, {_LONGEST_ECHO} are allowed")
        realm, nonce = response[REALM], response[NONCE]
        if is_bid_down(response):
            raise StunError("the nonce announces PASSWORD-ALGORITHMS, which is missing: bid-down (RFC 8489 9.2.5)")
        offered = response.get(PASSWORD_ALGORITHMS)
        supported = [algorithm for algorithm in offered or () if algorithm in _HASHES]
        if offered is not None and not supported:
            raise StunError("no password algorithm on offer is supported (RFC 8489 9.2.5)")
        try:
            opaque_string(_bare(realm))
        except EncodeError as error:
            raise StunError(f"REALM: {error} (RFC 8489 14.9)") from None
        return cls(realm, nonce, security_features(nonce), supported[0] if supported else None, echo)

    def answer(self, username: str, password: str, prepare: Callable[[str], str] = opaque_string) -> Credential:
        """Return the credential for requests that answer this challenge (RFC 8489 9.2.5).

        The user name is hashed where the server announces anonymity. Where it offers algorithms, requests carry
        MESSAGE-INTEGRITY-SHA256 only. Raises EncodeError for a forbidden character in user name or password.
        """
        prepared = prepare(_bare(username))
        anonymous = self.features is not None and SecurityFeatures.USERNAME_ANONYMITY in self.features
        user = USERHASH(userhash(prepared, self.realm)) if anonymous else USERNAME(prepared)
        key = long_term_key(prepared, self.realm, password, self.algorithm or MD5, prepare)
        if self.algorithm is None:
            return Credential((user, *self.echo), key, Integrity.SHA1)
        return Credential((user, *self.echo, PASSWORD_ALGORITHM(self.algorithm)), key, Integrity.SHA256)


def _firsts(message: Message, wanted: tuple[int, ...]) -> tuple[Attribute, ...]:
    """Return the first attribute of each wanted type that the message has."""
    found: dict[int, Attribute] = {}
    for attribute in message.attributes:
        if attribute.type in wanted:
            found.setdefault(attribute.type, attribute)
    return tuple(found.values())
