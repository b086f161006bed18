"""One agent of libnice as a process: commands in and events out, one JSON object a line.

Runs with the Python of the system, which has the introspection of libnice (Debian: gir1.2-nice-0.1, python3-gi).
`libnice.py` talks to it. Commands are the methods of `Peer` with their arguments; events are what `tell` is given.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

import gi

gi.require_version("Nice", "0.1")
from gi.repository import GLib, Nice  # noqa: E402

LIBRARY = ctypes.CDLL("libnice.so.10")
RECEIVED = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.POINTER(ctypes.c_char), ctypes.c_void_p
)
LIBRARY.nice_agent_attach_recv.argtypes = [
    *(ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, RECEIVED, ctypes.c_void_p)
]
LIBRARY.nice_agent_send.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.c_char_p]

OPTIONS = {
    "regular": Nice.AgentOption.REGULAR_NOMINATION,
    "lite": Nice.AgentOption.LITE_MODE,
    "trickle": Nice.AgentOption.ICE_TRICKLE,
    "consent": Nice.AgentOption.CONSENT_FRESHNESS,
}


def tell(event: str, **arguments: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **arguments}) + "\n")
    sys.stdout.flush()


class Peer:
    """The agent, with one stream."""

    def start(self, controlling: bool, components: int, host: str, options: list[str]) -> None:
        chosen = Nice.AgentOption(0)
        for option in options:
            chosen |= OPTIONS[option]
        self.agent = Nice.Agent.new_full(GLib.MainContext.default(), Nice.Compatibility.RFC5245, chosen)
        self.agent.props.upnp = False
        self.agent.props.ice_tcp = False
        self.agent.props.controlling_mode = controlling
        address = Nice.Address()
        assert address.set_from_string(host)
        self.agent.add_local_address(address)
        self.components = range(1, components + 1)
        self.agent.connect("candidate-gathering-done", self._gathered)
        self.agent.connect("component-state-changed", self._state)
        self.agent.connect("new-selected-pair-full", self._selected)
        self.stream = self.agent.add_stream(components)
        self.agent.set_stream_name(self.stream, "application")
        self.callback = RECEIVED(self._received)
        for component in self.components:
            LIBRARY.nice_agent_attach_recv(hash(self.agent), self.stream, component, None, self.callback, None)
        self.agent.gather_candidates(self.stream)

    def accept(self, ufrag: str, pwd: str, candidates: list[str]) -> None:
        self.agent.set_remote_credentials(self.stream, ufrag, pwd)
        self.add(candidates)

    def add(self, candidates: list[str]) -> None:
        parsed: dict[int, list[object]] = {number: [] for number in self.components}
        for line in candidates:
            candidate = self.agent.parse_remote_candidate_sdp(self.stream, line)
            assert candidate is not None, line
            # The introspection reads 0 from candidate.component_id.
            parsed[int(line.split()[1])].append(candidate)
        for number, found in parsed.items():
            self.agent.set_remote_candidates(self.stream, number, found)

    def end(self) -> None:
        self.agent.peer_candidate_gathering_done(self.stream)

    def restart(self) -> None:
        assert self.agent.restart_stream(self.stream)
        self._describe()

    def send(self, component: int, data: str) -> None:
        octets = bytes.fromhex(data)
        LIBRARY.nice_agent_send(hash(self.agent), self.stream, component, len(octets), octets)

    def _describe(self) -> None:
        _, ufrag, pwd = self.agent.get_local_credentials(self.stream)
        candidates = [
            self.agent.generate_local_candidate_sdp(candidate)
            for number in self.components
            for candidate in self.agent.get_local_candidates(self.stream, number)
        ]
        tell("described", ufrag=ufrag, pwd=pwd, candidates=candidates)

    def _gathered(self, *_: object) -> None:
        self._describe()

    def _state(self, _: object, __: int, component: int, state: int) -> None:
        name = Nice.component_state_to_string(Nice.ComponentState(state))
        tell("state", component=component, state=name)

    def _selected(self, _: object, __: int, component: int, local: object, remote: object) -> None:
        pair = [self.agent.generate_local_candidate_sdp(candidate) for candidate in (local, remote)]
        tell("selected", component=component, pair=pair)

    def _received(self, _: int, __: int, component: int, length: int, buffer: int, ___: int) -> None:
        tell("received", component=component, data=ctypes.string_at(buffer, length).hex())


def main() -> None:
    loop = GLib.MainLoop()
    peer = Peer()
    pending = b""

    def read(descriptor: int, _: object) -> bool:
        nonlocal pending
        data = os.read(descriptor, 65536)
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            command = json.loads(line)
            getattr(peer, command.pop("command"))(**command)
        if not data:
            loop.quit()
        return bool(data)

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, read)
    loop.run()


if __name__ == "__main__":
    main()
