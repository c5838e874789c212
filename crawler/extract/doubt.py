"""Is this page what was asked for? Walls, captchas and home pages come with status 200.

Each sign is one that an article does not show, because a false alarm loses an article.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.markup import flowing
from crawler.extract.metadata import is_home
from crawler.fault import LookFault
from crawler.pages import Page
from storage.model.looking import Outcome
from storage.text import fold, one_line, public_url

_LITTLE = 1200  # characters: a wall says less, an article with its frame more
_CONSENT_TEXT = 5000  # a page that asks for consent says who its partners are
_SHORT = 250
_MAX_PARAGRAPHS = 2000
_HEADLINE_WORDS = 3
_NUMBER = re.compile(r"^\W*(?:404|410)\s?:\s(.+)", re.DOTALL)
_BLOCKED = re.compile(
    r"^(?:just a moment|attention required|access (?:to this page has been )?denied|(?:403 )?forbidden"
    r"|access blocked"
    r"|(?:web page|web ?site|page|url|site) blocked|(?:you have been )?blocked|request (?:rejected|blocked)"
    r"|security (?:check|verification)|please verify|verify(?:ing)? you are|are you (?:a )?(?:human|robot)"
    r"|robot check"
    r"|(?:human|bot) verification|captcha|pardon our interruption|checking your browser|ddos[- ]guard"
    r"|one more step"
    r"|unusual traffic|before you continue|error 403|sorry, we couldn)",
    re.IGNORECASE,
)
# How a page that answers 200 says that there is nothing: the article is gone, and nothing is wrong with the server.
_WHAT = (
    r"(?:web ?page|page|article|story|post|document|content|url|file|link|seite|artikel|beitrag|página|artículo|noticia"
    r"|matéria|artigo|pagina|articolo|страница|статья|материал|новость|сторінк[аи]|strona|artykuł|sayfa|haber|bài viết"
    r"|trang)"
)
_ASKED = r"(?:\s(?:(?:that|which)\s)?you(?:['’]\w{1,3})?(?:\s\w{2,12}){1,4}?|\s(?:at|with) this (?:address|url))?"
_MISSING = re.compile(
    r"^[\W_]*(?:(?:error|fehler|erreur|ошибка|에러|エラー)?[\s:-]{0,3}(?:404|410)"
    r"(?=\W*(?:$|[|:·–—-]|error\b|not\b|gone\b|page\b|file\b|fehler|seite|página|страниц|ошибка|페이지|오류))"
    r"|(?:nothing|not) found$"
    rf"|(?:sorry,? )?(?:(?:the|this|that|die|diese|der|dieser|la|el|esta|este|requested)\s){{0,2}}{_WHAT}{_ASKED}\s"
    r"(?:not found|(?:could|can)(?: ?not|['’]t) be found|does(?: not|n['’]t) exist|no longer (?:exists|available)"
    r"|(?:is|was|has been|is no longer) (?:removed|deleted|withdrawn|unpublished|unavailable|not available)"
    r"(?=\W*$|\s*[|·–—-])"
    r"|(?:konnte |wurde )?nicht (?:gefunden|vorhanden|mehr verfügbar)|existiert nicht|wurde gelöscht|introuvable"
    r"|n['’]existe (?:pas|plus)|(?:solicitad[ao] )?no (?:encontrad[ao]|existe|disponible|se encuentra)"
    r"|(?:ha sido |fue )?eliminad[ao]|não (?:encontrad[ao]|existe)|non (?:trovat[ao]|esiste)"
    r"|не (?:найден[аоы]?|существует)"
    r"|(?:был[ао]? )?удал[её]н[аоы]?|не знайден[оа]?|nie (?:została |został )?(?:znalezion|istnieje)|bulunamadı"
    r"|không (?:tồn tại|tìm thấy))"
    r"|(?:요청하신 |해당 |존재하지 않는 |삭제되었거나 )?(?:페이지|기사|게시물|게시글|콘텐츠)[를을이가는은]?.{0,12}?"
    r"(?:찾을 수 없|존재하지 않|삭제되었|삭제됐)|(?:삭제된|존재하지 않는) (?:페이지|기사|게시물|게시글)"
    r"|(?:您(?:访问|查看|要找)的)?(?:页面|网页|頁面|網頁|文章|内容|內容|稿件).{0,12}?"
    r"(?:不存在|未找到|找不到|已(?:被)?[删刪]除|已下[线線架])|(?:找不到|未找到)(?:该|該)?(?:页面|頁面|网页|網頁|文章)"
    r"|(?:お探しの|指定された|ご指定の)?(?:ページ|記事).{0,16}?(?:見つかりません|存在しません|削除されました|ありません)"
    r"|الصفحة.{0,20}?غير موجودة|لم يتم العثور)",
    re.IGNORECASE,
)
_END = re.compile(r"[가-힣ぁ-ん了]{0,5}[\W_]*(?:(?:error|not found|page)[\W_]*)*(?:[|:·–—-].*)?", re.IGNORECASE)
_LOGIN = re.compile(
    r"^(?:(?:please )?(?:log|sign)[ -]?in|log ?on|login|anmelden|einloggen|se connecter|connexion"
    r"|iniciar sesión|accedi"
    r"|войти|вход|로그인|登录|登入|ログイン|(?:subscribe|register) to continue|members? only|free member)\b",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"/(?:[\w-]*member-form|login|log-in|signin|sign-in|wp-login\.php|auth|sso|account/login)(?:[/?.]|$)", re.I
)
# What only a page that asks for consent has for its headline: an article about cookies names who bakes them.
_CONSENT = re.compile(
    r"^[\W_]*(?:before you (?:continue|visit)|(?:we|\w{2,30} and (?:our|its) partners) (?:value|care about"
    r"|respect) your privacy"
    r"|(?:your|manage) (?:privacy|cookie|consent) (?:choices|settings|preferences|matters)|cookie (?:consent"
    r"|settings|preferences|notice|policy|wall)"
    r"|(?:this (?:web)?site|we) uses? cookies|consent(?: required| form)?$|privacy (?:settings|gate|wall)"
    r"|accept cookies"
    r"|(?:ihre |deine )?(?:datenschutz-?einstellungen|privatsphäre-?einstellungen|zustimmung (?:erforderlich"
    r"|verwalten)|cookie-?einstellungen|einwilligung)"
    r"|(?:wir|diese (?:web)?seite) (?:verwenden|verwendet|nutzen|nutzt|brauchen) (?:cookies|ihre zustimmung"
    r"|ihre einwilligung)|mit werbung (?:weiter)?lesen|weiter mit werbung"
    r"|(?:vos|votre) (?:choix|vie privée|préférences)|nous respectons votre vie privée|gérer (?:vos"
    r"|les) cookies|continuer sans accepter|ce site utilise des cookies"
    r"|tu privacidad|valoramos tu privacidad|configuración de (?:cookies|privacidad)"
    r"|este sitio (?:web )?utiliza cookies|utilizamos cookies"
    r"|la tua privacy|il rispetto della tua privacy|impostazioni (?:cookie|privacy)"
    r"|questo sito utilizza (?:i )?cookie"
    r"|a sua privacidade|valorizamos (?:a )?(?:sua|tua) privacidade|este site (?:usa|utiliza) cookies"
    r"|(?:uw|jouw) privacy|(?:wij|we) (?:gebruiken|plaatsen) cookies|cookie-?instellingen"
    r"|toestemming (?:geven|nodig)"
    r"|(?:vi|denne siden|denna webbplats|dette nettstedet) (?:bruger|bruker|använder) (?:cookies"
    r"|informasjonskapsler|kakor)|ditt personvern|din integritet|dit privatliv"
    r"|arvostamme yksityisyyttäsi|evästeasetukset|(?:dbamy o|szanujemy) (?:twoją|państwa) prywatność"
    r"|ustawienia (?:cookies|prywatności)"
    r"|vážíme si vašeho soukromí|nastavení cookies|настройки (?:cookie|конфиденциальности)"
    r"|мы используем (?:файлы )?cookie"
    r"|gizlilik (?:ayarları|tercihleri)|çerez (?:ayarları|tercihleri)|クッキー(?:の)?(?:設定|同意)|쿠키 (?:설정|동의)"
    r"|cookie ?(?:设置|設定))",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(r"^(?:consent|guce|cmp|consentcdn|privacy-mgmt)\.")


def refuse_walls(root: HtmlElement, page: Page, titles: Sequence[str], *, is_article: bool = False) -> None:
    """Raise LookFault(LOGIN | NOT_ASKED_FOR) for a login form, a captcha, a filter's page or one that asks for consent,
    and LookFault(NOT_FOUND) for one that says, with status 200, that there is no such page.

    `titles` are what the page calls itself: <title> and h1; `is_article`: its metadata call it an article.
    """
    parts = urlsplit(page.url)
    if (
        page.listed
        and page.listed.url != page.url
        and _LOGIN_PATH.search(parts.path)
        and not _LOGIN_PATH.search(urlsplit(page.listed.url).path)
    ):
        raise LookFault(Outcome.LOGIN, f"the address led to {parts.path}: the page is for members")
    if _CONSENT_HOST.match(parts.hostname or "") and page.listed and page.listed.url != page.url:
        raise LookFault(Outcome.NOT_ASKED_FOR, f"the address led to {parts.hostname}, which asks for consent")
    blocked = next((one for one in titles if _BLOCKED.match(one)), "")
    login = next((one for one in titles if _LOGIN.match(one)), "")
    consent = next((one for one in titles if _CONSENT.match(one)), "")
    # A list names no page that is missing: what is listed under such a headline is an article.
    is_listed_so = page.listed is not None and _MISSING.match(page.listed.title) is not None
    missing = "" if is_listed_so else next((one for one in titles if _MISSING.match(one)), "")
    has_password = any((one.get("type") or "").lower() == "password" for one in root.iter("input"))
    if not (blocked or login or consent or missing or has_password):
        return
    little = len(flowing(root))
    says_no_more = not is_article and all(_says_no_more(one) for one in titles)
    is_headline = says_no_more and all(_goes_on(one) for one in titles) and _has_long_text(root)
    if missing and (little < _LITTLE or (says_no_more and not is_headline)):
        raise LookFault(Outcome.NOT_FOUND, f"with status 200 came a page that says: {one_line(missing, 80)}")
    if consent and little < _CONSENT_TEXT:
        raise LookFault(
            Outcome.NOT_ASKED_FOR, f"in place of the article came a page that says: {one_line(consent, 80)}"
        )
    if little >= _LITTLE:
        return
    if login or has_password:
        raise LookFault(Outcome.LOGIN, f"the page is a login form ({one_line(login or 'it asks for a password', 60)})")
    if blocked:
        raise LookFault(
            Outcome.NOT_ASKED_FOR, f"in place of the article came a page that says: {one_line(blocked, 80)}"
        )


def refuse_lists(root: HtmlElement, page: Page, headline: str, *, is_article: bool) -> None:
    """Raise LookFault(NOT_ASKED_FOR) for a list of articles in place of one, and LookFault(NOT_FOUND) where the address
    led to the home page: so sites answer for what they have no more.

    A list's signs: the page does not have the listed headline, but links to the listed
    address under it; it calls itself no article, has no headline and holds many headlines of others.
    """
    asked = page.listed.url if page.listed else page.url
    if page.listed and is_home(page.url) and not is_home(page.listed.url):
        raise LookFault(Outcome.NOT_FOUND, "the address led to the home page")
    if is_article:
        return
    listed_title = page.listed.title if page.listed else ""
    if listed_title and not _alike(listed_title, headline):
        for link in root.iter("a"):
            if public_url(link.get("href") or "", page.url) in (asked, page.url) and _alike(
                flowing(link), listed_title
            ):
                raise LookFault(Outcome.NOT_ASKED_FOR, "a page that only links to the article came in its place")
    # An address that led to another page of its site: that one may have a headline of its own, as sections have.
    was_led = page.listed is not None and urlsplit(page.url)[2:4] != urlsplit(page.listed.url)[2:4]
    others = {
        link.get("href")
        for tag in ("h2", "h3", "h4", "h5")
        for head in root.iter(tag)
        for link in (*head.iter("a"), *head.iterancestors("a"))
    }
    if len(others) >= 8 and (was_led or not any(flowing(one) for one in root.iter("h1"))):
        longest = max((len(flowing(one)) for one in root.iter("p")), default=0)
        if longest < 400 and was_led:
            raise LookFault(Outcome.NOT_FOUND, f"the address led to a list of articles, {urlsplit(page.url).path}")
        if longest < 400:
            raise LookFault(Outcome.NOT_ASKED_FOR, "a list of articles came in place of the article")


def is_frame(page: Page, body: str, headings: Sequence[str], *, is_article: bool) -> bool:
    """Is this "body" only what stands round articles, menus and notes? It is short, and nothing else speaks for it.

    A flash of one sentence is an article where the page calls it one, or where it stands under its headline.
    """
    if is_article or len(body) >= _SHORT:
        return False
    return not headings or bool(page.listed and page.listed.title and not _alike(page.listed.title, headings[0]))


def _says_no_more(title: str) -> bool:
    """Does the title say that there is no such page, and nothing else but the site's name?"""
    found = _MISSING.match(title)
    return found is not None and _END.fullmatch(title[found.end() :]) is not None


def _goes_on(title: str) -> bool:
    """Does it begin with the number of the error alone, and go on with words, as a headline may?"""
    found = _NUMBER.match(title)
    return found is not None and len(found[1].split()) >= _HEADLINE_WORDS and not _MISSING.match(found[1])


def _has_long_text(root: HtmlElement) -> bool:
    """Do paragraphs that stand together say as much as an article? "404: The story of an error" may be a headline; a
    missing page has at most teasers of others, each by itself."""
    together: Counter[HtmlElement] = Counter()
    for one in islice(root.iter("p"), _MAX_PARAGRAPHS):
        if (parent := one.getparent()) is not None and next(one.iter("a"), None) is None:
            together[parent] += len(flowing(one))
    return max(together.values(), default=0) >= _LITTLE


def _alike(one: str, other: str) -> bool:
    """Do two headlines share most of their words?"""
    first, second = (set(re.findall(r"\w+", fold(each).casefold())) for each in (one, other))
    return bool(first and second) and len(first & second) * 2 > min(len(first), len(second))
