"""What stands round an article and in it without being of it, told by tags, roles, class names and set phrases."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

import re2
from lxml.html import HtmlElement

from crawler.extract.markup import SILENT


class Kind(Enum):
    """SILENT shows no text, OUT is never of an article, UNSURE is so unless it holds much of the text."""

    SILENT = "silent"
    OUT = "out"
    UNSURE = "unsure"
    CAPTION = "caption"
    LEAD = "lead"
    BODY = "body"


_OUT_TAGS = frozenset({"nav", "footer", "menu", "dialog", "search"})
_UNSURE_TAGS = frozenset({"aside", "form", "header", "fieldset"})
_OUT_ROLES = frozenset({"navigation", "contentinfo", "search", "dialog", "alertdialog", "banner", "menu", "menubar"})
_HIDDEN = frozenset({"hidden", "is-hidden", "hide", "d-none", "print", "print-only", "noprint", "no-print"})
_PLAIN = frozenset({"a", "b", "strong", "em", "i", "u", "font", "mark", "sub", "sup", "br", "html", "body", "main"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = re.compile(r"[^a-zA-Z0-9]+")
_STATE = re.compile(r" (?:has|no|with|without|is|not|hide|show|show-hide) [a-z]+")
_OUT = re.compile(
    r" (?:comments?|disqus|respond|related|relateds|recommend\w*|newsletters?|breadcrumbs?|jp relatedposts"
    r"|outbrain|taboola"
    r"|cookies?|consent|gdpr|cmp|most ?(?:read|viewed|popular)|trending|up next|next (?:article|post|story)"
    r"|previous (?:article|post)"
    r"|post navigation|pagination|pager|navbar|navigation|screen reader text|sr only|visually ?hidden) ",
)
_UNSURE = re.compile(
    r" (?:sidebar|side ?bar|share|sharing|sharebar|sharedaddy|shares|social|socials|sociallinks|advert\w*"
    r"|ads?|adslot|adsense|dfp|sponsor\w*"
    r"|promo|promos|promotion|popular|read ?(?:more|next|also)|more (?:from|on|stories|news|articles)"
    r"|see also|tag ?(?:list|cloud|s)?|tags|topics|keywords"
    r"|author ?(?:bio|box|info|card|profile|details|about|author|description)|about ?author|by ?line|bylines"
    r"|copyright|disclaimer|subscribe|subscription"
    r"|paywall (?:overlay|banner|modal|prompt|message|offer|teaser|cta|barrier)|regwall|signup|sign up|login"
    r"|footer|nav|menu|masthead|toolbar|skip"
    r"|print only|modal|popup|overlay|lightbox|teasers?|teaserlist|follow us|feedback|toc|table of contents"
    r"|rating|ratings|vote|infobox|factbox"
    r"|widget ?(?:area|title)|inline ?related|storylinks?|linkbox|read on|moreon|player|jwplayer"
    r"|video ?(?:player|info|title|caption|meta)"
    r"|publish(?:ed)? ?(?:date|time|on)|post ?(?:meta|date)|entry ?(?:meta|footer)|article ?(?:meta|date"
    r"|author|tags|footer|tools|share)|timestamp"
    r"|noprint|noexcerpt|error ?message|footnotes?|credits?|tooltip) ",
)
_CAPTION = re.compile(
    r" (?:captions?|figcaption|photo ?(?:credit|caption)|image ?(?:credit|caption|text|source|copyright"
    r"|container)|wp caption(?: text)?|bildunterschrift|legende"
    r"|media ?(?:caption|credit)|img ?caption|gallery|slideshow|carousel|picture|photogallery) "
)
_LEAD = re.compile(
    r" (?:standfirst|dek|deck|lead|lede|leadtext|sub ?(?:title|head(?:ing|line)?)|intro|introtext"
    r"|introduction|chapo|chapeau|summary|kicker text|vorspann|ingress"
    r"|abstract|excerpt|description|sommario|entradilla|bajada|sumario|preamble|spot|article ?(?:intro|lead"
    r"|summary|excerpt|subtitle)) "
)
_BODY = re.compile(
    r" (?:article|entry|post|story|news|page|content|main|blog|text|single|body)"
    r" ?(?:body|content|text|copy|article|entry|inner|detail|main|contents) "
)


# What a wall says in place of the rest of a text. Each asks to pay, to subscribe or to sign in *for reading on*.
# By RE2, in a hundredth of the time: so many phrases are too much for a search that tries one after the other.
WALL = re2.compile(
    "(?i)"
    r"(?:(?:subscribe|register|log ?in|sign (?:in|up)|join|create (?:a"
    r"|an) (?:free )?account)\b.{0,40}\bto (?:continue|keep|finish|read|unlock|access|view)"
    r"|to (?:continue|keep) reading|continue reading (?:with|by|your|this article)|already (?:a"
    r"|an) (?:digital )?(?:subscriber|member)\b"
    r"|\b(?:this|the rest of (?:this|the)) (?:article|content|story|text) is (?:\w+ )?(?:for|reserved for"
    r"|available (?:only )?(?:to|for)|exclusive to|locked)"
    r"|reserved for (?:our )?subscribers|(?:for )?(?:subscribers|members) only|unlock (?:this"
    r"|the full) (?:article|story)"
    r"|\b(?:weiterlesen mit|jetzt (?:abonnieren|weiterlesen|freischalten)|um (?:diesen artikel "
    r"|den artikel )?(?:weiter ?zu ?lesen|weiterlesen zu)|nur für abonnenten|exklusiv für abonnenten"
    r"|(?:bereits|schon) (?:ein abo|abonnent|abonniert|plus-mitglied|kunde\b)|mit .{2,20}\bweiterlesen\b"
    r"|diesen artikel (?:weiter)?lesen)"
    r"|réservée?s? (?:aux|à nos) abonnés|déjà abonné|il vous reste .{1,25}à (?:lire|découvrir)"
    r"|abonnez-vous pour|pour lire la suite|la suite est réservée"
    r"|suscr[íi]bete (?:para|y) (?:seguir|continuar|leer|sigue)|(?:para|y) (?:seguir|continuar) leyendo"
    r"|(?:exclusivo|solo|sólo) para suscriptores|ya eres suscriptor"
    r"|abbonati per (?:continuare|leggere)|per continuare a leggere|(?:riservat[oa]|solo) (?:agli"
    r"|per gli) abbonati|sei già abbonato"
    r"|assine (?:para|e) (?:continu|ler|leia)|para continuar (?:lendo|a ler)|exclusivo para assinantes"
    r"|já é assinante"
    r"|om (?:verder|door) te lezen|(?:alleen|exclusief) voor abonnees|(?:al|bent u al) abonnee"
    r"|(?:kun|bare) for abonnenter|forbeholdt? (?:vore |våre )?abonnenter|(?:for å"
    r"|for at) lese (?:hele )?(?:saken|artikkelen|videre)|for at læse (?:hele )?artiklen|allerede abonnent"
    r"|för att läsa (?:vidare|hela)|(?:endast|bara) för prenumeranter|redan prenumerant|vain tilaajille"
    r"|jatka lukemista|oletko jo tilaaja"
    r"|(?:aby|żeby) (?:czytać|przeczytać) (?:dalej|całość)|(?:tylko )?dla prenumeratorów"
    r"|pouze pro předplatitele|pro předplatitele"
    r"|доступ\pL* (?:только )?(?:по подписке|подписчикам|для подписчиков)|чтобы (?:читать дальше"
    r"|продолжить чтение|дочитать)|только для подписчиков"
    r"|devamını okumak için|okumaya devam etmek için|abonelere özel|yalnızca aboneler"
    r"|有料会員限定|会員限定記事|この記事は有料|続きを読むには|続きは.{0,12}会員"
    r"|残り\s?\d+文字|유료 ?회원|구독자 전용|계속 읽으려면|로그인 후 이용"
    r"|订阅后?继续阅读|阅读全文请(?:订阅|登录)|付费(?:阅读|内容)|訂閱(?:後)?繼續閱讀"
    r"|會員(?:專屬|限定)|للمشتركين فقط|لمتابعة القراءة"
    r"|لقراءة المزيد اشترك)"
)


def by_tag(element: HtmlElement, tag: str) -> Kind | None:
    """Return what an element is by itself, None where nothing speaks for any of it."""
    if tag in SILENT:
        return Kind.SILENT
    if tag in _PLAIN:
        return None
    attributes = element.attrib
    if not attributes:
        return Kind.OUT if tag in _OUT_TAGS else Kind.UNSURE if tag in _UNSURE_TAGS else None
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return Kind.OUT
    style = attributes.get("style")
    if style and "none" in style and "display:none" in style.replace(" ", "").lower():
        return Kind.UNSURE
    if tag in _OUT_TAGS or attributes.get("role") in _OUT_ROLES:
        return Kind.OUT
    if attributes.get("itemprop") == "articleBody":
        return Kind.BODY
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    kind = by_name(names) if names != " " else None
    return Kind.UNSURE if kind is None and tag in _UNSURE_TAGS else kind


@lru_cache(8192)
def by_name(names: str) -> Kind | None:
    """Return what the class names and the id of an element say."""
    plain = _STATE.sub(" ", f" {_PARTS.sub(' ', _CAMEL.sub(' ', names[:300])).strip().lower()} ")
    if _OUT.search(plain):
        return Kind.OUT
    if _UNSURE.search(plain) or not _HIDDEN.isdisjoint(names.split()):
        return Kind.UNSURE
    if _CAPTION.search(plain):
        return Kind.CAPTION
    if _LEAD.search(plain):
        return Kind.LEAD
    if _BODY.search(plain):
        return Kind.BODY
    return None
