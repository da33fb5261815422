"""Whether an answer says that it does not know, in English or Korean.

By wording: a sentence that says "I don't know", "the passage does not say", "알 수 없어요". An answer
counts as a refusal when its first sentence says so, or each of its sentences that claims something does.
"""

import re
import unicodedata

from chains.sentences import sentences

_SOURCE = (
    r"(?:passages?|documents?|texts?|context|article|paragraphs?|sources?|information)(?: given| provided)?"
)
_NOT = r"(?: not|n['’]t)"
_ENGLISH = (
    rf"\b(?:i|we) (?:(?:do|could|am|are){_NOT}|can['’]t|cannot|am unable to|are unable to)"
    r"(?: \w+)? (?:know|find|answer|say|tell|determine|sure|able|provide|see)\b",
    r"\b(?:i['’]m|we['’]re) (?:not sure|unable|not able)\b",
    r"\b(?:i|we) have no (?:idea|information)\b",
    rf"\b{_SOURCE} (?:do|does|did){_NOT}(?: \w+)? "
    r"(?:contain|mention|say|state|provide|specify|include|give|tell|answer|indicate|describe|have)\b",
    rf"\b(?:is|are|was|were){_NOT} (?:\w+ )?"
    rf"(?:(?:mentioned|stated|specified|answerable)\b(?! (?:as|by|to)\b)"
    rf"|(?:given|provided|found|included|known|available|clear)(?= (?:in|from|by) the {_SOURCE}|\W*\Z)"
    r"|possible to (?:answer|say|tell|know|determine)\b)",
    r"\b(?:there is|there['’]s) (?:no|not enough|insufficient) "
    r"(?:\w+ )?(?:information|mention|answer|evidence)\b",
    r"\b(?:cannot|can['’]t|could not|couldn['’]t) be (?:answered|determined|found|known)\b",
    r"\b(?:unanswerable|impossible to (?:answer|say|tell|know|determine))\b",
    r"\Ano answer\b|\Aunknown\W*\Z|\An/a\W*\Z",
    r"\Anot (?:known|given|stated|mentioned|sure|enough information)\b",
)
_KOREAN = (
    r"모르겠|모릅니다|몰라요|모른다\W*\Z|알\s?수\s?없|알지\s?못|답(?:을|할|변할)?\s?(?:수\s?)?없",
    r"찾을\s?수\s?없|찾지\s?못|확인할\s?수\s?없|판단할\s?수\s?없|답(?:변)?하기\s?어렵|대답할\s?수\s?없|답변할\s?수\s?없",
    r"(?:문단|문서|본문|지문|글|자료|내용|정보|문맥)(?:에|에는|에서|에서는|은|는|이|가|으로|으로는|만으로는)?\s[^.]{0,40}?"
    r"(?:없(?:습니다|어요|다|음|네요)|(?:나와|언급되어|언급돼|적혀|쓰여|포함되어|포함돼)\s?있지\s?않"
    r"|나오지\s?않|언급되지\s?않|언급하지\s?않)",
    r"(?:언급|정보|답|내용)(?:이|은|는|가)?\s?(?:없습니다|없어요|없음)\W*\Z|\A모름\W*\Z|\A정보\s?(?:없음|부족)\W*\Z",
)
_REFUSAL = re.compile("|".join((*_ENGLISH, *_KOREAN)), re.IGNORECASE)
_APOLOGY = re.compile(
    r"\A(?:(?:i['’]m |i am )?sorry|i apologi[sz]e|unfortunately|죄송|미안|아쉽)[^.]{0,30}[.!]?\Z",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """Whether the answer says that it does not know. An empty one says nothing."""
    plain = unicodedata.normalize("NFC", text)
    said = [one for one in (plain[start:end].strip() for start, end in sentences(plain)) if one]
    claims = [one for one in said if not _APOLOGY.match(one)]
    if not claims:
        return False
    return bool(_REFUSAL.search(claims[0])) or all(_REFUSAL.search(one) for one in claims)
