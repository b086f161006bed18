"""Credentials: keys, the nonce cookie, challenges and their answers, bidding down."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from instructions import instructions
from stun_support import MATRIX, binding, copies, md5, plain_attribute, plain_message, plain_sealed

from jinglecodec import stun
from jinglecodec.errors import EncodeError, StunError
from jinglecodec.stun.credentials import (
    MD5,
    SHA_256,
    Challenge,
    SecurityFeatures,
    agreed_algorithm,
    is_bid_down,
    long_term_key,
    nonce_cookie,
    security_features,
    short_term,
    short_term_key,
    turn_rest,
    userhash,
)
from jinglecodec.stun.strings import saslprep

ID = bytes(range(12))
ALGORITHMS_BIT = SecurityFeatures.PASSWORD_ALGORITHMS
ANONYMITY_BIT = SecurityFeatures.USERNAME_ANONYMITY
PLAIN_NONCE = b"f//499k954d6OL34oL9FSTvy64sA"


def challenge(*attributes: stun.Attribute, nonce: bytes = PLAIN_NONCE, code: int = 401) -> stun.Message:
    """Return a 401 or 438 as it arrives."""
    response = binding().error(code, stun.REALM("example.org"), stun.NONCE(nonce), *attributes)
    return stun.decode(response.encode())


# --- keys --------------------------------------------------------------------------------------------------------


def test_long_term_key_is_that_of_the_example_in_rfc_8489() -> None:
    assert long_term_key("user", "realm", "pass").hex() == "8493fbc53ba582fb4c044c456bdc40eb"  # RFC 8489 9.2.2


def test_long_term_keys_are_plain_hashes_of_user_realm_and_password() -> None:
    text = f"{MATRIX}:example.org:TheMatrIX".encode()

    assert long_term_key(MATRIX, "example.org", "TheMatrIX") == md5(f"{MATRIX}:example.org:TheMatrIX")
    assert long_term_key(MATRIX, "example.org", "TheMatrIX", SHA_256) == hashlib.sha256(text).digest()


def test_quotes_and_trailing_nuls_do_not_enter_the_key() -> None:
    """RFC 8489 9.2.2: "with any quotes and trailing nulls removed"."""
    assert long_term_key('"user"', '"realm"\0', "pass\0\0") == long_term_key("user", "realm", "pass")
    assert long_term_key("user", "realm", '"pass"') != long_term_key("user", "realm", "pass")


def test_text_is_prepared_before_it_is_hashed() -> None:
    assert short_term_key("A\u030a") == "\u00c5".encode()
    assert long_term_key("u", "r", "A\u030a") == md5("u:r:\u00c5")
    assert long_term_key("u", "r", "\u2168", prepare=saslprep) == md5("u:r:IX")
    with pytest.raises(EncodeError, match=r"U\+0007"):
        short_term_key("bell\x07")


def test_unknown_algorithm_makes_no_key() -> None:
    for algorithm in (stun.PasswordAlgorithm(3), stun.PasswordAlgorithm(1, b"parameter")):
        with pytest.raises(EncodeError, match="not supported"):
            long_term_key("user", "realm", "pass", algorithm)


def test_userhash_is_the_plain_hash_of_user_and_realm() -> None:
    assert userhash(MATRIX, "example.org") == hashlib.sha256(f"{MATRIX}:example.org".encode()).digest()
    assert userhash("A\u030a", "r") == hashlib.sha256("\u00c5:r".encode()).digest()


# --- the nonce cookie --------------------------------------------------------------------------------------------


@given(st.integers(0, 3).map(SecurityFeatures), st.binary(max_size=20))
def test_nonce_cookie_is_the_prefix_and_base64_of_24_bits(features: SecurityFeatures, rest: bytes) -> None:
    cookie = b"obMatJos2" + base64.b64encode(bytes((0, 0, int(features))))

    assert nonce_cookie(features) == cookie
    assert len(cookie) == 13
    assert security_features(cookie + rest) == features


def test_features_are_read_from_either_end_of_the_24_bits() -> None:
    """Errata 6290 counts from the right, the text as printed from the left."""
    assert security_features(b"obMatJos2" + base64.b64encode(bytes((0x80, 0, 0)))) == ALGORITHMS_BIT
    assert security_features(b"obMatJos2" + base64.b64encode(bytes((0x40, 0, 0)))) == ANONYMITY_BIT
    assert security_features(b"obMatJos2" + base64.b64encode(bytes((0xC0, 0, 0)))) == ALGORITHMS_BIT | ANONYMITY_BIT
    assert security_features(b"obMatJos2" + base64.b64encode(bytes((0x3F, 0xFF, 0xFC)))) == SecurityFeatures.NONE


@pytest.mark.parametrize("nonce", [b"", PLAIN_NONCE, b"obMatJos2", b"obMatJos2AAA", b"obMatJos2A?A=", b"obMatJos2AA=="])
def test_nonce_without_a_whole_cookie_announces_nothing(nonce: bytes) -> None:
    assert security_features(nonce) is None


# --- bidding down ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [401, 438])
def test_offer_that_the_nonce_announces_but_that_is_missing_is_bid_down(code: int) -> None:
    """RFC 8489 9.2.5: "then the client MUST NOT retry the request with a new transaction"."""
    stripped = challenge(nonce=nonce_cookie(ALGORITHMS_BIT) + b"x", code=code)

    assert is_bid_down(stripped)
    with pytest.raises(StunError, match="bid-down"):
        Challenge.of(stripped)


def test_any_other_response_with_a_stripped_offer_is_recognised_too() -> None:
    response = binding().success(stun.NONCE(nonce_cookie(ALGORITHMS_BIT)))

    assert is_bid_down(response)
    assert not is_bid_down(binding().success())
    assert not is_bid_down(challenge())
    assert not is_bid_down(challenge(nonce=nonce_cookie(ANONYMITY_BIT)))
    assert not is_bid_down(challenge(stun.PASSWORD_ALGORITHMS((MD5,)), nonce=nonce_cookie(ALGORITHMS_BIT)))


def test_server_takes_md5_from_a_client_that_knows_no_algorithms() -> None:
    """RFC 8489 9.2.4: "processed as though PASSWORD-ALGORITHM were MD5"."""
    assert agreed_algorithm(binding(), (SHA_256, MD5)) == MD5
    assert agreed_algorithm(binding(), ()) == MD5


def test_server_takes_the_algorithm_chosen_from_its_own_list() -> None:
    offered = (SHA_256, MD5)
    for chosen in offered:
        request = binding(stun.PASSWORD_ALGORITHMS(offered), stun.PASSWORD_ALGORITHM(chosen))
        assert agreed_algorithm(request, offered) == chosen


@pytest.mark.parametrize(
    "attributes",
    [
        (stun.PASSWORD_ALGORITHM(MD5),),
        (stun.PASSWORD_ALGORITHMS((SHA_256, MD5)),),
        (stun.PASSWORD_ALGORITHMS((MD5,)), stun.PASSWORD_ALGORITHM(MD5)),
        (stun.PASSWORD_ALGORITHMS((MD5, SHA_256)), stun.PASSWORD_ALGORITHM(MD5)),
        (stun.PASSWORD_ALGORITHMS((SHA_256, MD5)), stun.PASSWORD_ALGORITHM(stun.PasswordAlgorithm(3))),
        (stun.PASSWORD_ALGORITHMS((SHA_256, MD5)), stun.PASSWORD_ALGORITHM(stun.PasswordAlgorithm(2, b"x"))),
    ],
)
def test_server_refuses_a_list_that_was_changed_on_the_way(attributes: tuple[stun.Attribute, ...]) -> None:
    with pytest.raises(StunError, match="not as offered"):
        agreed_algorithm(binding(*attributes), (SHA_256, MD5))


# --- challenges --------------------------------------------------------------------------------------------------


def test_challenge_of_an_older_server_is_answered_with_md5_and_message_integrity() -> None:
    asked = Challenge.of(challenge())
    credential = asked.answer("user", "pass")
    packet = credential.encode(binding(stun.LIFETIME(600)))

    body = plain_attribute(0x000D, b"\0\0\x02\x58") + plain_attribute(0x0006, b"user")
    body += plain_attribute(0x0014, b"example.org") + plain_attribute(0x0015, PLAIN_NONCE)
    assert asked.features is None
    assert asked.algorithm is None
    assert packet == plain_sealed(1, ID, body, md5("user:example.org:pass"), fingerprint=False)


@pytest.mark.parametrize(
    ("offered", "chosen", "key"),
    [
        ((SHA_256, MD5), SHA_256, hashlib.sha256(b"user:example.org:pass").digest()),
        ((MD5, SHA_256), MD5, md5("user:example.org:pass")),
        ((stun.PasswordAlgorithm(9, b"x"), SHA_256), SHA_256, hashlib.sha256(b"user:example.org:pass").digest()),
    ],
)
def test_first_supported_algorithm_is_chosen_and_the_offer_echoed(
    offered: tuple[stun.PasswordAlgorithm, ...], chosen: stun.PasswordAlgorithm, key: bytes
) -> None:
    """RFC 8489 9.2.5: "the first algorithm supported on the list", and subsequently SHA-256 integrity only."""
    nonce = nonce_cookie(ALGORITHMS_BIT) + b"n"
    credential = Challenge.of(challenge(stun.PASSWORD_ALGORITHMS(offered), nonce=nonce)).answer("user", "pass")
    received = stun.decode(credential.encode(binding(), fingerprint=True))

    assert received.get(stun.PASSWORD_ALGORITHM) == chosen
    assert received.get(stun.PASSWORD_ALGORITHMS) == offered
    assert (received.get(stun.REALM), received.get(stun.NONCE)) == ("example.org", nonce)
    assert received.integrity is stun.Integrity.SHA256
    assert received.verify(key)
    assert received.verify_fingerprint()
    assert agreed_algorithm(received, offered) == chosen


@pytest.mark.parametrize("features", [ANONYMITY_BIT, SecurityFeatures.NONE])
def test_user_name_is_hashed_where_the_server_announces_anonymity(features: SecurityFeatures) -> None:
    """RFC 8489 9.2.5: "then the USERHASH attribute MUST be used; else, the USERNAME attribute MUST be used"."""
    credential = Challenge.of(challenge(nonce=nonce_cookie(features))).answer("user", "pass")
    received = stun.decode(credential.encode(binding()))

    anonymous = features == ANONYMITY_BIT
    assert received.get(stun.USERHASH) == (hashlib.sha256(b"user:example.org").digest() if anonymous else None)
    assert received.get(stun.USERNAME) == (None if anonymous else "user")
    assert received.integrity is stun.Integrity.SHA1


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ((stun.NONCE(b"n"),), "REALM is missing"),
        ((stun.REALM("r"),), "NONCE is missing"),
        ((stun.REALM("r"), stun.NONCE(b"n"), stun.PASSWORD_ALGORITHMS(())), "no password algorithm on offer"),
        (
            (stun.REALM("r"), stun.NONCE(b"n"), stun.PASSWORD_ALGORITHMS((stun.PasswordAlgorithm(3),))),
            "no password algorithm on offer",
        ),
        ((stun.Attribute.unknown(0x0014, b"\xff"), stun.NONCE(b"n")), "REALM: the text is not UTF-8"),
        ((stun.Attribute.unknown(0x0014, b"\7"), stun.NONCE(b"n")), r"REALM: U\+0007"),
        ((stun.Attribute.unknown(0x0014, b""), stun.NONCE(b"n")), "REALM: no characters"),
        (
            (stun.REALM("r"), stun.NONCE(b"n"), stun.Attribute.unknown(0x8002, b"\0")),
            "PASSWORD-ALGORITHMS: a password algorithm is cut short",
        ),
        ((stun.Attribute.unknown(0x0014, bytes(764)), stun.NONCE(b"n")), "REALM: 764 octets, 763 are allowed"),
        ((stun.REALM("r"), stun.Attribute.unknown(0x0015, bytes(764))), "NONCE: 764 octets, 763 are allowed"),
        (
            (stun.REALM("r"), stun.NONCE(b"n"), stun.PASSWORD_ALGORITHMS((MD5,) * 191)),
            "PASSWORD-ALGORITHMS: 764 octets, 763 are allowed",
        ),
    ],
)
def test_challenge_that_cannot_be_answered_is_an_error(attributes: tuple[stun.Attribute, ...], problem: str) -> None:
    with pytest.raises(StunError, match=problem):
        Challenge.of(binding().error(401, *attributes))


def test_forged_realm_takes_no_time() -> None:
    """RFC 5892 A.7: a middle dot may stand where Katakana is, which for each of them is looked for from the start."""

    def judging(count: int) -> int:
        octets = ("\u30fb" * count + "\u30a2").encode()
        response = binding().error(401, stun.Attribute.unknown(0x0014, octets), stun.NONCE(b"n"))

        def judge() -> None:
            with suppress(StunError):
                Challenge.of(response)

        return instructions(judge)

    judging(1)
    assert judging(400) < 4 * 1.3 * judging(100)


def test_realm_and_nonce_are_echoed_octet_for_octet_even_where_the_writer_is_stricter() -> None:
    realm = stun.Attribute.unknown(0x0014, b"r" * 300 + b"\0")
    nonce = stun.Attribute.unknown(0x0015, b"\xff" * 200)
    repeated = stun.REALM("second")
    response = binding().error(401, realm, nonce, repeated)
    credential = Challenge.of(stun.decode(response.encode())).answer("user", "pass")

    assert credential.attributes == (stun.USERNAME("user"), realm, nonce)
    assert credential.key == md5("user:" + "r" * 300 + ":pass")


def test_answer_refuses_what_cannot_be_a_user_name_or_password() -> None:
    asked = Challenge.of(challenge())

    for user, password in (("", "pass"), ("user", ""), ("us\ner", "pass"), ("u" * 509, "pass")):
        with pytest.raises(EncodeError):
            asked.answer(user, password)


def test_server_answers_and_the_client_verifies_with_the_same_key() -> None:
    credential = Challenge.of(challenge()).answer("user", "pass")
    request = stun.decode(credential.encode(binding()))
    assert request.integrity is not None
    response = request.success().encode(credential.key, integrity=request.integrity.answer)

    assert stun.decode(response).verify(credential.key)


# --- short-term --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("integrity", "sha1", "sha256"),
    [(stun.Integrity.SHA1, True, 0), (stun.Integrity.SHA256, False, 32), (stun.Integrity.BOTH, True, 32)],
)
def test_short_term_credential_adds_the_user_name_and_seals(integrity: stun.Integrity, sha1: bool, sha256: int) -> None:
    packet = short_term("remote:local", "password", integrity).encode(binding(stun.PRIORITY(7)), fingerprint=True)

    body = plain_attribute(0x0024, b"\0\0\0\7") + plain_attribute(0x0006, b"remote:local")
    assert packet == plain_sealed(1, ID, body, b"password", sha1=sha1, sha256=sha256)


def test_credentials_and_challenges_pickle_and_copy_and_hide_their_key() -> None:
    asked = Challenge.of(challenge())
    credential = asked.answer("user", "pass")
    credential.encode(binding())

    for value in (asked, credential):
        assert copies(value) == (value, value, value)
    assert "key" not in repr(credential)


def test_unsealed_request_is_the_first_of_a_dialogue() -> None:
    """RFC 8489 9.2.3.1: sent "as if there were no authentication or message integrity applied"."""
    assert binding(stun.PRIORITY(7)).encode() == plain_message(1, ID, plain_attribute(0x0024, b"\0\0\0\7"))


@pytest.mark.parametrize(("user", "username"), [("alice", "1600000000:alice"), ("", "1600000000")])
def test_turn_rest_password_is_the_hmac_of_the_user_name(user: str, username: str) -> None:
    """draft-uberti-behave-turn-rest-00 2.2: base64(hmac(secret key, temporary username)), with SHA-1."""
    expected = base64.b64encode(hmac.digest(b"north", username.encode(), "sha1")).decode()

    assert turn_rest("north", 1600000000, user) == (username, expected)
