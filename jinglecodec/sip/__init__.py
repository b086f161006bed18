"""A gateway between SIP and Jingle (draft-ietf-stox-media-04), pure: datagrams and stanzas in, and out.

Needs the extra `sip`.
"""
