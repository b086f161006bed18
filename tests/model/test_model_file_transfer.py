"""XEP-0234: file transfer."""

from __future__ import annotations

import pytest
from element_support import Golden

import jinglecodec as jc
from jinglecodec import namespaces as ns

SHA1 = jc.Hash(algo="sha-1", value="w0mcJylzCn+AfvuGdqkty2+KP48=")
TEST = jc.File(
    date="2015-07-26T21:46:00+01:00",
    media_type="text/plain",
    name="test.txt",
    size=6144,
    range=jc.FileRange(offset=1024),
    hashes=(SHA1,),
)

GOLDENS = (
    Golden(
        "XEP-0234 5, 7",
        """
        <description xmlns='urn:xmpp:jingle:apps:file-transfer:5'>
          <file>
            <date>2015-07-26T21:46:00+01:00</date>
            <media-type>text/plain</media-type>
            <name>test.txt</name>
            <size>6144</size>
            <range offset='1024'/>
            <hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>w0mcJylzCn+AfvuGdqkty2+KP48=</hash>
          </file>
        </description>
        """,
        jc.FileTransfer(file=TEST),
    ),
    Golden(
        "XEP-0234 5, example 16; XEP-0264 4",
        """
        <file xmlns='urn:xmpp:jingle:apps:file-transfer:5'>
          <date>1969-07-21T02:56:15Z</date>
          <desc>This is a test. If this were a real file...</desc>
          <desc xml:lang='fr'>Un essai</desc>
          <media-type>image/png</media-type>
          <name>../etc/passwd</name>
          <size>0</size>
          <range/>
          <hash-used xmlns='urn:xmpp:hashes:2' algo='sha-1'/>
          <thumbnail xmlns='urn:xmpp:thumbs:1' uri='cid:sha1+ffd7c8d28e9c5e82afea41f97108c6b4@bob.xmpp.org'
                     media-type='image/png' width='128' height='96'/>
        </file>
        """,
        jc.File(
            date="1969-07-21T02:56:15Z",
            descs=(
                jc.FileDesc(value="This is a test. If this were a real file..."),
                jc.FileDesc(lang="fr", value="Un essai"),
            ),
            media_type="image/png",
            name="../etc/passwd",
            size=0,
            range=jc.FileRange(),
            hashes_used=(jc.HashUsed(algo="sha-1"),),
            thumbnails=(
                jc.Thumbnail(
                    uri="cid:sha1+ffd7c8d28e9c5e82afea41f97108c6b4@bob.xmpp.org",
                    media_type="image/png",
                    width=128,
                    height=96,
                ),
            ),
        ),
    ),
    Golden(
        "XEP-0234 5",
        "<desc xmlns='urn:xmpp:jingle:apps:file-transfer:5' xml:lang='en'>A test</desc>",
        jc.FileDesc(lang="en", value="A test"),
    ),
    Golden(
        "XEP-0234 8.2, example 15",
        """
        <range xmlns='urn:xmpp:jingle:apps:file-transfer:5' offset='2048' length='1024'>
          <hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>kHp5RSzW/h7Gm1etSf90Mr5PC/k=</hash>
        </range>
        """,
        jc.FileRange(offset=2048, length=1024, hashes=(jc.Hash(algo="sha-1", value="kHp5RSzW/h7Gm1etSf90Mr5PC/k="),)),
    ),
    Golden(
        "XEP-0234 8.1, example 13",
        "<received xmlns='urn:xmpp:jingle:apps:file-transfer:5' creator='initiator' name='a-file-offer'/>",
        jc.FileReceived(creator=jc.Creator.INITIATOR, name="a-file-offer"),
    ),
    Golden(
        "XEP-0234 8.2, example 14",
        """
        <checksum xmlns='urn:xmpp:jingle:apps:file-transfer:5' creator='responder' name='a-file-offer'>
          <file>
            <hash xmlns='urn:xmpp:hashes:2' algo='sha-1'>w0mcJylzCn+AfvuGdqkty2+KP48=</hash>
          </file>
        </checksum>
        """,
        jc.FileChecksum(creator=jc.Creator.RESPONDER, name="a-file-offer", file=jc.File(hashes=(SHA1,))),
    ),
    Golden(
        "XEP-0234 9.1, example 17",
        "<file-not-available xmlns='urn:xmpp:jingle:apps:file-transfer:errors:0'/>",
        jc.FileNotAvailable(),
    ),
    Golden(
        "XEP-0234 9.2, example 18",
        "<file-too-large xmlns='urn:xmpp:jingle:apps:file-transfer:errors:0'/>",
        jc.FileTooLarge(),
    ),
)


def file(inner: str) -> jc.Decoded[jc.File]:
    return jc.read(f"<file xmlns='{ns.FILE_TRANSFER}'>{inner}</file>", expect=jc.File)


@pytest.mark.parametrize(
    "text", ["2015-07-26", "2015-07-26T21:46:00", "26 Jul 2015 21:46:00", "2015-13-26T21:46:00Z", ""]
)
def test_dates_of_another_form_are_kept_as_they_came(text: str) -> None:
    """XEP-0234 5: MUST conform to the DateTime profile of XEP-0082; the schema has xs:date."""
    decoded = file(f"<date>{text}</date>")
    assert decoded.value.date == text
    assert [(finding.code, finding.path) for finding in decoded.findings] == [("unusual-date", "file/date")]
    assert jc.loads(jc.dumps(decoded.value)) == decoded.value


@pytest.mark.parametrize("text", ["1969-07-21T02:56:15.000Z", "2015-07-26T21:46:00+01:00", "2015-07-26T00:00:00-00:00"])
def test_dates_of_xep_0082_are_no_quirk(text: str) -> None:
    assert file(f"<date>{text}</date>") == jc.Decoded(jc.File(date=text))


def test_sizes_beyond_32_bits_are_kept() -> None:
    assert file("<size>1099511627776</size>").value.size == 2**40


@pytest.mark.parametrize("text", ["-1", "1.5", "6 KB", ""])
def test_sizes_that_are_no_number_are_refused(text: str) -> None:
    with pytest.raises(jc.DecodeError, match=r"^file/size: .* is not an integer in"):
        file(f"<size>{text}</size>")


def test_a_description_without_file_is_a_quirk() -> None:
    """XEP-0447 shares sources so, and the tests of stanza."""
    decoded = jc.read(f"<description xmlns='{ns.FILE_TRANSFER}'/>")
    assert decoded.value == jc.FileTransfer()
    assert [(f.code, f.path, f.clause) for f in decoded.findings] == [("missing-element", "description", "XEP-0234 5")]


def test_the_file_errors_stand_in_a_reason() -> None:
    """XEP-0234 9.2, example 18."""
    inner = f"<media-error/><file-too-large xmlns='{ns.FILE_TRANSFER_ERRORS}'/>"
    reason = jc.loads(f"<reason xmlns='{ns.JINGLE}'>{inner}</reason>")
    assert reason == jc.Reason(condition=jc.Condition.MEDIA_ERROR, application=jc.FileTooLarge())


def test_received_and_checksum_are_payload_of_a_session_info() -> None:
    received = f"<received xmlns='{ns.FILE_TRANSFER}' creator='initiator' name='a'/>"
    jingle = jc.loads(
        f"<jingle xmlns='{ns.JINGLE}' action='session-info' sid='s'>{received}</jingle>", expect=jc.Jingle
    )
    assert jingle.infos == (jc.FileReceived(creator=jc.Creator.INITIATOR, name="a"),)
