"""Does a short page say, in its words, by a script or by where it leads, that what was asked for is not there any more?

Of titles and headlines `doubt` has asked before; here are sentences of the text, which an article may hold as well. So
they count only in a page that says little else, and, under the headline that was listed, only where no text follows
that tells of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urljoin

from lxml.html import HtmlElement

from crawler.extract.markup import flowing
from crawler.extract.metadata import is_home
from crawler.fault import LookFault
from crawler.pages import Page
from storage.identity import host_of
from storage.model.looking import Outcome
from storage.same import is_near_title
from storage.text import fold, one_line

LITTLE = 1200  # characters: such a page says less
_NOTHING = 300  # characters of a page that is only there to lead on
_TELLS_ON = 120  # characters of prose beside the sentence, in which an article goes on under its own headline
_FIRST_BLOCKS = 6  # of a page, among which it says so
_WHAT = r"(?:web ?page|page|article|story|post|document|content|item|url|link|news)"
_SORRY = (
    r"^\W*(?:(?:(?:we(?:'re| are) )?(?:so |very )?sorry|oops|ups|whoops|uh[ -]?oh|hoppla|désolé|lo sentimos|leider"
    r"|извините|к сожалению|죄송합니다|抱歉|对不起|申し訳(?:ございません|ありません))\W+(?:(?:but|aber|mais|pero)\s)?)?"
)
_IN_WORDS = "|".join(
    (
        rf"(?:(?:the|this|that|your) )?(?:requested )?{_WHAT}"
        r"(?: (?:(?:that|which) )?you(?:'re| are|'ve| have)? (?:\w+ ){0,3}?(?:for|requested|tried to (?:open"
        r"|reach|view)|want(?:ed)?))?"
        r" (?:is gone|is no longer (?:available|here|online|accessible)|is(?:n't| not"
        r"| currently not) (?:available|here)"
        r"|(?:has|have) (?:been )?(?:removed|deleted|expired|withdrawn|retracted|taken down|unpublished)"
        r"|was (?:not found|removed"
        r"|deleted|withdrawn)|(?:could|can) ?(?:not|n't|'t) be (?:found|displayed)|cannot be found|does(?:n't"
        r"| not) exist"
        r"|no longer exists|may have been (?:re)?moved|(?:un|not )available|not found)",
        rf"we (?:can(?:'t|not)|could(?:n't| not)|(?:were|are) unable to) (?:find|locate) (?:the|that|this"
        rf"|your) {_WHAT}",
        r"(?:diese[rs]?|die|der|das) (?:angefor\w+ |gewünsch\w+ |gesuch\w+ )?(?:web)?(?:seite|artikel|beitrag"
        r"|inhalt|meldung"
        r"|dokument) (?:gibt es (?:leider )?nicht(?: mehr)?|existiert (?:leider )?nicht(?: mehr)?"
        r"|ist (?:leider )?(?:nicht (?:mehr )?"
        r"(?:verfügbar|vorhanden|erreichbar|abrufbar|online)|gelöscht|entfernt)"
        r"|wurde (?:leider )?(?:nicht gefunden|gelöscht"
        r"|entfernt|zurückgezogen)(?: worden)?|konnte (?:leider )?nicht gefunden werden"
        r"|steht (?:leider )?nicht mehr zur verfügung)",
        r"(?:cette |cet |ce |la |le |l')(?:page|article|contenu|document)(?: (?:demandée?|que vous (?:re)?cherchez))? "
        r"(?:n'existe (?:pas|plus)|n'est (?:pas|plus) (?:disponible|accessible|en ligne)|a été (?:supprimée?"
        r"|retirée?|effacée?)"
        r"|est (?:introuvable|indisponible))",
        r"(?:la |esta |el |este )?(?:página|artículo|noticia|contenido|nota)(?: (?:solicitad[oa]|que (?:busca|buscas"
        r"|está buscando)))? (?:(?:ya )?no (?:existe|está disponible|se encuentra|se ha encontrado|se pudo encontrar)"
        r"|(?:ha sido|fue) (?:eliminad|borrad|retirad)[oa])",
        r"(?:эта |данная |этот |данный |запрашиваем\w+ |запрошенн\w+ )?(?:вами )?(?:страница|статья|материал"
        r"|новость|публикация)"
        r"(?:,? котор\w+ вы (?:ищете|искали|запросили),?)? (?:больше )?(?:не (?:найден[ао]?|существует|доступ(?:ен|на))"
        r"|(?:был[ао]? )?(?:удал[её]н[ао]?|снят[ао]? с публикации))|такой (?:страницы|статьи) (?:больше )?(?:нет"
        r"|не существует)",
        r"(?:요청하신 |해당 |이 |찾으시는 )?(?:기사|페이지|게시물|게시글|콘텐츠)[가이는은]? ?(?:삭제(?:되었|됐"
        r"|된|되어)|존재하지 않"
        r"|찾을 수 없|없습니다)[가-힣 ]{0,20}|(?:이미 )?삭제(?:되었거나|됐거나|되거나|된|되었습니다"
        r"|됐습니다)[가-힣 ]{0,12}"
        r"(?:기사|페이지|게시물|게시글|콘텐츠)(?:입니다|이거나 [가-힣 ]{0,16})?|존재하지 않는 (?:기사|페이지"
        r"|게시물|게시글)(?:입니다)?",
        r"(?:[您你](?:访问|訪問|查看|浏览|瀏覽|要找|请求|請求)的|[该該此这這本][篇个個]?)?(?:页面|網頁|网页|頁面"
        r"|文章|内容|內容|新闻|新聞|稿件)"
        r"(?:可能)?(?:不存在|未找到|找不到|无法找到|已经?被?(?:[删刪]除|移除|撤回|下[线線架])"
        r"|已不存在)(?:或[\u4e00-\u9fff]{2,10})?",
        r"(?:お探しの|この|ご指定の|指定された|該当(?:の|する)?)?(?:ページ|記事"
        r"|コンテンツ)[はがをの]?(?:、)?(?:既に|すでに|現在)?(?:見つかりません"
        r"|存在しません|削除され(?:ました|ています|た)|(?:公開|掲載)(?:期間)?[をがは]?終了"
        r"|ご覧いただけません)[ぁ-ん、一-鿿]{0,24}",
    )
)
# What may follow a sentence that says so: its end, a name behind a line, another cause, or who did it.
_END = (
    r"(?=\s*(?:$|[.!?。;:|·–—…」(-]|(?:or|oder|ou|o|или|at this (?:address|url)"
    r"|on (?:this|our) (?:site|server|website)"
    r"|by (?:the|its|our) (?:publisher|author|editors?)|anymore|any more|worden)\b))"
)
_SAYS_SO = re.compile(f"{_SORRY}(?:{_IN_WORDS}){_END}", re.IGNORECASE)
_IN_A_TITLE = re.compile(f"{_SORRY}(?:{_IN_WORDS})" + r"(?=\W*(?:$|\s[|·–—-]\s))", re.IGNORECASE)
_ALERT = re.compile(r"\balert\s*\(\s*(['\"])(.{2,200}?)\1\s*\)", re.DOTALL)
_REFRESH = re.compile(r"^\s*(\d{1,3})[.\d]*\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]*)", re.IGNORECASE)
_SOON_S = 15


def refuse_missing(root: HtmlElement, page: Page, titles: Sequence[str], *, is_article: bool) -> None:
    """Raise LookFault(NOT_FOUND) for a page of few words that says, or shows by where it leads, that there is none.

    `titles` are what the page calls itself; `is_article`: its metadata call it an article.
    """
    said = flowing(root)
    if len(said) >= LITTLE or _is_listed_so(page):
        return
    blocks = () if is_article or _tells_on(root, page, titles) else _first_blocks(root)
    alerts = _alerts(root) if len(said) < _NOTHING else ()
    told = next((one for one in titles if _IN_A_TITLE.match(_plain(one))), "") or next(
        (one for one in (*blocks, *alerts) if _SAYS_SO.match(_plain(one))), ""
    )
    if told:
        raise LookFault(Outcome.NOT_FOUND, f"with status 200 came a page that says: {one_line(told, 80)}")
    if len(said) < _NOTHING and not is_home(page.url) and _leads_home(root, page):
        raise LookFault(Outcome.NOT_FOUND, "the page leads on to the home page, and shows nothing itself")


def _is_listed_so(page: Page) -> bool:
    """Does the headline that was listed say so itself? Then it is an article's: no list names what is missing."""
    return page.listed is not None and _IN_A_TITLE.match(_plain(page.listed.title)) is not None


