"""The names of the package, its views, and what it costs to load it."""

from __future__ import annotations

import subprocess
import sys

import attrs
import pytest

from jinglecodec import sdp
from jinglecodec.sdp.attributes import PARSERS, TABLE, class_of
from jinglecodec.sdp.views import MediaViews, SessionViews, SharedViews

TEXT = "v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0\n"


@pytest.mark.parametrize("name", sdp.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert getattr(sdp, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        sdp.nothing  # noqa: B018


def test_every_class_of_the_table_is_public_and_frozen() -> None:
    for name, entry in TABLE.items():
        kind = class_of(entry)
        assert getattr(sdp, entry.kind) is kind
        assert (kind.NAME or name) == name
        assert attrs.has(kind) or issubclass(kind, sdp.Direction | sdp.Setup)
        assert entry.clause


def test_names_that_are_not_in_the_table_do_not_make_it_grow() -> None:
    before = len(PARSERS)
    for number in range(100):
        assert isinstance(sdp.read_line(f"a=x-{number}:1"), sdp.Attribute)
    assert len(PARSERS) == before


def test_every_class_is_seen_by_a_view_of_its_level() -> None:
    media, session = (
        {view.kind for base in (SharedViews, kind) for view in vars(base).values() if hasattr(view, "kind")}
        for kind in (MediaViews, SessionViews)
    )
    for entry in TABLE.values():
        assert entry.level.value == "session" or entry.kind in media, entry
        assert entry.level.value == "media" or entry.kind in session, entry


def test_views_show_nothing_where_there_is_nothing() -> None:
    description = sdp.loads(TEXT)
    for section, level in ((description, SessionViews), (description.media[0], MediaViews)):
        views = {
            name: view for kind in (SharedViews, level) for name, view in vars(kind).items() if hasattr(view, "kind")
        }
        kinds = {type(value).__name__ for value in section.values}
        assert len(views) > 25
        for name, view in views.items():
            assert view.kind in kinds or getattr(section, name) == view.absent, name


def test_one_line_of_each_attribute_is_seen_by_its_view() -> None:
    values = [
        *(
            sdp.Mid("0"),
            sdp.IceUfrag("abcd"),
            sdp.IceOptions(("ice2",)),
            sdp.SctpPort(5000),
            sdp.Ptime(20),
            sdp.RtcpMux(),
        ),
        *(sdp.ContentTags(("main",)), sdp.Setup.ACTIVE, sdp.Direction.SENDONLY, sdp.Rtcp(9), sdp.Information("i")),
        sdp.RemoteCandidates((sdp.RemoteCandidate(1, "192.0.2.1", 9),)),
        sdp.RemoteCandidates((sdp.RemoteCandidate(2, "192.0.2.1", 9),)),
        sdp.Attribute("x-any"),
    ]
    media = sdp.Media.build("audio", 9, "RTP/AVP", ["0"], values=values)
    assert (media.mid, media.ice_ufrag, media.ice_options, media.sctp_port) == ("0", "abcd", ("ice2",), 5000)
    assert (media.ptime, media.rtcp_mux, media.rtcp_rsize, media.content) == (20, True, False, ("main",))
    assert (media.setup, media.direction, media.rtcp) == (sdp.Setup.ACTIVE, sdp.Direction.SENDONLY, sdp.Rtcp(9))
    assert [one.component for one in media.remote_candidates] == [1, 2]
    assert media.unknown == (sdp.Attribute("x-any"),)
    assert media.information == "i"
    assert media.every(sdp.RemoteCandidates) == tuple(values[11:13])


def test_a_session_shows_its_lines() -> None:
    description = sdp.loads(
        "v=0\no=jdoe 1 2 IN IP4 192.0.2.1\ns=Call\ni=x\nu=http://x.example\ne=a@x.example\ne=b@x.example\np=+1 2\n"
        "c=IN IP4 192.0.2.1\nb=CT:1\nt=3724394400 0\nr=7d 1h 0\nz=3724394400 1h\na=group:LS 1\n"
        "a=ice-lite\na=ice-pacing:5\n"
    )
    assert (description.name, description.information, description.uri) == ("Call", "x", "http://x.example")
    assert (description.emails, description.phones) == (("a@x.example", "b@x.example"), ("+1 2",))
    assert description.origin == sdp.Origin("jdoe", 1, 2, "IN", "IP4", "192.0.2.1")
    assert description.connection == sdp.Connection("192.0.2.1")
    assert (description.ice_lite, description.ice_pacing, description.groups) == (True, 5, (sdp.Group("LS", ("1",)),))
    assert (len(description.timings), len(description.repeats), len(description.zones)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("direction", "sends", "receives"),
    [("sendrecv", True, True), ("inactive", False, False), ("sendonly", True, False), ("recvonly", False, True)],
)
def test_a_direction_tells_which_way_media_flows(direction: str, sends: bool, receives: bool) -> None:
    assert (sdp.Direction(direction).sends, sdp.Direction(direction).receives) == (sends, receives)


def test_loading_the_package_loads_no_xml_no_sockets_and_no_rare_attributes() -> None:
    unneeded = ["lxml", "socket", "asyncio", "dataclasses"]
    unneeded += [f"jinglecodec.sdp.{name}" for name in ("attributes.imagery", "attributes.channels", "formats")]
    program = (
        "import sys; from jinglecodec import sdp; light = set(sys.modules);"
        f"sdp.loads({TEXT!r});"
        f"print(*(name for name in {unneeded} if name in sys.modules));"
        "print('jinglecodec.sdp.session' in light)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert found.split("\n")[:2] == ["", "False"]


def test_what_is_remembered_between_descriptions_is_bounded_and_never_secret() -> None:
    from jinglecodec.sdp import grammar

    secret = "a=ice-pwd:" + "s3cr3tXs3cr3tXs3cr3tXs"
    lines = "".join(f"a=mid:{number}\na=fmtp:96 {'x' * 200}{number}\n" for number in range(5000))
    sdp.loads(TEXT + secret + "\na=sendrecv\n" + lines, max_size=1 << 22)
    assert len(grammar._RECENT) <= 2048
    assert secret not in grammar._RECENT
    assert all(len(line) <= 128 for line in grammar._RECENT)


def test_a_remembered_line_is_still_checked_for_its_place() -> None:
    from jinglecodec.errors import SdpError

    sdp.loads(TEXT + "a=sendrecv\n")
    sdp.loads(TEXT + "a=sendrecv\n")
    with pytest.raises(SdpError):
        sdp.loads("v=0\na=sendrecv\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\n")
    with pytest.raises(SdpError):
        sdp.loads(TEXT + "a=sendrecv\nb=AS:1\n")
