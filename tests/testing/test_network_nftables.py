"""The simulated NATs against those that Linux builds: the same machine probes both with the same requests.

Namespaces are made for each test, with a client, a NAT of nftables and a STUN server inside, and removed after it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import nat_probe
import pytest
from nat_probe import BATCHES, NatProbe, Probe, Probed

from jinglecodec.addresses import Address
from jinglecodec.machine import TimerFired
from jinglecodec.testing import laws
from jinglecodec.testing.encoding import decode, vocabulary
from jinglecodec.testing.network import Behavior, Host, Link, Nat, Network, Node, Start, StunServer
from jinglecodec.testing.replay import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EI = Behavior.ENDPOINT_INDEPENDENT
AD = Behavior.ADDRESS_DEPENDENT
APD = Behavior.ADDRESS_AND_PORT_DEPENDENT

SERVER, OTHER = Address("203.0.113.1", 3478), Address("203.0.113.2", 3479)
CLIENT = "10.0.0.2"

RULES = """
table ip nat {
    set contacted { type ipv4_addr . inet_service; flags dynamic, timeout; timeout 5m; }
    chain forward { type filter hook forward priority filter; oifname "outside" %(remember)s; }
    chain prerouting { type nat hook prerouting priority dstnat; iifname "outside" %(let_in)s; }
    chain postrouting { type nat hook postrouting priority srcnat; oifname "outside" masquerade %(assignment)s; }
    chain input { type filter hook input priority filter; iifname "outside" meta l4proto udp drop; }
}
"""
# Without the last chain, a packet that is not let in would take the port of the mapping that it was meant for.

NOBODY = {"remember": "accept", "let_in": "accept", "assignment": ""}
LINUX = {
    "full cone": NOBODY | {"let_in": f"udp dport 1024-65535 dnat to {CLIENT}"},
    "address-restricted": {
        "remember": "add @contacted { ip daddr . udp sport }",
        "let_in": f"ip saddr . udp dport @contacted dnat to {CLIENT}",
        "assignment": "",
    },
    "port-restricted": NOBODY,
    "symmetric": NOBODY | {"assignment": "fully-random"},
}

KINDS = {
    "full cone": (EI, EI, True),
    "address-restricted": (EI, AD, True),
    "port-restricted": (EI, APD, True),
    "symmetric": (APD, APD, False),
}
"Mapping, filtering and port preservation, as RFC 4787 and RFC 5389 16.1 use the words."

every_kind = pytest.mark.parametrize("kind", KINDS)


# --- the virtual network ---------------------------------------------------------------------------------------------


def simulated(mapping: Behavior, filtering: Behavior, *, preserve_ports: bool) -> Probed:
    """Return what the probe finds behind a NAT of ours."""
    network = Network(seed=5780)
    link = Link(latency=0.0001)
    Node(Host(network.internet, SERVER.host, OTHER.host, link=link), StunServer(SERVER, OTHER)).handle(Start())
    nat = Nat(
        network.internet,
        "203.0.113.254",
        mapping=mapping,
        filtering=filtering,
        preserve_ports=preserve_ports,
        link=link,
    )
    node = Node(Host(nat.inside, CLIENT, link=link), NatProbe())
    node.handle(Probe(CLIENT, SERVER, OTHER))
    network.run(60.0)
    (result,) = node.take()
    assert isinstance(result, Probed)
    return result


@pytest.mark.parametrize("mapping", Behavior)
@pytest.mark.parametrize("filtering", Behavior)
@pytest.mark.parametrize("preserve_ports", [False, True])
def test_discovery_of_rfc_5780_finds_the_behavior_of_every_nat(
    mapping: Behavior, filtering: Behavior, preserve_ports: bool
) -> None:
    found = simulated(mapping, filtering, preserve_ports=preserve_ports)

    assert (found.mapping, found.filtering) == (mapping, filtering)
    assert found.preserved == (preserve_ports and mapping is EI)


def test_sequence_tells_all_nine_kinds_apart() -> None:
    found = {
        simulated(mapping, filtering, preserve_ports=False).labels for mapping in Behavior for filtering in Behavior
    }

    assert len(found) == 9
    assert {len(labels) for labels in found} == {sum(len(changes) for _, _, changes in BATCHES)}


def test_probe_keeps_the_laws_of_machines() -> None:
    network = Network()
    Node(Host(network.internet, SERVER.host, OTHER.host), StunServer(SERVER, OTHER)).handle(Start())
    nat = Nat(network.internet, "203.0.113.254", mapping=EI, filtering=APD)
    recorder = Recorder(nat_probe.seeded())
    Node(Host(nat.inside, CLIENT), recorder).handle(Probe(CLIENT, SERVER, OTHER))
    network.run(1.0)
    script = [(step.event, step.now) for step in recorder.recording.steps]

    assert any(event == TimerFired() for event, _ in script)
    laws.check_all(nat_probe.seeded, script, most=28)


# --- the one of Linux ------------------------------------------------------------------------------------------------


@contextmanager
def namespace(name: str) -> Iterator[Callable[..., None]]:
    """Make a network namespace for a while, and yield what runs a command in it."""
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"no network namespaces here: {made.stderr.strip()}")

    def run(*command: str, text: str | None = None) -> None:
        command = ("ip", "netns", "exec", name, *command)
        done = subprocess.run(command, check=False, input=text, text=True, capture_output=True)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"

    try:
        yield run
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


def cable(left: str, left_end: str, right: str, right_end: str) -> None:
    """Connect two namespaces."""
    command = ["ip", "link", "add", left_end, "netns", left, "type", "veth", "peer", "name", right_end, "netns", right]
    subprocess.run(command, check=True)


@contextmanager
def linux(rules: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Make a client, a NAT and a server, and yield the namespaces of client and server."""
    client, nat, server = (f"jinglecodec-{os.getpid()}-{role}" for role in ("client", "nat", "server"))
    with namespace(client) as at_client, namespace(nat) as at_nat, namespace(server) as at_server:
        cable(client, "eth0", nat, "inside")
        cable(nat, "outside", server, "eth0")
        for run, end, addresses in (
            (at_client, "eth0", (f"{CLIENT}/24",)),
            (at_nat, "inside", ("10.0.0.1/24",)),
            (at_nat, "outside", ("203.0.113.254/24",)),
            (at_server, "eth0", (f"{SERVER.host}/24", f"{OTHER.host}/24")),
        ):
            for address in addresses:
                run("ip", "address", "add", address, "dev", end)
            run("ip", "link", "set", end, "up")
        at_client("ip", "route", "add", "default", "via", "10.0.0.1")
        at_nat("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        at_nat("nft", "-f", "-", text=RULES % rules)
        yield client, server


def probed(kind: str) -> Probed:
    """Return what the probe finds behind a NAT of Linux."""
    program = [sys.executable, nat_probe.__file__]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": os.environ["PATH"]}
    both = [f"{SERVER}", f"{OTHER}"]
    with ExitStack() as stack:
        client, server = stack.enter_context(linux(LINUX[kind]))
        command = ["ip", "netns", "exec", server, *program, "serve", *both]
        serving = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        stack.callback(serving.terminate)
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        command = ["ip", "netns", "exec", client, *program, "probe", CLIENT, *both]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=60)
    # The probe was the main module of its process.
    classes = {name.replace("nat_probe", "__main__"): each for name, each in vocabulary(nat_probe).items()}
    result = decode(bytes.fromhex(done.stdout), classes)
    assert isinstance(result, Probed)
    return result


@pytest.fixture
def tools() -> None:
    """Skip where namespaces cannot be made."""
    missing = [tool for tool in ("ip", "nft") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (iproute2, nftables)")
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")


@pytest.mark.interop
@pytest.mark.usefixtures("tools")
@every_kind
def test_nat_of_linux_treats_the_sequence_as_the_simulated_one_does(kind: str) -> None:
    mapping, filtering, preserve_ports = KINDS[kind]
    real = probed(kind)

    assert (real.mapping, real.filtering, real.preserved) == KINDS[kind]
    assert real == simulated(mapping, filtering, preserve_ports=preserve_ports)
