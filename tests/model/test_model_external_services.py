"""XEP-0215: external services, and the STUN and TURN servers among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

RELAY = jc.Service(
    host="relay.shakespeare.lit",
    password="jj929jkj5sadjfj93v3n",
    port=9999,
    transport="udp",
    type="turn",
    username="nb78932lkjlskjfdb7g8",
)
FORM = jc.Raw(
    "{jabber:x:data}x",
    (("type", "result"),),
    children=(jc.Raw("{jabber:x:data}field", (("var", "a"),), children=(jc.Raw("{jabber:x:data}value", (), "b"),)),),
)

GOLDENS = (
    Golden(
        "XEP-0215 3.1, example 2",
        """
        <services xmlns='urn:xmpp:extdisco:2' type='turn'>
          <service host='stun.shakespeare.lit' port='9998' transport='udp' type='stun'/>
          <service host='relay.shakespeare.lit' password='jj929jkj5sadjfj93v3n' port='9999' transport='udp' type='turn'
                   username='nb78932lkjlskjfdb7g8'/>
        </services>
        """,
        jc.Services(
            type="turn",
            services=(jc.Service(host="stun.shakespeare.lit", port=9998, transport="udp", type="stun"), RELAY),
        ),
    ),
    Golden(
        "XEP-0215 2: all attributes, and the form of 4",
        """
        <service xmlns='urn:xmpp:extdisco:2' action='modify' expires='2026-11-21T08:01:27Z' host='192.0.2.1'
                 name='Relay' password='p' port='3478' restricted='true' transport='tcp' type='turns' username='u'>
          <x xmlns='jabber:x:data' type='result'><field var='a'><value>b</value></field></x>
        </service>
        """,
        jc.Service(
            action=jc.ServiceAction.MODIFY,
            expires="2026-11-21T08:01:27Z",
            host="192.0.2.1",
            name="Relay",
            password="p",
            port=3478,
            restricted=True,
            transport="tcp",
            type="turns",
            username="u",
            information=FORM,
        ),
    ),
    Golden(
        "XEP-0215 3.3, example 6",
        """
        <credentials xmlns='urn:xmpp:extdisco:2'>
          <service host='turn.shakespeare.lit' type='turn'/>
        </credentials>
        """,
        jc.Credentials(services=(jc.Service(host="turn.shakespeare.lit", type="turn"),)),
    ),
)


def service(attributes: str) -> jc.Decoded[jc.Service]:
    return jc.read(f"<service xmlns='{ns.EXTDISCO}' host='h' type='turn' {attributes}/>", expect=jc.Service)


@pytest.mark.parametrize(
    ("text", "restricted", "codes"),
    [
        ("1", True, []),
        ("true", True, []),
        ("0", False, []),
        ("false", False, []),
        ("True", True, ["sloppy-word"]),
        (" 1 ", True, ["sloppy-word"]),
    ],
)
def test_restricted_is_spelled_in_several_ways(text: str, *, restricted: bool, codes: list[str]) -> None:
    """Prosody writes 1, ejabberd true."""
    decoded = service(f"restricted='{text}'")
    assert decoded.value.restricted is restricted
    assert [finding.code for finding in decoded.findings] == codes


def test_remove_stands_for_delete() -> None:
    """XEP-0215 2 says the one, its example 5 and its schema the other."""
    decoded = service("action='remove'")
    assert decoded.value.action is jc.ServiceAction.DELETE
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-word", "service/@action")]


@pytest.mark.parametrize("name", ["services", "credentials"])
def test_version_1_is_read_and_never_written(name: str) -> None:
    """lib-jitsi-meet asks old servers in it."""
    markup = f"<{name} xmlns='urn:xmpp:extdisco:1'><service host='a' type='stun' port='3478' transport='udp'/></{name}>"
    decoded = jc.read(markup)
    assert decoded.value == jc.loads(markup.replace("extdisco:1", "extdisco:2"))
    assert [(f.code, f.path) for f in decoded.findings] == [("sloppy-name", name), ("sloppy-name", f"{name}/service")]
    assert b"urn:xmpp:extdisco:1" not in jc.dumps(decoded.value)


# --- servers --------------------------------------------------------------------------------------------------------


def test_the_servers_of_the_example_are_described() -> None:
    """XEP-0215 3.1, example 2: two of each kind, and a file server."""
    services = (
        jc.Service(host="stun.shakespeare.lit", port=9998, transport="udp", type="stun"),
        RELAY,
        jc.Service(
            host="ftp.shakespeare.lit", port=20, transport="tcp", type="ftp", username="guest", password="guest"
        ),
    )
    assert jc.ice_servers(services) == (
        jc.IceServer(jc.IceServerKind.STUN, "udp", "stun.shakespeare.lit", 9998),
        jc.IceServer(
            jc.IceServerKind.TURN,
            "udp",
            "relay.shakespeare.lit",
            9999,
            username="nb78932lkjlskjfdb7g8",
            password="jj929jkj5sadjfj93v3n",
        ),
    )


@pytest.mark.parametrize(
    ("kind", "transport", "port"),
    [("stun", "udp", 3478), ("turn", "udp", 3478), ("stuns", "tcp", 5349), ("turns", "tcp", 5349)],
)
def test_what_a_service_leaves_out_is_what_the_protocols_have(kind: str, transport: str, port: int) -> None:
    """RFC 8489 8.1, RFC 8656 4.1."""
    (server,) = jc.ice_servers([jc.Service(host="h", type=kind)])
    assert (server.kind.value, server.transport, server.port) == (kind, transport, port)


def test_the_time_at_which_credentials_expire_is_a_moment() -> None:
    (server,) = jc.ice_servers([attrs.evolve(RELAY, expires="2026-11-21T08:01:27Z")])
    assert server.expires == datetime(2026, 11, 21, 8, 1, 27, tzinfo=UTC)
    (server,) = jc.ice_servers([attrs.evolve(RELAY, expires="2026-11-21T10:01:27.5+02:00")])
    assert server.expires == datetime(2026, 11, 21, 10, 1, 27, 500000, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    "text", ["tomorrow", "", "2026-02-30T00:00:00Z", "2026-11-21", "2026-11-21T08:01:27", "20261121T080127Z"]
)
def test_a_time_that_is_none_is_no_reason_to_lose_the_server(text: str) -> None:
    (server,) = jc.ice_servers([attrs.evolve(RELAY, expires=text)])
    assert server.expires is None


@pytest.mark.parametrize(
    ("username", "password", "restricted"),
    [(None, None, True), ("u", None, True), (None, "p", True), ("u", "p", False)],
)
def test_a_restricted_server_says_whether_credentials_are_still_to_be_asked_for(
    username: str | None, password: str | None, *, restricted: bool
) -> None:
    """XEP-0215 2: will need to be requested if not already provided."""
    service = jc.Service(host="h", type="turn", restricted=True, username=username, password=password)
    assert [server.restricted for server in jc.ice_servers([service])] == [restricted]


def test_a_server_named_twice_is_one() -> None:
    """Prosody lists what it was told by two modules."""
    stun = jc.Service(host="127.0.0.1", port=3478, transport="udp", type="stun")
    assert len(jc.ice_servers([stun, RELAY, stun])) == 2


def test_a_service_that_a_push_deletes_is_no_server() -> None:
    assert jc.ice_servers([attrs.evolve(RELAY, action=jc.ServiceAction.DELETE)]) == ()


def test_a_transport_that_nobody_knows_makes_no_server() -> None:
    assert jc.ice_servers([attrs.evolve(RELAY, transport="sctp")]) == ()


def test_words_are_understood_whatever_their_case() -> None:
    (server,) = jc.ice_servers([jc.Service(host="[2001:db8::1]", type="TURN", transport="UDP")])
    assert (server.kind, server.transport, server.host) == (jc.IceServerKind.TURN, "udp", "2001:db8::1")


def test_a_password_is_not_shown() -> None:
    (server,) = jc.ice_servers([RELAY])
    assert "jj929jkj5sadjfj93v3n" not in repr(server)
