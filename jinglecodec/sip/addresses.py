"""JIDs and SIP URIs (RFC 7247 6), session ids and Call-IDs.

A session id and a Call-ID are made from one another so that the way back gives what there was: a call that comes
around, through another gateway, has an identifier that is being served already, and is cut there
(draft-ietf-stox-media-04 8).
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, unquote_to_bytes

import attrs

from jinglecodec.addresses import Address, is_ip
from jinglecodec.session.jids import bare

__all__ = ["Uri", "to_call_id", "to_jid", "to_sid", "to_uri", "username"]

_USER = "-_.!~*'()&=+$,;?/"
"Beside letters and digits, what the user part has unescaped (RFC 3261 25.1, user)."
_PARAMETER = "-_.!~*'()[]/:&+$"
"The same for parameters (RFC 3261 25.1, param-unreserved)."

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]").search
"What no address has, whatever its form."

_URI = re.compile(
    r"(?P<scheme>sips?):"
    r"(?:(?P<user>[^@:\s<>\"]+)(?::[^@\s<>\"]*)?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<parameters>(?:;[^;?@\s<>\"]+)*)"
    r"(?:\?[^\s<>\"]*)?",
    re.IGNORECASE,
).fullmatch


@attrs.frozen
class Uri:
    """A SIP or SIPS URI, as far as routing and addresses need it (RFC 3261 19.1)."""

    user: str
    "Unescaped; empty where there is none."
    host: str
    "In lower case; an IPv6 address is in brackets."
    port: int | None = None
    gruu: str | None = None
    "The instance that a public GRUU names, unescaped (RFC 7247 6.3)."
    loose: bool = False
    "Whether the router does loose routing (RFC 3261 16.12.1)."

    @classmethod
    def parse(cls, text: str) -> Uri | None:
        """Return the URI, or None where `text` is none of a SIP scheme. Other parameters, and headers, are left out."""
        found = _URI(text)
        if found is None or _FORBIDDEN(text):
            return None
        try:
            user = unquote(found["user"] or "", errors="strict")
            parameters = dict(_parameter(one) for one in found["parameters"].split(";")[1:])
        except UnicodeError:
            return None
        port = None if found["port"] is None else int(found["port"])
        if port is not None and not 0 < port < 2**16:
            return None
        return cls(user, found["host"].lower(), port, parameters.get("gr") or None, "lr" in parameters)

    @property
    def address(self) -> Address | None:
        """Where the host is, port 5060 unless it says another; None when it is a name."""
        host = self.host.strip("[]")
        return Address(host, self.port or 5060) if is_ip(host) else None

    def __str__(self) -> str:
        user = f"{quote(self.user, safe=_USER)}@" if self.user else ""
        port = "" if self.port is None else f":{self.port}"
        instance = "" if self.gruu is None else f";gr={quote(self.gruu, safe=_PARAMETER)}"
        return f"sip:{user}{self.host}{port}{instance}{';lr' * self.loose}"


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.lower(), unquote(value, errors="strict")


# --- JID and URI -----------------------------------------------------------------------------------------------------

_ESCAPES = {character: f"\\{ord(character):02x}" for character in " \"&'/:<>@"}
"What a localpart has escaped (XEP-0106 3), the backslash apart."
_ESCAPED = re.compile(r"\\(20|22|26|27|2f|3a|3c|3e|40|5c)")
_DOMAIN = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?").fullmatch


def to_uri(jid: str) -> Uri | None:
    r"""Return the SIP URI of a JID, its resource as the instance of a GRUU; None where the domain is no host.

    The mapping of RFC 7247 6.5; percent-encoding is left to the URI's own text.

    >>> str(to_uri("m\\26m@xmpp.example")), str(to_uri("baz@xmpp.example/qux"))
    ('sip:m&m@xmpp.example', 'sip:baz@xmpp.example;gr=qux')
    """
    account, _, resource = jid.partition("/")
    local, _, domain = account.rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return None
    if _DOMAIN(host) is None or _FORBIDDEN(jid):
        return None
    return Uri(_unescaped(local), host.lower(), gruu=resource or None)


def to_jid(uri: Uri) -> str | None:
    r"""Return the JID of a URI, with a resource where the URI is a GRUU (RFC 7247 6.4); None where none can have it.

    >>> to_jid(Uri("o'malley", "sip.example", gruu="bar"))
    'o\\27malley@sip.example/bar'
    """
    if _FORBIDDEN(uri.user) or _FORBIDDEN(uri.gruu or ""):
        return None
    local = "".join(_ESCAPES.get(character, character) for character in _ESCAPED.sub(r"\\5c\1", uri.user))
    account = f"{local}@{uri.host}" if local else uri.host
    return account if uri.gruu is None else f"{account}/{uri.gruu}"


def username(jid: str) -> str:
    """Return what stands for a party in `o=`: its localpart (draft-ietf-stox-media-04, table 1), `-` without one."""
    local, at, _ = bare(jid).rpartition("@")
    return local if at and local and not _FORBIDDEN(local) and " " not in local else "-"


def _unescaped(local: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), local)


# --- session id and Call-ID ------------------------------------------------------------------------------------------

_MARK = "@jingle"
"Ends the Call-ID of a session that began in Jingle."
_PREFIX = "sip:"
"Begins the id of a session that began in SIP."


def to_call_id(sid: str) -> str:
    """Return the Call-ID of a session: what stands in it where it came from SIP, else one made of it.

    `to_sid(to_call_id(sid)) == sid`, whatever the id.

    >>> to_call_id("a73sjjvkl37jfea")
    'a73sjjvkl37jfea@jingle'
    """
    call_id = _decoded(sid.removeprefix(_PREFIX)) if sid.startswith(_PREFIX) else None
    if call_id is not None and to_sid(call_id) == sid and not _is_marked(call_id):
        return call_id
    return _encoded(sid) + _MARK


def to_sid(call_id: str) -> str:
    """Return the session id of a Call-ID: what stands in it where it came from Jingle, else one made of it.

    `to_call_id(to_sid(call_id)) == call_id`, for every one that `to_call_id` gives, and for all of those that have not
    been made twice over.

    >>> to_sid("3848276298220188511@example.com")
    'sip:3848276298220188511_40example.com'
    """
    if _is_marked(call_id):
        sid = _decoded(call_id.removesuffix(_MARK))
        if sid is not None:
            return sid
    return _PREFIX + _encoded(call_id)


def _is_marked(call_id: str) -> bool:
    """Tell whether a Call-ID is one that `to_call_id` has made."""
    sid = _decoded(call_id.removesuffix(_MARK)) if call_id.endswith(_MARK) else None
    return sid is not None and _encoded(sid) + _MARK == call_id


_PLAIN = re.compile(r"[A-Za-z0-9.-]+")


def _encoded(text: str) -> str:
    """Return `text` in letters, digits, `.` and `-`, other octets as `_` and two hex digits: an NMTOKEN, and a word."""
    octets = text.encode("utf-8", "surrogatepass")
    return "".join(chr(octet) if _PLAIN.match(chr(octet)) else f"_{octet:02x}" for octet in octets)


def _decoded(text: str) -> str | None:
    """Return what `_encoded` was given, or None where it does not write `text`."""
    try:
        decoded = unquote_to_bytes(text.replace("%", "%25").replace("_", "%")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return decoded if _encoded(decoded) == text else None
