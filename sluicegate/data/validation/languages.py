"""Which language a text is in, told by its script and its commonest words: English, Chinese, or another.

Han characters without kana are Chinese; a text whose letters are mostly of another script is another language.
In Latin script, words that are common in English and not elsewhere are weighed against those of twenty other
languages, and where these do not decide, the way words are spelt (`th`, `wh`, `-ing` against accents, `sz`, `ij`, …).

What it is for: telling a column of English from one that has French, Spanish or Chinese in it, in shares.
What it cannot do: a text of a few words without any common one is undetermined; a text in two languages gets that of
the larger part; Latin-script languages that are not listed are mostly found by their spelling alone; romanised
Hindi or pinyin is undetermined as a rule; Japanese without kana counts as Chinese; names of products and people
say nothing. It does not tell Cantonese from Mandarin, or English dialects apart.
"""

from __future__ import annotations

import re

ENGLISH, CHINESE, OTHER, UNDETERMINED = "en", "zh", "other", "undetermined"
LANGUAGES = (ENGLISH, CHINESE, OTHER)
"""What a text may be found to be in, if it can be told."""

_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]")
_HAN_LETTERS = 3  # a Han character says about as much as three Latin letters
_KANA_SHARE = 0.05  # of kana among Japanese characters: far less than in any real sentence
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#<&]\S+")
_WORDS = re.compile(r"[a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff]+(?:['\u2019][a-z]+)?")
_LONGEST_CHARACTERS = 2_000  # the beginning tells as much as the whole


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ENGLISH_WORDS = _words(
    """
    a about above across after again against air all almost along also always am amazing an and animals another
    answer any are around as asked at away awesome awful back bad be because been before began being below best
    better between big body both bought boy boys but buy by called came can can't car change children city come
    could country cut day days did didn't different do does doesn't don't done door down during each earth end
    enough even ever every example eyes face family far father feet few film find first five following food for form
    found four friends from get give go going good got great group had hand happy hard has hate have he he's head
    hear heard help her here high him himself his home house how however i i'd i'll i'm i've if important into is
    isn't it it's its just keep kind knew know land large last late later learn leave left let life light like line
    little live lol long look looked love loved made make man many may me means men might miles money more morning
    most mother move movie much must my name near need never new next nice night no not now number of off often ok
    okay old once only or other others our out over own page paper part people phone picture place play please point
    poor pretty price product put quality read really red right room said same saw say school sea second see seen
    sentence set several she should show side sin since small so some something sometimes son soon sound still story
    study such sun sure take tell terrible than thank thanks that that's the their them then there these they
    they're thing things think this those thought three through time times to today together told too took top
    toward true try turn turned two under until up upon us use used using usually very want was wasn't watch
    watching way ways we well went were what when where which while white who whole why will with without won't word
    words work world worst would write yeah year years yes you you're young your
    """
)
"""The commonest words of English, and of English reviews."""
_OTHER_WORDS = _words(
    """
    aan aber ada af akan ako al ale ali alla ama anche ang ao att au auch auf aus aux av avec ay az až bardzo bei
    ben bi bien bij bila bio bir bisa ble blir bu byl być c'est care ce cette che cho ci co com comme como con csak
    cu cuando czy các có của d'un d'une da daha dalam dan dans dari das dat dei del della delle dem den dengan der
    des det deze değil di diese din dla dos du een egy ei ein eine einen el ela ele elle eller em er es est esta
    este está et ett että ez fait foarte foi fost fra från för für geen gibi gli goed ha haben har hay heeft het hii
    hindi ho hogy hun hvad hän ich ik ikke il ile ili ini inte isso ist ito itu için j'ai ja jag jak jako je jeg
    jest joka jsem juga już já kami kan kann kao karena katika không który kun kung kwa lakini las le lebih les lo
    los là ma maar mai mais med meg meget mga mi mint minä mit molto muito mutta muy mycket myös már más một n'est
    na naar nach nagyon ne nebo nel nem není ng người những nicht nie niet niin nije noch nog non nos nous nu nur
    này não o och od oder og olarak olen oli om on ono ook os ovat pada para pas pe pelo pentru per perché pero più
    plus po por porque pour przez på qu'il que questa questo qui rin sa sam samo sana saya se sehr sen ses seu sich
    sie siya się som sono sont su sua sudah sunt sur sus são så să są tak también tego tem ti tidak til todo tout
    trong très tämä tôi uit um uma una und une untuk van var ve ved velmi vi você volt vom voor vous vrlo và være
    với wa wel wenn wij wir wird wordt y ya yake yang yo yok zeer zijn zu zum zur är å çok è és être über được što
    że že și
    """
)
"""The commonest words of French, German, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Norwegian, Finnish,
Polish, Czech, Hungarian, Romanian, Croatian, Turkish, Indonesian, Vietnamese, Tagalog and Swahili; no English ones."""
_SHARED_WORDS = _words(
    """
    a all also am an as at be been by can come do door even film give had hand he her here i is it land late live
    long man me men more most name no of our over point product sin so some son still time under use was we will
    """
)
"""English words that are words elsewhere too, and say less."""
_ENGLISH_ONLY = _ENGLISH_WORDS - _SHARED_WORDS
_ENGLISH_SPELLING = re.compile(r"th|wh|ck|sh\b|ght|ee|oo|ow|ea|ing\b|ed\b|ly\b|ness\b|tion\b|ful\b|y\b|n't\b|'s\b")
_OTHER_SPELLING = re.compile(
    r"[^\x00-\x7f'\u2019]|sch|ij|sz|cz|aa|uu|eux\b|aux\b|ung\b|heit\b|keit\b|lich|zione|ción|ment\b|que\b|"
    r"os\b|as\b|[aeiou]i\b|[bcdfgklmnprstvz]a\b|[bcdfglmnprstvz]o\b|[rntl]i\b|en\b|eur\b|ais\b|ait\b"
)
_WORD_WEIGHT, _SHARED_WORD_WEIGHT, _SPELLING_WEIGHT = 2.0, 0.8, 0.4
_LEAST_LETTERS = 3
_LEAST_EVIDENCE = 0.8


