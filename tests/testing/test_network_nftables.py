"""The simulated NATs against those that Linux builds: the same machine probes both with the same requests.

Namespaces are made for each test, with a client, a NAT of nftables and a STUN server inside, and removed after it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import nat_probe
import pytest
from namespaces import cable, namespace, require
from nat_probe import NAT, PROBE, Probed, simulated

from jinglecodec.testing.encoding import decode, vocabulary
from jinglecodec.testing.network import Behavior

if TYPE_CHECKING:
    from collections.abc import Iterator

EI = Behavior.ENDPOINT_INDEPENDENT
AD = Behavior.ADDRESS_DEPENDENT
APD = Behavior.ADDRESS_AND_PORT_DEPENDENT

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
    "full cone": NOBODY | {"let_in": f"udp dport 1024-65535 dnat to {PROBE.host}"},
    "address-restricted": {
        "remember": "add @contacted { ip daddr . udp sport }",
        "let_in": f"ip saddr . udp dport @contacted dnat to {PROBE.host}",
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
"Mapping, filtering and port preservation of what RFC 3489 5 called by these names."


@contextmanager
def linux(rules: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Make a client, a NAT and a server, and yield the namespaces of client and server."""
    client, nat, server = (f"jinglecodec-{os.getpid()}-{role}" for role in ("client", "nat", "server"))
    with namespace(client) as at_client, namespace(nat) as at_nat, namespace(server) as at_server:
        cable(client, "eth0", nat, "inside")
        cable(nat, "outside", server, "eth0")
        for run, end, addresses in (
            (at_client, "eth0", (f"{PROBE.host}/24",)),
            (at_nat, "inside", ("10.0.0.1/24",)),
            (at_nat, "outside", (f"{NAT}/24",)),
            (at_server, "eth0", (f"{PROBE.server.host}/24", f"{PROBE.other.host}/24")),
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
    both = [f"{PROBE.server}", f"{PROBE.other}"]
    with ExitStack() as stack:
        client, server = stack.enter_context(linux(LINUX[kind]))
        command = ["ip", "netns", "exec", server, *program, "serve", *both]
        serving = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        stack.callback(serving.terminate)
        assert serving.stdout is not None
        assert serving.stdout.readline() == "ready\n"
        command = ["ip", "netns", "exec", client, *program, "probe", PROBE.host, *both]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=60)
    # The probe was the main module of its process.
    classes = {name.replace("nat_probe", "__main__"): each for name, each in vocabulary(nat_probe).items()}
    result = decode(bytes.fromhex(done.stdout), classes)
    assert isinstance(result, Probed)
    return result


@pytest.fixture
def tools() -> None:
    """Skip where NATs cannot be made."""
    require("nft")


@pytest.mark.interop
@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("kind", KINDS)
def test_nat_of_linux_treats_the_sequence_as_the_simulated_one_does(kind: str) -> None:
    mapping, filtering, preserve_ports = KINDS[kind]
    real = probed(kind)

    assert (real.mapping, real.filtering, real.preserved) == KINDS[kind]
    assert real == simulated(mapping, filtering, preserve_ports=preserve_ports)
