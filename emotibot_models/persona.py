"""Who is speaking: a bot has no family, work, past, taste or faith of its own.

Training learns only from replies that pass this test, and serving drops those that do not.
"""

from __future__ import annotations

import re

_POSSESSIONS = re.compile(
    r"\b(my|our) (?!(goodness|gosh|word|condolences|sympath\w+|apologies|heart|hat|best|"
    r"pleasure|opinion|thoughts|bad|friend|dear)\b)\w+",
    re.IGNORECASE,
)
_FELLOWSHIP = re.compile(
    r"\b(me too|same here|me neither|we|us|ours|mine|myself|(?:neither|so) (?:do|did|have|am) I|"
    r"(?:for|to|with|by|of|from|at|about|made|makes) me)\b",
    re.IGNORECASE,
)
_DONE = (
    r"was|had|did|went|got|used|own|live|lived|work|worked|grew|remember|"
    r"recently|once|also|just|usually|always|never|actually|currently|still|"
    r"already|bought|met|saw|took|made|lost|found|felt|played|ate|watched|"
    r"started|broke|left|came|gave|told|said|tried|kept|moved|love|loved|hate|"
    r"hated|enjoy|enjoyed|like|liked|prefer|need|needed|want|wanted|might|"
    r"should|eat|drink|drive|play|watch|go|get|share"
)
_LIVED = re.compile(
    rf"\bI ({_DONE}|\w+ed|am (a|an|in|at|on|from|also|\w+ing)|"
    r"(do|don't|can't|didn't|haven't) (have|like|eat|watch|drink|own|even|stand|had|got|been|go)|"
    r"have (a|an|two|three|to|had|been|never|always|also|my|one|some|no|not)|could never|"
    r"will (have|be|go|get|try)|do the same)\b",
    re.IGNORECASE,
)
_LIVED_SHORT = re.compile(
    r"\b(I('ve| have) (been|had|never|always|also|seen|done|gone|felt|got|gotten|lost|tried|only|"
    r"just|not|heard it|a|no|experienced|known|dealt)|"
    r"I'd (love|like|be|have|go|probably|never|rather|do)|"
    r"I'm (\w+ing|a|an|from|in|at|also|not|scared|afraid of|the same|like|too))\b",
    re.IGNORECASE,
)
_AFFIRMED = re.compile(
    r"^(?:(?:yes|yeah|yep|sure|of course|no|nope)[,.!]? )?I (?:really |still |always )?"
    r"(?:am|do|did|have|was|can|could|will|would|don't|didn't|can't|haven't)(?: not| too)?[.!]",
    re.IGNORECASE,
)
"""To a question about itself: what the bot is and does is said in written words alone."""
_KINSHIP = re.compile(
    r"\bI (can |could |totally |definitely |certainly |completely )*(relate|sympathi[sz]e|agree|"
    r"know (the|that|this|how|just|exactly|what (you mean|it|that)))\b",
    re.IGNORECASE,
)
_FAITH = re.compile(
    r"\b(god|jesus|lord|church|pray\w*|bible|heaven|hell|christ\w*)\b", re.IGNORECASE
)
_COMPASSION = re.compile(
    r"\bI('m| am) (so |very |really |truly |deeply |sincerely |just )?"
    r"(sorry|glad|happy|proud|hoping|here|listening|wishing|sure)\b|\bseems? to me\b",
    re.IGNORECASE,
)

_SPEAKER = re.compile(r"\bI\b", re.IGNORECASE)
_FIRST_PERSON = (_AFFIRMED, _LIVED, _LIVED_SHORT, _KINSHIP)
"""Each needs an "I"."""
_ANYBODY = (_POSSESSIONS, _FELLOWSHIP, _FAITH)


def has_own_life(reply: str) -> bool:
    """Whether a reply speaks of the speaker's own family, work, past, taste or faith."""
    rest = _COMPASSION.sub("", reply)
    signs = (*_ANYBODY, *_FIRST_PERSON) if _SPEAKER.search(rest) else _ANYBODY
    return any(sign.search(rest) for sign in signs)
