"""The lines of one section while they are written, and what could not be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from operator import attrgetter

from jinglecodec.errors import EncodeError
from jinglecodec.lexical import decimal
from jinglecodec.mapping.losses import Loss, unmapped
from jinglecodec.model.own import Carry
from jinglecodec.sdp.values import Value
from jinglecodec.xml.fields import Element, Kind
from jinglecodec.xml.plan import Field, plan_of
from jinglecodec.xml.tree import EMPTY, Extra, split_tag

__all__ = ["SAID", "Writing"]


class Writing:
    """Values of a section in order. A value that its line cannot carry is a loss, never a line.

    This is the gate that no peer's string passes with CR, LF or NUL: every value checks itself when it is made.
    """

    def __init__(self, path: str, joint: str = ";") -> None:
        self.path = path
        self.joint = joint
        "What parts the parameters of `a=fmtp`."
        self.values: list[Value] = []
        self.losses: list[Loss] = []

    def put(self, element: str, kind: Callable[..., Value], *arguments: object) -> None:
        """Add the value that `kind` makes of `arguments`, which come from the child `element`."""
        try:
            self.values.append(kind(*arguments))
        except EncodeError as error:
            self.lose(element, f"cannot be written: {error}", "RFC 8866 9")

    def derive(self, kind: Callable[..., Value], *arguments: object) -> None:
        """Add a value that says again what another line says, where it can be made."""
        with suppress(EncodeError):
            self.values.append(kind(*arguments))

    def number(self, element: str, text: str) -> int | None:
        """Return the number that the child `element` has as text, or None after noting that it is none."""
        try:
            return decimal(text.strip(), 0, 10**20 - 1)
        except ValueError as error:
            self.lose(element, f"cannot be written: {error}", "RFC 8866 9")
            return None

    def lose(self, element: str, message: str, clause: str) -> None:
        """Note that something of the child `element` has no form here."""
        self.losses.append(unmapped(f"{self.path}/{element}", message, clause))

    def lose_rest(self, *elements: Element, element: str = "") -> None:
        """Note what elements say that no line does: fields that are not in `SAID`, and what no field takes."""
        for one in elements:
            rest = _RESTS[one.__class__]
            if rest is not None:
                self._lose_unsaid(one, rest, element)
            if one.extra is not EMPTY:
                self._lose_extra(one.extra, element)

    def _lose_unsaid(self, one: Element, rest: _Rest, element: str) -> None:
        """Note the fields of one element that no line says and that are not their defaults."""
        values = rest.values(one)
        if values != rest.defaults:
            for (step, clause), value, default in zip(rest.steps, values, rest.defaults, strict=False):
                if value != default:
                    self.lose(f"{element}/{step}".removeprefix("/"), "has no form in SDP", clause)

    def _lose_extra(self, extra: Extra, element: str) -> None:
        """Note what stands in an element that its specification does not know; the carry apart."""
        for name, _ in extra.attributes:
            self.lose(f"{element}/@{name}".removeprefix("/"), "has no form in SDP", "RFC 6120 8.4")
        for node in (node for node in extra.children if not isinstance(node, Carry)):
            self.lose(element, f"{type(node).__name__} has no form in SDP", "RFC 6120 8.4")
        if extra.text:
            self.lose(element, "its text has no form in SDP", "RFC 6120 8.4")


SAID = {
    "Bandwidth": {"type", "value"},
    "Candidate": {
        *("component", "foundation", "generation", "id", "ip", "network", "port", "priority", "protocol", "rel_addr"),
        *("rel_port", "tcptype", "type", "network_id", "network_cost", "mid", "mlineindex"),
    },
    "Category": {"name"},
    "Channel": {"id", "max_packet_life_time", "max_retransmits", "negotiated", "ordered", "protocol"},
    "Content": {"creator", "name", "senders", "description", "transport"},
    "Crypto": {"tag", "crypto_suite", "key_params", "session_params"},
    "Encryption": {"required", "cryptos", "zrtp_hashes"},
    "FeedbackParameter": {"name", "value"},
    "Fingerprint": {"hash", "setup", "value"},
    "Group": {"semantics", "contents"},
    "GroupContent": {"name"},
    "HeaderExtension": {"id", "uri", "senders", "parameters"},
    "HeaderExtensionParameter": {"name", "value"},
    "IceTransport": {
        *("ufrag", "pwd", "fingerprints", "sctpmaps", "channels", "candidates", "remote_candidates"),
        *("gathering_complete", "ice2"),
    },
    "IceUdpTransport": {
        *("ufrag", "pwd", "fingerprints", "sctpmaps", "channels", "candidates", "remote_candidates"),
        *("gathering_complete", "rtcp_mux", "trickle", "renomination"),
    },
    "Jingle": {"action", "sid", "initiator", "responder", "contents", "groups"},
    "MediaStream": {"id", "track"},
    "Parameter": {"name", "value"},
    "PayloadType": {"id", "name", "clockrate", "channels", "ptime", "maxptime", "parameters", "feedback", "trr_int"},
    "RawUdpCandidate": {"component", "generation", "id", "ip", "port"},
    "RawUdpTransport": {"candidates"},
    "RemoteCandidate": {"component", "ip", "port"},
    "RtcpFeedback": {"type", "subtype", "parameters", "id"},
    "RtpDescription": {
        *("media", "payload_types", "rtcp_mux", "encryption", "bandwidths", "feedback", "trr_int", "header_extensions"),
        *("extmap_allow_mixed", "source_groups", "sources", "categories", "ptime", "maxptime", "profile"),
        *("rtcp_reduced_size", "streams"),
    },
    "SctpMap": {"number", "protocol"},
    "Source": {"ssrc", "parameters"},
    "SourceGroup": {"semantics", "sources"},
    "SourceParameter": {"name", "value"},
    "TrrInt": {"value", "id", "type"},
    "ZrtpHash": {"version", "value"},
}
"Class of element -> the fields that lines say, or that say nothing of their own."
SAID["IceCandidate"] = SAID["Candidate"]
SAID["IceRemoteCandidate"] = SAID["RemoteCandidate"]


class _Rest:
    """The fields of a class that no line says, of which there is one at least."""

    __slots__ = ("defaults", "steps", "values")

    def __init__(self, fields: list[Field]) -> None:
        names = [field.name for field in fields]
        self.values: Callable[[Element], tuple[object, ...]] = attrgetter(*names, names[0])
        "What gives them; one of them twice, so that they are a tuple always."
        self.defaults = tuple(field.default for field in (*fields, fields[0]))
        self.steps = tuple(_step(field) for field in fields)


class _Rests(dict[type, "_Rest | None"]):
    """Class -> the fields that no line says, None where lines say all."""

    def __missing__(self, cls: type[Element]) -> _Rest | None:
        fields = [field for field in plan_of(cls).fields if field.name not in SAID.get(cls.__name__, ())]
        self[cls] = _Rest(fields) if fields else None
        return self[cls]


_RESTS = _Rests()
Step = tuple[str, str]
"Step of a path, and the clause that leaves no room for what is there."


def _step(field: Field) -> Step:
    clause = f"of {field.spec.unspecified}, in no specification" if field.spec.unspecified else "RFC 8866 9"
    if field.kind is Kind.ATTRIBUTE:
        return f"@{field.wire}", clause
    return split_tag(field.tags[0])[1] if field.tags else field.name, clause
