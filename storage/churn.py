"""Lines that are not the article, whatever they say: counters, "5 minutes ago", the date of the visit. Pure.

They change from look to look without anybody having written a word.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from storage.lengths import A_LINE, weight
from storage.text import fold

LONGEST = 90  # characters of such a line
HEAD, FOOT = 12, 12  # lines at the beginning and the end of a body, among which it stands
PARAGRAPH = 60  # characters; shorter lines are teasers, names, buttons, but where all lines are short
FEW = 3  # paragraphs, below which an end is what stands before the first or behind the last
PART, MOST = 4, 3  # each end reaches over a quarter of the paragraphs, one at least, and over so many at most
_NUMBER = r"[\d.,' ]*\d\s*[km]?\+?|\d[\d.,]*\s*[万萬만천억]"
# What is counted beside an article, in the languages of news sites that count it.
_COUNTED = (
    r"(?:page\s?)?views?|hits|reads?|readers?|visits?|visitors?|clicks?|shares?|comments?|repl(?:y|ies)|likes?"
    r"|reactions?|downloads?|followers?|people (?:are )?reading(?: this)?(?: now)?|online"
    r"|aufrufe|ansichten|kommentare?|mal geteilt|mal gelesen|vues?|lectures?|partages?|commentaires?"
    r"|visitas|vistas|lecturas|comentarios|compartid[oa]s?|visualizza(?:zioni|coes|ções)|commenti|comentários"
    r"|조회(?:\s?수)?|읽음|댓글(?:\s?수)?|공감|좋아요|추천|공유|방문자"
    r"|浏览(?:量|次数|数)?|瀏覽(?:量|次數|數)?|阅读(?:量|数)?|閱讀(?:量|數)?|点击(?:量|数|率)?|點擊(?:量|數)?|评论(?:数)?|評論|点赞|點讚|人阅读|人气|人氣"
    r"|閲覧数|アクセス数?|コメント(?:数)?|いいね|回再生|件のコメント"
    r"|просмотр(?:ов|ы|а)?|прочтени[йяе]|прочитали|комментари(?:ев|и|я|й)|лайк(?:ов|и|а)?|перегляд(?:ів|и)"
    r"|مشاهدة|مشاهدات|تعليقات?|بازدید"
)
_COUNTER = re.compile(
    rf"[(\[|/•·-]*\s*(?:(?:total |all |number of |nombre de |количество )?(?:{_COUNTED})\s*[:=(]?\s*(?:{_NUMBER})|"
    rf"(?:{_NUMBER})\s*(?:{_COUNTED}))\s*[)\]|次人회건件]*",
    re.IGNORECASE,
)
_UNIT = (
    r"(?:sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?|[smhdw])"
    r"|(?:sekunden?|minuten?|stunden?|tag(?:en?)?|wochen?)|(?:secondes?|minutes?|heures?|jours?|semaines?)"
    r"|(?:segundos?|minutos?|horas?|días?|dias?|semanas?)|(?:секунд\w*|минут\w*|час\w*|дн\w+|день|недел\w+)"
)
_STATED = (
    r"(?:(?:last )?(?:updated?|modified|published|posted|edited|added)|aktualisiert|veröffentlicht|stand"
    r"|mis à jour|publié|actualizado|publicado|обновлено|опубликовано|수정|입력|등록|更新|发布|發布|公開)"
)
_AGO = re.compile(
    rf"[(\[|•·-]*\s*(?:{_STATED}\s*:?\s*)?(?:"
    rf"(?:\d+|an?|one|few|a few)\s*(?:{_UNIT})\s*(?:ago|назад)"
    rf"|(?:vor|il y a|hace|há)\s+(?:\d+|einer|einem|une?|una?|uma?)\s*(?:{_UNIT})"
    r"|\d+\s*(?:초|분|시간|일|주|개월)\s*전|\d+\s*(?:秒|分钟?|分鐘|小时|小時|時間|天|日|周|週間?)\s*之?前"
    r"|just now|moments? ago|yesterday|gerade eben|à l'instant|только что|방금(?:\s?전)?|刚刚|剛剛|たった今"
    r")\s*[)\]]*",
    re.IGNORECASE,
)
_STAMP = re.compile(rf"\W*{_STATED}", re.IGNORECASE)
_OF_THE_WORLD = re.compile(r"\d[:h]\d\d|\d ?(?:[ap]\.?m\b|uhr|[時时시點点])|visit|reader|download|follower|방문자")
_DATE_PIECE = re.compile(r"\d+|[^\W\d_]+")
_DATE_WORDS = frozenset(
    _DATE_PIECE.findall(
        """
        january february march april may june july august september october november december jan
        feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
        saturday sunday mon tue tues wed thu thur thurs fri sat sun am pm a p m gmt utc kst jst cet
        cest est edt bst msk hkt ist at on of the st nd rd th today date time now last updated
        update modified published posted local current
        januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag
        freitag samstag sonnabend sonntag uhr den um stand aktualisiert veröffentlicht
        janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi
        mercredi jeudi vendredi samedi dimanche le à h publié mis jour
        enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
        lunes martes miércoles jueves viernes sábado domingo de del a las publicado actualizado
        января февраля марта апреля мая июня июля августа сентября октября ноября декабря
        понедельник вторник среда четверг пятница суббота воскресенье г года в обновлено
        опубликовано мск
        juche 주체 年 月 日 時 时 分 秒 星期 周 週 曜日 曜 년 월 일 시 분 초 요일 오전 오후 입력
        수정 등록 上午 下午 午前 午後
        更新 发布 發布 公開 配信 时间 時間 시간
        """
    )
)
_CJK_DATE = re.compile(
    r"(?:년|월|일|시|분|초|[월화수목금토일]요일|오전|오후|기사|입력|수정|등록|年|月|日|時|时|分|秒|星期[一二三四五六日天]?"
    r"|[周週][一二三四五六日]|[月火水木金土日]曜日?|上午|下午|午前|午後|更新|发布|發布|公開|配信|时间|時間|主体|主體|주체)+"
)


def is_churn(line: str) -> bool:
    """Whether a line of a body is a counter, a relative time or nothing but a date, in any script."""
    if not line or len(line) > LONGEST:
        return False
    said = fold(line).lower()
    return bool(_COUNTER.fullmatch(said) or _AGO.fullmatch(said)) or _is_date(said)


def without_churn(body: str) -> str:
    """The body without its churn lines; the same where it has none."""
    lines = body.split("\n")
    churn = churn_at_the_ends(lines)
    return "\n".join(line for line in lines if line not in churn) if churn else body


def edited_lines(before: str, after: str, most: int | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folded lines that only the text before has, and those that only the text after has, churn left out; a line
    that stands there more often is one of them. Of each at most about `most` characters, the first, where that is
    given: a line costs some by itself."""
    lines, others = before.split("\n"), after.split("\n")
    churn = churn_at_the_ends(lines) | churn_at_the_ends(others)
    was, is_ = Counter(lines), Counter(others)
    went, came = _folded(_more(was, is_), churn, most), _folded(_more(is_, was), churn, most)
    return tuple((went - came).elements()), tuple((came - went).elements())


