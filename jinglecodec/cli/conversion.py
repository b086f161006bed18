"""The commands to-jingle and to-sdp. Of files nothing is written where one is bad; of JSON Lines each is for itself."""

from __future__ import annotations

import argparse
from functools import partial

import jinglecodec as jc
from jinglecodec.cli.batch import Outcome, carry_out, declare_batch
from jinglecodec.cli.telling import Exit, dumped, plain, read_sdp
from jinglecodec.findings import Finding, Severity
from jinglecodec.mapping.contents import Role
from jinglecodec.mapping.losses import Loss
from jinglecodec.model.jingle import Action, Jingle

__all__ = ["declare", "peer", "run", "sid_of", "told_losses"]


def declare(parser: argparse.ArgumentParser, command: str) -> None:
    """Declare the arguments of a command."""
    declare_batch(parser)
    parser.add_argument(
        "--role",
        choices=("initiator", "responder"),
        help="who wrote the description; default: initiator, of an accept responder",
    )
    parser.add_argument("--offer", metavar="FILE", help="the SDP offer that this answers")
    parser.add_argument(
        "--peer", type=peer, metavar="NAME", help="for whom it is written: dino, conversations, jitsi, sip ..."
    )
    parser.add_argument("--carry", action="store_true", help="send along, or honour, what Jingle cannot say")
    parser.add_argument("--strict", action="store_true", help="fail where anything is lost")
    parser.add_argument("--verbose", "-v", action="store_true", help="tell also what is carried along")
    parser.add_argument("--json", action="store_true", help="one JSON object a file: value and losses")
    parser.add_argument("--output", "-o", metavar="FILE", help="file to write")
    if command == "to-jingle":
        actions = [action.value for action in Action]
        parser.add_argument(
            "--action", choices=actions, metavar="ACTION", help="default: session-initiate; responder: session-accept"
        )
        parser.add_argument("--sid", help="session id; by default that of the o= line")
        parser.add_argument("--initiator", metavar="JID")
        parser.add_argument("--responder", metavar="JID")
        parser.add_argument("--pretty", action="store_true", help="indent the XML")


def run(options: argparse.Namespace) -> Exit:
    """Map all inputs."""
    offer = None if options.offer is None else read_sdp(options.offer)
    if offer is None and options.offer is not None:
        return Exit.BAD_INPUT
    return carry_out(partial(_mapped, options, offer), options, held=not options.json_lines)


def peer(name: str) -> jc.mapping.Peer:
    """Return the peer of a name, for argparse."""
    try:
        return jc.mapping.Peer(name)
    except ValueError:
        known = ", ".join(one.value for one in jc.mapping.Peer)
        raise argparse.ArgumentTypeError(f"no peer {name!r}; there are {known}") from None


_Offer = jc.sdp.SessionDescription | None


def _mapped(options: argparse.Namespace, offer: _Offer, name: str, data: bytes) -> Outcome:
    value, losses = (_to_jingle if options.command == "to-jingle" else _to_sdp)(data, options, offer)
    told = told_losses(name, losses, verbose=options.verbose)
    refused = options.strict and any(loss.severity is not Severity.INFO for loss in losses)
    if options.json or options.json_lines:
        text = None if refused else value.decode("utf-8", "surrogateescape")
        value = dumped({"value": text, "losses": [plain(loss) for loss in losses]})
    return Outcome(value, told, Exit.LOSSES if refused else Exit.DONE)


def told_losses(name: str, losses: tuple[Loss, ...], *, verbose: bool) -> tuple[str, ...]:
    """Return a line for each loss; what is carried along is told on demand only."""
    return tuple(f"{name}: {loss}" for loss in losses if verbose or loss.severity is not Severity.INFO)


def _to_jingle(data: bytes, options: argparse.Namespace, offer: _Offer) -> tuple[bytes, tuple[Loss, ...]]:
    description = jc.sdp.loads(data)
    role: Role = options.role or ("responder" if options.action == "session-accept" else "initiator")
    mapped = jc.mapping.to_jingle(
        description,
        action=options.action or ("session-accept" if role == "responder" else "session-initiate"),
        sid=options.sid or sid_of(description),
        role=role,
        initiator=options.initiator,
        responder=options.responder,
        offer=offer,
        carry=options.carry,
        peer=options.peer,
    )
    return jc.dumps(mapped.value, pretty=options.pretty) + b"\n", mapped.losses


def sid_of(description: jc.sdp.SessionDescription) -> str:
    """Return the session id that a description implies: that of its o= line."""
    return "s0" if description.origin is None else f"s{description.origin.session_id}"


def _to_sdp(data: bytes, options: argparse.Namespace, offer: _Offer) -> tuple[bytes, tuple[Loss, ...]]:
    jingle = _jingle_in(jc.loads(data, errors="strict"))
    role: Role = options.role or ("responder" if jingle.action is Action.SESSION_ACCEPT else "initiator")
    mapped = jc.mapping.to_sdp(jingle, role=role, offer=offer, carry=options.carry, peer=options.peer)
    return jc.sdp.dumps(mapped.value).encode("utf-8", "surrogateescape"), mapped.losses


def _jingle_in(element: jc.Element) -> Jingle:
    """Return the Jingle element, which may stand in an IQ."""
    found = element.payload if isinstance(element, jc.Iq) else element
    if not isinstance(found, Jingle):
        raise jc.DecodeError((Finding("wrong-root", message=f"there is no <jingle/> in {type(element).__name__}"),))
    return found
