"""The rows of XML: reading and writing stanzas, beside lxml's own parser and serialiser.

Inputs: a session-initiate of the shape of XEP-0176's first listing (13 elements, about 1.4 kB), and one of a
conference with 500 sources and 200 groups (about 2,000 elements). Each callable goes through variants, so that no
cache helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lxml import etree

import jinglecodec as jc

__all__ = ["Row", "rows"]

Row = tuple[str, "Callable[[], object]", "Callable[[], object] | None", float, float]
"Name; ours; the base; the ratio of medians that must hold, and the one aimed at."

VARIANTS = 16


def small(number: int) -> bytes:
    """Return a session-initiate for one audio stream with two candidates."""
    return f"""<iq from='romeo@montague.lit/orchard' id='ixt{number}' to='juliet@capulet.lit/balcony' type='set'>
  <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='romeo@montague.lit/orchard' sid='a73{number}'>
    <content creator='initiator' name='this-is-the-audio-content'>
      <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
        <payload-type id='96' name='speex' clockrate='16000'/>
        <payload-type id='97' name='speex' clockrate='8000'/>
        <payload-type id='18' name='G729'/>
        <payload-type id='0' name='PCMU' />
        <payload-type id='103' name='L16' clockrate='16000' channels='2'/>
        <payload-type id='98' name='x-ISAC' clockrate='8000'/>
      </description>
      <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' pwd='asd88fgpdd777uzjYhagZg' ufrag='8hhy'>
        <candidate component='1' foundation='1' generation='0' id='el{number}' ip='10.0.1.1' network='1'
                   port='{8000 + number}' priority='2130706431' protocol='udp' type='host'/>
        <candidate component='1' foundation='2' generation='0' id='y{number}' ip='192.0.2.3' network='1'
                   port='{45000 + number}' priority='1694498815' protocol='udp' rel-addr='10.0.1.1'
                   rel-port='{8000 + number}' type='srflx'/>
      </transport>
    </content>
  </jingle>
</iq>""".encode()


def large(number: int) -> bytes:
    """Return a session-initiate with 500 sources and 200 groups, as a conference focus sends it."""
    space = "xmlns='urn:xmpp:jingle:apps:rtp:ssma:0'"
    sources = "".join(
        f"<source {space} ssrc='{1000 * number + i}'><parameter name='cname' value='c{i}@conference'/>"
        f"<parameter name='msid' value='stream{i} track{i}'/></source>"
        for i in range(500)
    )
    groups = "".join(
        f"<ssrc-group {space} semantics='FID'><source ssrc='{1000 * number + i}'/><source ssrc='{2000 + i}'/>"
        "</ssrc-group>"
        for i in range(200)
    )
    return (
        "<iq xmlns='jabber:client' type='set' id='big'>"
        "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'><content creator='initiator' name='video'>"
        f"<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>{groups}{sources}</description>"
        "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1'/></content></jingle></iq>"
    ).encode()


def each(operation: Callable[..., object], inputs: Sequence[object]) -> Callable[[], None]:
    """Return a callable that does the operation on all inputs."""

    def run() -> None:
        for one in inputs:
            operation(one)

    return run


def rows() -> list[Row]:
    """Return the rows, after checking that what is timed gives the right result."""
    small_texts = [small(number) for number in range(VARIANTS)]
    large_texts = [large(number) for number in range(2)]
    found: list[Row] = []
    for name, texts, must, aim in (
        ("XML read, XEP-0176 listing 1", small_texts, 4.0, 3.2),
        ("XML read, 500 sources", large_texts, 5.0, 3.8),
    ):
        assert all(jc.loads(jc.dumps(jc.loads(text))) == jc.loads(text) for text in texts)
        found.append((name, each(jc.loads, texts), each(etree.fromstring, texts), must, aim))
    for name, texts in (("XML write, XEP-0176 listing 1", small_texts), ("XML write, 500 sources", large_texts)):
        trees = [etree.fromstring(text) for text in texts]
        values = [jc.loads(text) for text in texts]
        found.append((name, each(jc.dumps, values), each(etree.tostring, trees), 2.5, 1.9))
    return found
