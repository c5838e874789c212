"""Which legacy charset bytes are most likely in: the one whose text is the least surprising, counted in bits.

A charset is tried with the languages that are written in it. A character costs as many bits as it is rare in the
language; what no text has (a symbol between two letters, a byte without a character) costs many. As every charset pays
for the same bytes, the sums compare across alphabets and across one and two bytes a character. Letters are listed by
falling frequency, and their shares follow from the rank alone (Gusein-Zade: f(r) = (ln(n + 1) - ln r) / n), which needs
no tables of counts.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

ASCII_BITS = 5.0
CAPITAL_BITS = 3.0
MARK_BITS = 5.0
SYMBOL_BITS = 12.0
OTHER_BITS = 15.0  # a letter that the language does not use
NO_WORD_BITS = 12.0
NO_TEXT_BITS = 30.0

_HANZI = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行"
    "所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它"
    "与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新"
    "己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平"
    "系气题活更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社"
    "便空决治展马科司五基书非则界达光放强即像难且权思王设式色路记南品住告类求据程北边死张该交规万取拉格望术领共确"
    "传师观清今切院让候带导争运"
)
_HANZI_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行"
    "所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它"
    "與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新"
    "己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平"
    "系氣題活更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社"
    "便空決治展馬科司五基書非則界達光放強即像難且權思王設式色路記南品住告類求據程北邊死張該交規萬取拉格望術領共確"
    "傳師觀清今切院讓候帶導爭運"
)
_KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金"
    "員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用"
    "制治度務強気小七成期公野協取都和統以機平総加思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百"
)
_KANA = (
    "のいにしたるとはをがてなでれらあこりすかっきまもくせさつ、。んだう「」けよめどそじえおちわみべずろ・ーばほ"
    "ンスルトイアリラドックロタシレジテマフィカパサグバコムプナ"
)
_HANGUL = (
    "이다의는에을고한가지로기사를하대은도정인어자서시리들일부수원해라제나그아전과상국장경있으보주만니게조며공성여적"
    "위중동것회당선무안면연관까세후강유스구미방민등신비내북남용발업개생진김오말입모했소단세재트통물것계문각실교영학분"
    "행산결체화간두때임되난본우명요와저거여최표달식터권마력평치운월및외역양차약양속드러불양합금급불반법심감데버바초설"
)

_MARKS = frozenset("“”‘’„–—…«»©®°·•€£§№\xa0　、。，：；！？「」『』《》（）")

# By language: what of its letters is not ASCII, by falling frequency.
_ALPHABETS = {
    "west": "éáíóäüöñßàèçêãõúâôåøæœîûïëì",  # pages in two languages
    "de": "üäöß",
    "fr": "éèàêçôâîûùïëœæ",
    "es": "óíáéñúü¿¡",
    "pt": "ãáçéóíêúõâàôü",
    "it": "àèùòéìî",
    "ca": "óàéèíçòúïü·",
    "nl": "ëéïèöü",
    "sv": "äöåé",
    "da": "øåæéö",
    "is": "ðáíóéúöþæý",
    "pl": "ąłęóśżćńź",
    "cs": "íáéěýžřčšůúňťóď",
    "sk": "áíéýčžšúľťóňôďäŕĺ",
    "hu": "áéöóőüíúű",
    "ro": "ăîâșțşţ",
    "hr": "čšžćđ",
    "tr": "ıüşçöğİâîû",
    "lt": "ėšųįžąūčę",
    "lv": "āīēšūņļķģžč",
    "et": "äõüöšž",
    "vi": "\u0323\u0301\u0300đôưêâáàơăéíóèúùìòý\u0309\u0303ế",
    "ru": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "uk": "оаинвітерсклудмпзяьбгчйхжцшюєїщфґ",
    "be": "аніеоцрслвдкыумпяьзгбтйчшжюэхёфў",
    "bg": "аиоентрсвлкдпмзугябъчцшжфйщхюь",
    "sr": "аиоенрстувкјдлпмзгбцчшњжћљхђфџ",
    "el": "αοιετσνηυρπκμλςόίάέωδγήύθχφβώξζψϊϋΐΰ",
    "ar": "اليمونرتبةعدفهسكقأحجشصطخضزثذىغئءظؤآإ،گپچکژ؛؟",
    "he": "יוהלאתרבשמנעםחדקפסגטזצכןךףץ",
    "th": "านรอกเงมยลว่ดทส้ตะัิปบคหีแจพชข็ุู์ใไโื์ผำซถณศษึฐฎธภฉฟญฝ๊ฮ๋ฯฬฆๆฒฏฑ",
}

# By charset (its name in the WHATWG standard), in the order in which equal ones are preferred: its languages.
_WRITES = {
    "windows-1252": ("west", "de", "fr", "es", "pt", "it", "ca", "nl", "sv", "da", "is"),
    "windows-1250": ("pl", "cs", "sk", "hu", "ro", "hr"),
    "iso-8859-2": ("pl", "cs", "sk", "hu", "ro", "hr"),
    "windows-1254": ("tr",),
    "windows-1257": ("lt", "lv", "et"),
    "windows-1258": ("vi",),
    "windows-1251": ("ru", "uk", "be", "bg", "sr"),
    "koi8-u": ("ru", "uk"),
    "iso-8859-5": ("ru", "uk", "be", "bg", "sr"),
    "ibm866": ("ru", "be"),
    "windows-1253": ("el",),
    "iso-8859-7": ("el",),
    "windows-1255": ("he",),
    "windows-1256": ("ar",),
    "iso-8859-6": ("ar",),
    "windows-874": ("th",),
    "euc-kr": ("ko",),
    "gb18030": ("zh",),
    "big5": ("zh-hant",),
    "shift_jis": ("ja",),
    "euc-jp": ("ja",),
}
CHARSETS = tuple(_WRITES)

# Those that nobody serves without saying so: they are tried where they are stated.
_WRITES_RARELY = {
    "iso-8859-15": _WRITES["windows-1252"],
    "iso-8859-14": _WRITES["windows-1252"],
    "macintosh": _WRITES["windows-1252"],
    "iso-8859-16": _WRITES["windows-1250"],
    "iso-8859-3": ("tr", "west"),
    "iso-8859-4": _WRITES["windows-1257"],
    "iso-8859-10": (*_WRITES["windows-1257"], "sv", "is"),
    "iso-8859-13": _WRITES["windows-1257"],
    "x-mac-cyrillic": _WRITES["windows-1251"],
    "iso-8859-8": ("he",),
    "iso-8859-8-i": ("he",),
}
RARE_CHARSETS = frozenset(_WRITES_RARELY)

_LETTER = r"[^\W\d_]"
# What no word has: a symbol between letters; a letter of another alphabet among Latin ones; a small letter before a
# capital, which is how Cyrillic and Greek look in a neighbour's charset.
_NO_WORD = re.compile(
    rf"(?<={_LETTER})[\xa1-\xa6\xa8-\xac\xae-\xb6\xb8-\xbf\xd7\xf7‚-•‰-›€™](?={_LETTER})"
    r"|(?<=[A-Za-z])[Ͱ-ۿ]|[Ͱ-ۿ](?=[A-Za-z])|(?<=[a-z])[\u3040-\uffef](?=[a-z])"
    r"|(?<=[à-öø-ÿα-ώа-џ])[À-ÖØ-ÞΑ-ΩА-Я]"
)


def bits(text: str, charset: str) -> float:
    """Return how surprising the characters of a text are as one decoded from `charset`.

    A name of CHARSETS or RARE_CHARSETS.
    """
    counts = Counter(text)
    return min(
        sum(times * (costs.get(one) or _uncommon(one)) for one, times in counts.items())
        for costs in map(_costs, _WRITES.get(charset) or _WRITES_RARELY[charset])
    )


def bits_of_order(text: str) -> float:
    """Return how surprising it is in which order they stand; never below zero."""
    return NO_WORD_BITS * len(_NO_WORD.findall(text))


def _uncommon(one: str) -> float:
    if one < "\x80":
        return ASCII_BITS if one >= " " else NO_TEXT_BITS
    if one < "\xa0" or one == "\ufffd" or "\ue000" <= one <= "\uf8ff":
        return NO_TEXT_BITS
    if one in _MARKS:
        return MARK_BITS
    if "\uff61" <= one <= "\uff9f":  # half-width kana: one byte each, so that every text could be some
        return OTHER_BITS - ASCII_BITS
    return OTHER_BITS if one.isalpha() else SYMBOL_BITS


@cache
def _costs(language: str) -> Mapping[str, float]:
    """Return the bits of the language's characters, each above zero."""
    if language == "ko":
        return _ranked(_HANGUL, 0.8) | _shared(_rows(range(0xB0, 0xC9), "euc_kr"), 0.17, besides=_HANGUL)
    if language == "zh":
        return _ranked(_HANZI, 0.55) | _shared(_rows(range(0xB0, 0xD8), "gb2312"), 0.4, besides=_HANZI)
    if language == "zh-hant":
        common = _HANZI_TRADITIONAL
        return _ranked(common, 0.55) | _shared(_rows(range(0xA4, 0xC7), "big5"), 0.4, besides=common)
    if language == "ja":
        kana = _ranked(_KANA, 0.55)
        rest = _shared(_rows(range(0xA4, 0xA6), "euc_jp"), 0.05, besides=_KANA)
        return kana | rest | _ranked(_KANJI, 0.2) | _shared(_rows(range(0xB0, 0xD0), "euc_jp"), 0.17, besides=_KANJI)
    costs = _ranked(_ALPHABETS[language], 0.95)
    capitals = {one.upper(): cost + CAPITAL_BITS for one, cost in costs.items() if len(one.upper()) == 1}
    return capitals | costs


def _ranked(characters: str, share: float) -> dict[str, float]:
    """Return the bits of characters that stand by falling frequency and together make this share of a text."""
    unique = dict.fromkeys(characters)
    n = len(unique)
    return {one: -math.log2(share * (math.log(n + 1) - math.log(rank)) / n) for rank, one in enumerate(unique, 1)}


def _shared(characters: Iterable[str], share: float, *, besides: str) -> dict[str, float]:
    """Return the bits of characters that are about equally rare, but for those that stand elsewhere."""
    rare = set(characters).difference(besides)
    return dict.fromkeys(rare, -math.log2(share / len(rare)))


def _rows(leads: range, codec: str) -> Iterable[str]:
    """Return the characters of a charset's rows: the standards put the common ones first."""
    return b"".join(bytes((lead, trail)) for lead in leads for trail in range(0xA1, 0xFF)).decode(codec, "ignore")
