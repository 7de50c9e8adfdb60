"""Mail, conversations and subtitles: what somebody said, to whom, and when.

A statement of a conversation stands with its speaker, and one of a mail is the sender's own: what is quoted
from others is left out. Nothing here makes up who a name or an address belongs to.
"""
