"""Whom a TURN server lets in, and what it grants: the server's side of long-term credentials (RFC 8489 9.2.4)."""

from __future__ import annotations

import enum
import hmac

import attrs

from jinglecodec import stun
from jinglecodec.addresses import Address
from jinglecodec.errors import StunError
from jinglecodec.stun.credentials import (
    MD5,
    SHA_256,
    SecurityFeatures,
    agreed_algorithm,
    long_term_key,
    nonce_cookie,
    userhash,
)

__all__ = ["Access", "Doorkeeper", "Hostility", "TurnPolicy"]


class Hostility(enum.Enum):
    """What a server may do to its clients."""

    CHANGING_REALM = "refuses everybody with 401, each time for another realm"
    ENDLESS_STALE_NONCE = "finds every nonce stale"
    STRIPPED_ALGORITHMS = "announces PASSWORD-ALGORITHMS in its nonces and leaves them out"
    NO_RELAYED_ADDRESS = "grants allocations without a relayed address"
    UNPERMITTED_DATA = "passes on what comes from peers without permission"
    HUGE_LIFETIME = "announces the longest lifetime that there is, and keeps the default one"


@attrs.frozen(kw_only=True)
class TurnPolicy:
    """What a TURN server grants, and to whom."""

    users: tuple[tuple[str, str], ...] = (("user", "password"),)
    "User names and passwords."
    realm: str = "example.org"
    algorithms: tuple[stun.PasswordAlgorithm, ...] = (SHA_256, MD5)
    "On offer, the best first; none for a server of RFC 5766, which has no nonce cookie either."
    anonymous: bool = False
    "Clients have to hash their user names (RFC 8489 9.2.4); needs `algorithms`."
    nonce_lifetime: float = 3600.0
    "Seconds; every multiple of it makes all nonces stale (438)."
    default_lifetime: int = 600
    "Seconds that an allocation lives without a Refresh."
    longest_lifetime: int = 3600
    "Seconds; what clients get at most when they ask for more than the default."
    quota: int = 10
    "Allocations of one user; beyond that, 486."
    capacity: int = 1000
    "Allocations altogether; beyond that, 508."
    peers: int = 100
    "Permissions of one relayed address, and channels; beyond that, 508."
    forbidden: tuple[str, ...] = ()
    "IP addresses of peers that are refused with 403."
    alternate: Address | None = None
    "Where everybody is sent with 300."
    hostility: Hostility | None = None


@attrs.frozen
class Access:
    """Who made a request, and how the response is sealed."""

    username: str
    key: bytes = attrs.field(repr=False)
    integrity: stun.Integrity


class Doorkeeper:
    """Tells authentic requests from others. Its nonces depend on client and time, so that it keeps none."""

    __slots__ = ("_challenges", "_policy", "_secret")

    def __init__(self, policy: TurnPolicy, secret: bytes) -> None:
        self._policy = policy
        self._secret = secret
        self._challenges = 0

    def judge(self, request: stun.Message, client: str, now: float) -> Access | stun.Message:
        """Return who sent the request, or the error response to it: the checks of RFC 8489 9.2.4 in their order."""
        if request.integrity is None:
            return self._challenge(request, 401, client, now)
        try:
            nonce = request[stun.NONCE]
            algorithm = agreed_algorithm(request, self._policy.algorithms)
            username = self._username(request)
            realm = request[stun.REALM]
        except StunError:
            return request.error(400)
        password = dict(self._policy.users).get(username)
        if password is None or realm != self._policy.realm or self._policy.hostility is Hostility.CHANGING_REALM:
            return self._challenge(request, 401, client, now)
        key = long_term_key(username, realm, password, algorithm)
        if not request.verify(key):
            return self._challenge(request, 401, client, now)
        stale = self._policy.hostility is Hostility.ENDLESS_STALE_NONCE
        if stale or not hmac.compare_digest(nonce, self._nonce(client, now)):
            return self._challenge(request, 438, client, now)
        # SHA-1 only for what was treated as of a client of RFC 5389 (RFC 8489 9.2.4).
        modern = stun.PASSWORD_ALGORITHM in request
        return Access(username, key, stun.Integrity.SHA256 if modern else stun.Integrity.SHA1)

    def _username(self, request: stun.Message) -> str:
        """Return the user name, empty for a hash of none; raises StunError when there is neither."""
        hashed = request.get(stun.USERHASH)
        if hashed is None:
            return request[stun.USERNAME]
        names = (name for name, _ in self._policy.users)
        return next((name for name in names if hmac.compare_digest(hashed, userhash(name, self._policy.realm))), "")

    def _challenge(self, request: stun.Message, code: int, client: str, now: float) -> stun.Message:
        """Return the response that tells a client how to try again."""
        policy = self._policy
        realm = policy.realm
        if policy.hostility is Hostility.CHANGING_REALM:
            self._challenges += 1
            realm = f"{self._challenges}.{realm}"
        attributes = [stun.REALM(realm), stun.NONCE(self._nonce(client, now))]
        if policy.algorithms and policy.hostility is not Hostility.STRIPPED_ALGORITHMS:
            attributes.append(stun.PASSWORD_ALGORITHMS(policy.algorithms))
        return request.error(code, *attributes)

    def _nonce(self, client: str, now: float) -> bytes:
        """Return the nonce that is valid now: no two clients have the same."""
        policy = self._policy
        age = int(now // policy.nonce_lifetime)
        nonce = hmac.digest(self._secret, f"{age} {client}".encode(), "sha256").hex()[:24].encode()
        if not policy.algorithms:
            return nonce
        features = SecurityFeatures.PASSWORD_ALGORITHMS
        if policy.anonymous:
            features |= SecurityFeatures.USERNAME_ANONYMITY
        return nonce_cookie(features) + nonce
