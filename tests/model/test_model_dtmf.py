"""XEP-0181: DTMF tones."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

GOLDENS = (
    Golden(
        "XEP-0181 2, example 1",
        "<dtmf xmlns='urn:xmpp:jingle:dtmf:0' code='7' duration='400' volume='42'/>",
        jc.Dtmf(code="7", duration=400, volume=42),
    ),
)


def dtmf(attributes: str) -> jc.Decoded[jc.Dtmf]:
    return jc.read(f"<dtmf xmlns='{ns.DTMF}' {attributes}/>", expect=jc.Dtmf)


@pytest.mark.parametrize("code", "0123456789#*ABCD")
def test_every_code_is_one_character(code: str) -> None:
    assert dtmf(f"code='{code}'") == jc.Decoded(jc.Dtmf(code=code))


def test_a_tone_takes_100_ms_unless_it_says_so() -> None:
    """XEP-0181 2: the default value; RECOMMENDED to be written."""
    assert dtmf("code='#'").value.duration == 100
    assert jc.dumps(jc.Dtmf(code="#")) == b'<dtmf xmlns="urn:xmpp:jingle:dtmf:0" code="#" duration="100"/>'


def test_small_letters_stand_for_capitals() -> None:
    decoded = dtmf("code='d'")
    assert decoded.value.code == "D"
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("sloppy-word", "dtmf/@code")]


@pytest.mark.parametrize(
    "attributes", ["code='E'", "code='12'", "code=''", "code='7' volume='64'", "", "code='\u0661'"]
)
def test_what_is_no_tone_is_refused(attributes: str) -> None:
    with pytest.raises(jc.DecodeError, match=r"^dtmf/@(code|volume): "):
        dtmf(attributes)


def test_a_code_that_nobody_knows_is_kept_for_the_answer() -> None:
    """XEP-0181 2: it is answered with feature-not-implemented, and so has to be seen."""
    markup = (
        f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'><dtmf xmlns='{ns.DTMF}' code='Flash'/></jingle>"
    )
    value = jc.loads(markup, expect=jc.Jingle, errors="keep")
    assert isinstance(value, jc.Jingle)
    assert value.infos == (jc.Raw(f"{{{ns.DTMF}}}dtmf", (("code", "Flash"),)),)


def test_tones_are_the_payload_of_a_session_info() -> None:
    markup = f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'><dtmf xmlns='{ns.DTMF}' code='7'/></jingle>"
    assert jc.loads(markup, expect=jc.Jingle).infos == (jc.Dtmf(code="7"),)
