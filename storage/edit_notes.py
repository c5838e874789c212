"""Lines of an article that speak of the article: a correction that is owned to, and when it was brought up to date."""

from __future__ import annotations

import re

_LINE = r"(?:^|\n)[\s\[(【（<＜〔■※*▲◆●-]*"
# Words that begin a note of this kind, and sentences that own to a correction wherever they stand.
_CORRECTION = re.compile(
    "|".join(
        (
            _LINE
            + r"(?:corrections?|clarifications?|erratum|corrigendum)(?: appended)?\s*(?:[:：—–-]|\)|\]|\n|$|\s+\()",
            _LINE + r"corrected\b|\(corrects\b|\(this (?:story|article|report|version) (?:corrects|has been corrected)",
            r"(?:an|the) (?:earlier|previous|original|first|prior|initial) version of (?:this|the|our) "
            r"(?:article|story|report|headline|post|piece|text|dispatch|page|column|caption)",
            r"this (?:article|story|report|headline|post|piece|page|text) (?:has been|was|is) "
            r"(?:since )?(?:corrected|amended|clarified|(?:updated|edited|revised|changed) to (?:correct|clarify"
            r"|fix))",
            r"editor[’'‘]s? note[:：]?[^\n]{0,200}\b(?:correct|amend|clarif|inaccura|error|misstat|mistake)",
            r"we (?:regret|apologi[sz]e for) (?:the|this|our) (?:error|mistake|inaccuracy)",
            _LINE + r"(?:retractions?|retracted|withdrawn|(?:mandatory |bulletin )?kill)\s*(?:[:：—–-]|\)|\]|\n|$)",
            r"(?:this|the|our) (?:article|story|report|post|dispatch) (?:has been|was|is|of [^.\n]{1,60} is) "
            r"(?:since |hereby )?(?:retracted|withdrawn)",
            r"撤稿(?:声明|聲明)?|(?:记事|記事|报道|報道|稿件)を?撤回|(?:기사|보도)를? (?:철회|취소)",
            _LINE + r"정정(?:보도(?:문)?|문|합니다|한다|함|\s*및\s*반론(?:보도)?|\s*(?:[:：—–\])】]|\n|$))"
            r"|바로\s?잡습니다|바로\s?잡음|바로\s?잡기"
            r"|(?:기사|본문|제목|내용|표현|수치|오류|오기)[을를이가은는]? (?:바로잡|정정)(?:습니다|았습니다"
            r"|하였습니다|했습니다|합니다|한다)",
            _LINE + r"고침\s*[:：\])】]",
            _LINE + r"(?:更正|订正|勘误|訂正|勘誤)(?:启事|啟事|与说明|声明|聲明)?\s*(?:[:：—–\])】）。，]|\n|$)",
            r"特此更正|予以更正|现更正|現更正|已(?:作|做|经|經)?更正|更正为|更正為|(?:此前|早前|先前|之前"
            r"|原)(?:的)?(?:版本|报道|報道|稿件)(?:有误|有誤|误|誤|错|錯|中)",
            _LINE + r"(?:お詫びと訂正|訂正とお詫び|おことわり|お断り)",
            r"(?:お詫び(?:して|し|の上)?、?|おわびし(?:て)?、?)訂正|訂正(?:します|しました|いたします|致します"
            r"|してお(?:詫|わ)び)",
            _LINE + r"(?:поправка|исправление|исправления|исправлено|уточнение|корректировка|корректирует|опровержение)"
            r"\s*(?:[:.—–\])-]|\n|$)",
            r"(?:в (?:более ранней|предыдущей|первоначальной|прежней|первой) версии|ранее в (?:тексте|статье"
            r"|новости|материале))",
            r"(?:исправлен[аыо]? (?:ошибк|опечатк|неточност)|(?:текст|статья|материал|новость|заметка"
            r"|заголовок) исправлен"
            r"|внесен[аыо]? (?:исправлени|уточнени|правк)|внесён[ыо]? исправлени|приносим извинения за (?:ошибк"
            r"|неточност|опечатк))",
            _LINE + r"(?:korrektur(?:hinweis)?|richtigstellung|berichtigung|klarstellung)\s*(?:[:.—–\])-]|\n|$)",
            r"in (?:einer|der) (?:früheren|vorherigen|ersten|ursprünglichen|vorigen) (?:version|fassung)"
            r"|(?:fehler|angabe|stelle|passage|artikel|text) (?:wurde|haben wir|ist)[^.\n]{0,30}(?:korrigiert"
            r"|berichtigt)"
            r"|wir haben (?:den|die|das|diesen|diese) [^.\n]{0,30}(?:korrigiert|berichtigt)",
            _LINE + r"(?:corrección|fe de erratas?|fe de errores|rectificación|aclaración)\s*(?:[:.—–\])-]|\n|$)",
            r"(?:una|la) (?:primera )?versión (?:anterior|previa|inicial|original) de (?:este|esta)"
            r"|en una primera versión"
            r"|(?:este|esta) (?:artículo|noticia|información|nota|texto) ha sido (?:corregid|rectificad)[oa]",
            _LINE + r"(?:correction|rectificatif|erratum|précision|mise au point)\s*(?:[:.—–\])-]|\n|$)",
            r"(?:une|la) (?:première )?version (?:précédente|antérieure|initiale|antérieur) (?:de|du) (?:cet|ce"
            r"|cette|l)"
            r"|dans une (?:première|précédente) version|(?:cet|l[’'])\s?article a été (?:corrigé|rectifié"
            r"|modifié pour corriger)",
        )
    ),
    re.IGNORECASE,
)
# A quick look: one of these stands in every such note; in lower case.
_HINTS = (
    *(
        "correct",
        "clarif",
        "errat",
        "corrig",
        "version",
        "editor",
        "regret",
        "apolog",
        "retract",
        "withdrawn",
        "kill",
        "撤",
        "철회",
        "취소",
        "정정",
        "바로",
        "고침",
        "正",
        "误",
    ),
    *(
        "誤",
        "错",
        "錯",
        "勘",
        "版本",
        "おことわり",
        "お断り",
        "поправк",
        "исправлен",
        "уточнен",
        "корректир",
        "опровержен",
        "версии",
    ),
    *("ранее в", "внес", "извинен", "korrektur", "richtigstell", "berichtig", "klarstell", "fassung", "korrigiert"),
    *(
        "amended",
        "updated to",
        "edited to",
        "revised to",
        "changed to",
        "corrección",
        "corregid",
        "fe de err",
        "rectif",
        "aclarac",
    ),
    *("versión", "précision", "mise au point"),
)
_STAMPS = re.compile(
    "updated?|published|modified|posted|edited|aktualisiert|stand|veröffentlicht|geändert|mise?|publié|modifié"
    "|actualizad[oa]"
    "|actualización|publicad[oa]|обновлен[аоы]?|обновление|опубликовано|изменено|입력|수정|등록|업데이트|승인|송고"
    "|更新|发布|發布|公開|配信|掲載"
)
_MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
    "янв",
    "фев",
    "мар",
    "апр",
    "мая",
    "май",
    "июн",
    "июл",
    "авг",
    "сен",
    "окт",
    "ноя",
    "дек",
    "mär",
    "mai",
    "okt",
    "dez",
    "ene",
    "abr",
    "ago",
    "dic",
    "fév",
    "avr",
    "jui",
    "aoû",
    "déc",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
]
_BESIDE_STAMPS = re.compile(
    "last|on|at|the|a|las|los|la|du|de|zuletzt|am|um|uhr|dernière|à|le|jour|última|el|de|última|в|время|gmt|utc|kst|jst|cet|bst|est"
    "|edt|a|p|m|pm|t|z"
    "|시간|일시|년|월|일|시|분|초|오전|오후|최종|[年月日时時分秒于於间間]|上午|下午|午前|午後|最后|最終|最後|时间"
    "|時間|日时|日時"
)
_RUN = re.compile("[^\\W\\d_]+")
LONGEST_STAMP = 90


def owns_to_correction(text: str) -> bool:
    """Does a text say that the article, or an earlier text of it, was corrected? Begun with what began its lines."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS) and _CORRECTION.search(text) is not None


def is_stamp(line: str) -> bool:
    """Is a line nothing but when the page was published or brought up to date?"""
    if len(line) > LONGEST_STAMP or not any(map(str.isdigit, line)):
        return False
    found = False
    for run in _RUN.findall(line.lower()):
        rest = _STAMPS.sub("", run)
        found |= rest != run
        if rest and rest[:3] not in _MONTHS and not _BESIDE_STAMPS.fullmatch(rest):
            return False
    return found