def _tells_on(root: HtmlElement, page: Page, titles: Sequence[str]) -> bool:
    """Has the page the headline that was listed, and under it more text than the sentence that says so? What a site
    says in place of an article stands under a headline of its own; a note in an article's own place stands alone."""
    listed = page.listed.title if page.listed else ""
    if not listed or not any(is_near_title(listed, one) for one in titles):
        return False
    prose = (flowing(one) for one in root.iter("p") if next(one.iter("a"), None) is None)
    rest = (_SAYS_SO.sub("", _plain(one), count=1) for one in prose)
    return sum(len(one) for one in rest) > _TELLS_ON


def _plain(text: str) -> str:
    return fold(text).replace("’", "'")


def _first_blocks(root: HtmlElement) -> list[str]:
    """The first texts that stand in elements of their own, headlines left out."""
    own = (one for one in root.iter("p", "div", "span", "strong", "b", "td", "li", "h2", "h3", "center"))
    texts = (flowing(one) for one in own if (one.text or "").strip())
    return list(islice((one for one in texts if one), _FIRST_BLOCKS))


def _alerts(root: HtmlElement) -> Iterator[str]:
    for script in islice(root.iter("script"), 20):
        for found in _ALERT.finditer((script.text or "")[:20_000]):
            yield found[2]


def _leads_home(root: HtmlElement, page: Page) -> bool:
    for meta in root.iter("meta"):
        if (meta.get("http-equiv") or "").lower() == "refresh":
            found = _REFRESH.match(meta.get("content") or "")
            to = urljoin(page.url, found[2].strip()) if found and int(found[1]) <= _SOON_S and found[2].strip() else ""
            if to and is_home(to) and host_of(to).removeprefix("www.") == host_of(page.url).removeprefix("www."):
                return True
    return False
