"""XEP-0261: Jingle In-Band Bytestreams Transport Method."""

from __future__ import annotations

import enum

from jinglecodec import namespaces as ns
from jinglecodec.model.jingle import Transport
from jinglecodec.xml.fields import attribute, element
from jinglecodec.xml.types import STRING, enum_of, integer

__all__ = ["IbbStanza", "IbbTransport"]


class IbbStanza(enum.Enum):
    """In which stanzas the data travels (XEP-0261 2.2; XEP-0047 4)."""

    IQ = "iq"
    MESSAGE = "message"


BLOCK_SIZE = integer(1, 65535)
"XEP-0047 2.1; twice what the schema of XEP-0261 takes."


@element(ns.IBB, "transport")
class IbbTransport(Transport):
    """A bytestream inside the XMPP stream, for want of a better (XEP-0261 2.2)."""

    block_size: int = attribute(BLOCK_SIZE)
    "Octets of data in one stanza before base64; the responder may answer with less."
    sid: str = attribute(STRING)
    "Id of the bytestream, not of the session; another one in a transport-info adds a bytestream (XEP-0261 2.4)."
    stanza: IbbStanza = attribute(enum_of(IbbStanza), default=IbbStanza.IQ)
