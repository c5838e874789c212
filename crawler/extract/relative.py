"""From "2 hours ago" and "yesterday", as list pages have them, to a moment: counted from when the page was fetched."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from storage.model.articles import When

_UNITS = {
    timedelta(seconds=1): "s sec second seconds sekunde sekunden seconde secondes segundo segundos secondi 秒 秒钟 초 "
    "секунд секунды",
    timedelta(minutes=1): "m min mins minute minutes minuten minuto minutos minuti minuut 分 分钟 分鐘 분 минут минуты "
    "минуту хвилин хвилини دقيقة دقائق دقیقه dakika menit minut minuty นาที phút",
    timedelta(hours=1): "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur 小时 小時 時間 "
    "个小时 시간 час часа часов година години годин ساعة ساعات ساعت saat jam godz godzin godziny timme "
    "timmar time timer ชั่วโมง giờ",
    timedelta(days=1): "d day days tag tage tagen jour jours día dia días dias giorno giorni dag dagen dagar dage "
    "dager 天 日 일 день дня дней днів يوم أيام روز gün hari dni dzień วัน ngày",
    timedelta(weeks=1): "w week weeks woche wochen semaine semaines semana semanas settimana settimane weken 周 週間 "
    "주 неделю недели недель أسبوع أسابيع هفته hafta minggu",
}  # fmt: skip
_UNIT = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_ONE = "|".join(("an?", "one", "eine[rmn]?", "une?", "una?", "um", "uma", "einem"))
_AGO = re.compile(
    rf"^(?:about |hace |há |il y a |vor |منذ |قبل |for )?"
    rf"(?P<count>\d{{1,3}}|{_ONE})\s?(?P<unit>[^\W\d_]+?(?:\u0e31[^\s\d]+)?)\.?"
    r"\s?(?:ago|fa|前|전|назад|тому|önce|lalu|yang lalu|geleden|temu|sedan|siden|sitten|atrás|پیش|trước|ที่แล้ว)?$",
    re.IGNORECASE,
)
_SAYS_PAST = re.compile(
    r"^(?:hace|há|il y a|vor|منذ|قبل|for)\s|(?:ago|\bfa|前|전|назад|тому|önce|lalu|geleden|temu|sedan|siden|sitten"
    r"|atrás|پیش|trước|ที่แล้ว)$",
    re.IGNORECASE,
)
_DAYS = {
    0: "today heute aujourd'hui hoy oggi hoje vandaag idag 今天 今日 오늘 сегодня сьогодні اليوم امروز bugün dziś",
    1: "yesterday gestern hier ayer ieri ontem gisteren igår 昨天 昨日 어제 вчера вчора أمس دیروز dün kemarin wczoraj",
    2: "vorgestern avant-hier anteayer 前天 一昨日 그제 그저께 позавчера позавчора",
}
_DAY = {name: back for back, names in _DAYS.items() for name in names.split()}
_DAY_AND_CLOCK = re.compile(
    r"^(?P<day>[^\s\d,:]+)(?:[\s,|·-]*(?:at|um|à|a las|alle|в|о|klo?\.?)?"
    r"\s*(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})\s*(?:Uhr)?)?$",
    re.IGNORECASE,
)


def read_relative(line: str, base: datetime) -> When | None:
    """Return what "3시간 전" or "gestern, 14:30" means at `base`, an aware moment in the reader's zone, else None.

    Minutes and hours give a moment with the base's zone; days and weeks a day; a stated clock has no zone of its own.
    """
    if found := _AGO.match(line):
        unit = _UNIT.get(found["unit"].lower())
        if unit is None or not _SAYS_PAST.search(line):
            return None
        count = int(found["count"]) if found["count"].isdigit() else 1
        moment = base - unit * count
        if unit >= timedelta(days=1):
            return When(datetime(moment.year, moment.month, moment.day, tzinfo=UTC), "day")
        return When(moment.astimezone(UTC), "minute", "UTC")
    if (found := _DAY_AND_CLOCK.match(line)) and (back := _DAY.get(found["day"].lower())) is not None:
        there = base - timedelta(days=back)
        day = datetime(there.year, there.month, there.day, tzinfo=UTC)
        if found["hour"] is None:
            return When(day, "day")
        if int(found["hour"]) < 24 and int(found["minute"]) < 60:
            return When(day.replace(hour=int(found["hour"]), minute=int(found["minute"])), "minute")
    return None