def churn_at_the_ends(lines: Sequence[str]) -> frozenset[str]:
    """The churn lines among the first and the last of a body. With text round it "Monday, 3 August, 10:00" is an
    appointment and "visitors: 5,120" a result: these two are churn only where there is no text on one side."""
    said = [line for line in lines if line]
    ends = {*range(min(HEAD, len(said))), *range(max(0, len(said) - FOOT), len(said))}
    churn = {at for at in ends if is_churn(said[at])}
    if not churn:
        return frozenset()
    paragraphs = paragraphs_among(said, churn)
    most = reach(len(paragraphs))

    def is_at_an_end(at: int) -> bool:
        above = bisect(paragraphs, at)
        most_here = 0 if _may_be_news(said[at]) else most
        return (at < HEAD and above <= most_here) or (len(said) - at <= FOOT and len(paragraphs) - above <= most_here)

    return frozenset(said[at] for at in churn if is_at_an_end(at))


def paragraphs_among(lines: Sequence[str], frame: Collection[int]) -> list[int]:
    """Which of these lines are paragraphs of the text: neither those of its frame nor short ones, in order."""
    longest = max((len(line) for at, line in enumerate(lines) if at not in frame), default=0)
    return [at for at, line in enumerate(lines) if at not in frame and len(line) >= min(PARAGRAPH, longest / 3)]


def reach(paragraphs: int) -> int:
    """Over how many of its paragraphs each end of a text reaches."""
    return min(max(1, paragraphs // PART), MOST) if paragraphs >= FEW else 0


def _may_be_news(line: str) -> bool:
    """A day with a clock may be an appointment, and visitors those of a museum."""
    said = fold(line).lower()
    return _OF_THE_WORLD.search(said) is not None and not _STAMP.match(said)


def _more(lines: Counter[str], others: Counter[str]) -> dict[str, int]:
    """The lines that stand here more often than there, in their order. Most are equal, and sets tell them apart: a
    subtraction of counters walks through all of them, which is half a second for a million."""
    differ = {line for line, _ in lines.items() - others.items()}
    if not differ:
        return {}
    return {line: more for line in lines if line in differ and (more := lines[line] - others[line]) > 0}


def _folded(lines: Mapping[str, int], churn: Collection[str], most: int | None) -> Counter[str]:
    folded: Counter[str] = Counter()
    left = most
    for line, number in lines.items():
        cost = weight(line) + A_LINE
        often = number if left is None else min(number, left // cost + 1)
        if line not in churn and (said := fold(line[:left])):
            folded[said] += often
        if left is not None and (left := left - cost * often) <= 0:
            break
    return folded


def _is_date(said: str) -> bool:
    """Nothing but numbers and the words of dates. A number by itself may be a line of a table."""
    pieces = _DATE_PIECE.findall(said)
    if not 2 <= len(pieces) <= 14:
        return False
    numbers = [piece for piece in pieces if piece[0].isdigit()]
    words = [piece for piece in pieces if not piece[0].isdigit()]
    if not numbers or not all(word in _DATE_WORDS or _CJK_DATE.fullmatch(word) for word in words):
        return False
    return bool(words) or (3 <= len(numbers) <= 6 and re.search(r"\d[-./:]\d", said) is not None)