def language_of(text: str) -> str:
    """`en`, `zh`, `other`, or `undetermined` where a text says too little."""
    text = text[:_LONGEST_CHARACTERS]
    if text.isascii():
        return _latin(text)
    han, kana, latin = (len(letters.findall(text)) for letters in (_HAN, _KANA, _LATIN))
    rest = sum(map(str.isalpha, text)) - han - kana - latin
    if han * _HAN_LETTERS + kana + latin + rest < _LEAST_LETTERS:
        return UNDETERMINED
    if kana and kana >= _KANA_SHARE * (han + kana) and (han + kana) * _HAN_LETTERS > latin:
        return OTHER
    if han * _HAN_LETTERS >= max(latin, rest):
        return CHINESE
    return OTHER if rest > latin else _latin(text)


def _latin(text: str) -> str:
    """The language of a text in Latin script."""
    text = text.lower()
    if "@" in text or "/" in text or "#" in text or "<" in text or "&" in text or "www" in text:
        text = _NOT_WORDS.sub(" ", text)
    words = _WORDS.findall(text.replace("\u2019", "'"))
    if sum(map(len, words)) < _LEAST_LETTERS:
        return UNDETERMINED
    other = _WORD_WEIGHT * sum(word in _OTHER_WORDS for word in words)
    english = _WORD_WEIGHT * sum(word in _ENGLISH_ONLY for word in words)
    english += _SHARED_WORD_WEIGHT * sum(word in _SHARED_WORDS for word in words)
    if abs(english - other) <= _WORD_WEIGHT:
        joined = " ".join(words)
        english += _SPELLING_WEIGHT * len(_ENGLISH_SPELLING.findall(joined))
        other += _SPELLING_WEIGHT * len(_OTHER_SPELLING.findall(joined))
    if abs(english - other) < _LEAST_EVIDENCE:
        return UNDETERMINED
    return ENGLISH if english > other else OTHER
