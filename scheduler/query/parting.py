"""Where a text may part what a query writes as one word of Korean, Chinese or Japanese: 한·미, 金 正恩, ロス・アラモス.

A dot parts words that belong together; a space parts any words in Korean and the entries of lists elsewhere, so that
it parts what was one only where this looks like a name. No other sign does: a full stop or a comma ends what it is in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from scheduler.query import edges
from scheduler.query.edges import HAN, HANGUL, KATAKANA
from scheduler.query.folding import SPACE, Folded
from storage import surnames

_DOTS = frozenset("・･·‧ㆍ•∙⋅=＝゠-‐‑－﹣")  # or a hyphen among them
_HANGUL, _HAN = re.compile(f"[{HANGUL}]+"), re.compile(f"[{HAN}]+")
_KATAKANA, _HIRAGANA = re.compile(f"[{KATAKANA}]"), re.compile("[\u3041-\u309f]")
_OF_OTHERS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Myanmar, Khmer: a dot joins none

# What follows the short names of two countries or bodies at once, as in 한·미동맹; not what goes on to the name of a
# third: 한·미얀마 is Korea and Myanmar, 한·인도 Korea and India.
_BEHIND_HANGUL = re.compile(
    "(?:동맹|연합|정상|관계|회담|공동|합동|협정|협상|협의|협력|무역|통상|통화|외교|외무|국방|안보|군사|경제|공조|훈련|대화|"
    "갈등|전쟁|국경|접경|양자|고위|실무|장관|의원|의장|해군|공군|육군|전$|전[은이을에의도])"
)
_NO_TAIL = re.compile("도|란")
_BEHIND_HAN = re.compile(
    "関係|关系|關係|両(?!替)|两|兩|政府|首脳|首脑|会談|会谈|會談|貿易|贸易|対立|对立|同盟|合同|共同|合意|協議|协议|友好|協力|合作|"
    "間|间|外相|外长|国境|战|戦"
)
# Titles, before a name or behind it.
_TITLE = (
    "氏|様|首相|総理|总理|總理|大統領|总统|總統|主席|総書記|总书记|總書記|書記|书记|国家主席|委員長|委员长|委員|委员|同志|先生|女士|議員|"
    "议员|大臣|長官|外相|部長|部长|社長|会長|会长|會長|議長|议长|大使|将軍|将军|將軍|元帥|元帅|教授|博士|知事|市長|市长|"
    "容疑者|被告|選手|选手|監督|記者|记者|代表|院長|院长"
)
_TITLE_BEHIND, _TITLE_BEFORE = re.compile(_TITLE), re.compile(f"(?:{_TITLE})$")
# 조 교수 is Professor Cho, and 조교수 an assistant professor.
_OFFICE = re.compile(
    "사장|의원|교수|감독|대표|장관|총리|원장|부장|회장|위원|실장|"
    "국장|팀장|과장|차장|기자|판사|검사|박사|선수|선생|목사|신부|"
    "대사|총장|시장|지사|청장|이사|후보|간사|처장|비서|소장|대장|"
    "중장|소령|대령|주석|서기|주임|작가|배우|가수|의장|단장|사관|"
    "부부"
)
_LONGEST_NAME = 6  # letters of a name in Chinese characters that a space may part


def may_part(page: Folded, start: int, end: int, *, is_open: bool) -> bool:
    """Is [start, end) of a folded text, which joints part, one word? Its letters are those of one word of a query;
    with `is_open` it may go on, or the next word of the query does."""
    cuts = [place for place, _ in page.inner_joints(start, end)]
    gaps = [page.gap(place) for place in cuts]
    parts = [page.text[first:last] for first, last in pairwise((start, *cuts, end))]
    if all(gap in _DOTS for gap in gaps):
        dotted = True
    elif len(gaps) == 1 and _is_space(gaps[0]):
        dotted = False
    else:
        return False
    if all(map(_HANGUL.fullmatch, parts)):
        parted = _dotted_hangul if dotted else _spaced_hangul
        return parted(page, start, end, parts, is_open)
    if all(map(_HAN.fullmatch, parts)):
        return (_dotted_han if dotted else _spaced_han)(page, start, end, parts)
    if all(_KATAKANA.match(page.text, place - 1) and _KATAKANA.match(page.text, place) for place in cuts):
        return (dotted or min(map(len, parts)) > 1) and _is_whole_katakana(page, start, end, is_open)
    return dotted and _dotted_mixed(page, start, end, parts, is_open)


def _dotted_hangul(page: Folded, start: int, end: int, parts: Sequence[str], is_open: bool) -> bool:
    """한·미, 북·러, 국·공립, 대구·경북; not a word across the seam of two others: 미국·인도 holds no 미국인."""
    if not _begins(page, start, _HANGUL):
        return False
    *first, last = parts
    after = "" if is_open else _hangul_behind(page, end)
    if len(last) == 1:
        is_tail = edges.is_tail(after) and not _NO_TAIL.fullmatch(after)
        return all(len(part) == 1 for part in first) and (is_tail or _BEHIND_HANGUL.match(after) is not None)
    alike = len({len(part) == 1 for part in first}) == 1
    return alike and (edges.is_tail(after) or len(after) >= 2)


def _spaced_hangul(page: Folded, start: int, end: int, parts: Sequence[str], is_open: bool) -> bool:
    """김 정은, and 윤 대통령, with nothing but titles and particles behind; a given name has two
    syllables, behind a family name of two also one."""
    family, given = parts
    if family in surnames.KOREAN_BEARERS and given in surnames.KOREAN_OFFICES:
        return _begins(page, start, _HANGUL) and (is_open or edges.is_tail(_hangul_behind(page, end)))
    fits = len(given) == 2 or (len(given) == 1 and len(family) == 2)
    if family not in surnames.KOREAN or not fits or _OFFICE.fullmatch(given) or not _begins(page, start, _HANGUL):
        return False
    return is_open or edges.is_tail(_hangul_behind(page, end))


def _dotted_han(page: Folded, start: int, end: int, parts: Sequence[str]) -> bool:
    """唐纳德·特朗普 wherever it stands, 米・中 and 金·正恩 as words: 河北·京津冀 holds no 北京."""
    if all(len(part) > 1 for part in parts):
        return True
    if not _begins(page, start, _HAN):
        return False
    if all(len(part) == 1 for part in parts):
        return end in page.joints or _HAN.match(page.text, end) is None or _BEHIND_HAN.match(page.text, end) is not None
    return len(parts) == 2 and parts[0] in surnames.HAN and _ends_as_name(page, end)


def _spaced_han(page: Folded, start: int, end: int, parts: Sequence[str]) -> bool:
    """金 正恩, 李 强, 安倍 晋三, as words of the text; a family name that is none of the known ones only where no list
    goes on beside it."""
    family, given = parts
    if end - start > _LONGEST_NAME or not _begins(page, start, _HAN) or not _ends_as_name(page, end):
        return False
    if len(family) == 1:
        return family in surnames.HAN and len(given) <= 2
    return len(family) <= 3 and len(given) <= 3 and not _is_listed(page, start, end)


def _is_whole_katakana(page: Folded, start: int, end: int, is_open: bool) -> bool:
    """コイン・ドル holds no インド."""
    begins = start in page.joints or not _KATAKANA.match(page.text, start - 1) or not _KATAKANA.match(page.text, start)
    ends = is_open or end in page.joints or not _KATAKANA.match(page.text, end)
    return begins and (ends or not _KATAKANA.match(page.text, end - 1))


def _dotted_mixed(page: Folded, start: int, end: int, parts: Sequence[str], is_open: bool) -> bool:
    """한·EU, 日・ASEAN, 米・イラン: each part is of another script than the next, or they are alike in length. Not the
    end of a word before it: 북한·EU holds no 한EU."""
    for one, other in pairwise(parts):
        is_alike = (len(one) == 1) == (len(other) == 1)
        if not (one[0].isalnum() and one[-1].isalnum() and other[0].isalnum()):  # a mark by itself is no part
            return False
        if _OF_OTHERS.match(one[-1]) or _OF_OTHERS.match(other[0]):
            return False
        if _HIRAGANA.match(one[-1]) and _HIRAGANA.match(other[0]) and len(one) == 1:  # 私は・いつか holds no はい
            return False
        if edges.script_of(one[-1]) == edges.script_of(other[0]) and not is_alike:
            return False
    first, last = parts[0], parts[-1]
    if _HIRAGANA.match(first) and not _begins(page, start, _HIRAGANA):
        return False
    if _HANGUL.match(first) and not _begins(page, start, _HANGUL):
        return False
    if _HAN.fullmatch(first) and len(first) == 1 and not _begins(page, start, _HAN):
        return False
    if _HANGUL.match(last[-1]):
        after = "" if is_open else _hangul_behind(page, end)
        return edges.is_tail(after) or len(after) >= 2 or _BEHIND_HANGUL.match(after) is not None
    if _HAN.fullmatch(last) and len(last) == 1:
        return end in page.joints or _HAN.match(page.text, end) is None or _BEHIND_HAN.match(page.text, end) is not None
    return _is_whole_katakana(page, start, end, is_open)


def _begins(page: Folded, start: int, letters: re.Pattern[str]) -> bool:
    """Does a word of the text begin here, behind no letter of its own script and no letter or digit of another?"""
    if start in page.joints:
        return True
    before = page.text[start - 1]
    return letters.match(before) is None and edges.script_of(before) != "spaced"


def _hangul_behind(page: Folded, end: int) -> str:
    """The Korean letters on to a place, within its word."""
    if end in page.joints:
        return ""
    found = _HANGUL.match(page.text, end, page.stop_at(end))
    return found.group() if found else ""


def _ends_as_name(page: Folded, end: int) -> bool:
    return end in page.joints or not _HAN.match(page.text, end) or _TITLE_BEHIND.match(page.text, end) is not None


def _is_listed(page: Folded, start: int, end: int) -> bool:
    """Does a further word in Chinese characters stand behind a space on either side, in the same line, and no title?"""
    text, joints = page.text, page.joints
    has_before = joints.get(start) == SPACE and _is_space(page.gap(start)) and _HAN.match(text, start - 1)
    if has_before and not _TITLE_BEFORE.search(text, max(0, start - 4), start):
        return True
    if joints.get(end) == SPACE and _is_space(page.gap(end)):
        return _HAN.match(text, end) is not None and not _TITLE_BEHIND.match(text, end)
    return False


def _is_space(gap: str) -> bool:
    """White space within a line."""
    return gap.isspace() and "\n" not in gap
