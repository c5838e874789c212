"""The names of months in the languages of news, and the years of other calendars, as Gregorian numbers."""

from __future__ import annotations

import re
from datetime import date, timedelta

# January to December; "/" between names of one month. The forms are those in which dates are written ("5 stycznia").
_NAMES = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct"
    " november/nov december/dec",
    "de": "januar/jänner/jan februar/feber/feb märz/mär/mrz april/apr mai juni/jun juli/jul august/aug"
    " september/sep/sept oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv février/fevrier/févr/fév mars avril/avr mai juin juillet/juil août/aout septembre/sept"
    " octobre/oct novembre/nov décembre/decembre/déc",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago"
    " septiembre/setiembre/sept/set octubre/oct noviembre/nov diciembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set"
    " outubro/out novembro/nov dezembro/dez",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett"
    " ottobre/ott novembre/nov dicembre/dic",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug"
    " september/sep/sept oktober/okt november/nov december/dec",
    "sv": "januari/jan februari/feb mars april/apr maj juni/jun juli/jul augusti/aug september/sep/sept oktober/okt"
    " november/nov december/dec",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep/sept oktober/okt"
    " november/nov december/dec",
    "no": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep/sept oktober/okt"
    " november/nov desember/des",
    "fi": "tammikuuta/tammikuu helmikuuta/helmikuu maaliskuuta/maaliskuu huhtikuuta/huhtikuu toukokuuta/toukokuu"
    " kesäkuuta/kesäkuu heinäkuuta/heinäkuu elokuuta/elokuu syyskuuta/syyskuu lokakuuta/lokakuu marraskuuta/marraskuu"
    " joulukuuta/joulukuu",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze"
    " lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis"
    " grudnia/grudzień/gru",
    "cs": "ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec srpna/srpen"
    " září října/říjen listopadu/listopad prosince/prosinec",
    "sk": "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga/studenog prosinca",
    "hu": "január/jan február/febr március/márc április/ápr május/máj június/jún július/júl augusztus/aug"
    " szeptember/szept október/okt november/nov december/dec",
    "ro": "ianuarie/ian februarie/feb martie/mart aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept"
    " octombrie/oct noiembrie/noi/nov decembrie/dec",
    "tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki"
    " kasım/kas aralık/ara",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/ags september/sep"
    " oktober/okt november/nov desember/des",
    "ru": "января/янв февраля/фев/февр марта/мар апреля/апр мая/май июня/июн июля/июл августа/авг сентября/сен/сент"
    " октября/окт ноября/ноя/нояб декабря/дек",
    "uk": "січня/січ лютого/лют березня/бер квітня/кві/квіт травня/тра/трав червня/чер/черв липня/лип серпня/сер/серп"
    " вересня/вер жовтня/жов/жовт листопада/лис/лист грудня/гру/груд",
    "be": "студзеня лютага сакавіка красавіка траўня/мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "bg": "януари февруари март април май юни юли август септември октомври ноември декември",
    "sr": "јануара/januara фебруара/februara марта/marta априла/aprila маја/maja јуна/juna јула/jula августа/avgusta"
    " септембра/septembra октобра/oktobra новембра/novembra децембра/decembra",
    "el": "ιανουαρίου/ιαν φεβρουαρίου/φεβ μαρτίου/μαρ απριλίου/απρ μαΐου/μαίου/μαϊ ιουνίου/ιουν ιουλίου/ιουλ"
    " αυγούστου/αυγ σεπτεμβρίου/σεπ οκτωβρίου/οκτ νοεμβρίου/νοε δεκεμβρίου/δεκ",
    "ar": "يناير/جانفي فبراير/فيفري/شباط مارس/آذار أبريل/ابريل/إبريل/أفريل/نيسان مايو/ماي/أيار يونيو/جوان/حزيران"
    " يوليو/جويلية/تموز أغسطس/اغسطس/أوت/آب سبتمبر/أيلول أكتوبر/اكتوبر نوفمبر ديسمبر",
    "fa": "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
    "he": "בינואר/ינואר בפברואר/פברואר במרץ/מרץ באפריל/אפריל במאי/מאי ביוני/יוני ביולי/יולי באוגוסט/אוגוסט"
    " בספטמבר/ספטמבר באוקטובר/אוקטובר בנובמבר/נובמבר בדצמבר/דצמבר",
    "hi": "जनवरी फ़रवरी/फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर नवंबर/नवम्बर दिसंबर/दिसम्बर",
    "th": "มกราคม/ม.ค กุมภาพันธ์/ก.พ มีนาคม/มี.ค เมษายน/เม.ย พฤษภาคม/พ.ค มิถุนายน/มิ.ย กรกฎาคม/ก.ค สิงหาคม/ส.ค"
    " กันยายน/ก.ย ตุลาคม/ต.ค พฤศจิกายน/พ.ย ธันวาคม/ธ.ค",
}  # fmt: skip
_BY_LANGUAGE = {
    language: {name: at for at, names in enumerate(stated.split(), 1) for name in names.split("/")}
    for language, stated in _NAMES.items()
}
# A name that means two months, as "listopada" does in Polish and Croatian, needs its language.
_MEANT: dict[str, set[int]] = {}
for _language, _names in _BY_LANGUAGE.items():
    for _name, _at in _names.items():
        _MEANT.setdefault(_name, set()).add(_at if _language != "fa" else -_at)
_TWO_WORDS = {
    "كانون الثاني": "يناير", "كانون الأول": "ديسمبر", "تشرين الأول": "أكتوبر", "تشرين الثاني": "نوفمبر",
}  # fmt: skip
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HAN_NUMBER = re.compile(
    r"(?=[一二三四五六七八九十]{1,3}[月日])([一二三四五六七八九])?(十)?([一二三四五六七八九])?(?=[月日])"
)
_HAN_DATE = re.compile(r"[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}
_ERA = re.compile(r"(令和|平成|昭和)\s?(\d{1,2}|元)年")


def month(name: str, language: str = "") -> tuple[int, bool] | None:
    """Return a month's number and whether it is of the Persian calendar; None for a word that names none."""
    name = name.lower().rstrip(".")
    own = _BY_LANGUAGE.get(language.split("-")[0].lower(), {}).get(name)
    if own:
        return own, language.lower().startswith("fa")
    meant = _MEANT.get(name, set())
    if len(meant) != 1:
        return None
    number = next(iter(meant))
    return abs(number), number < 0


def plain_numbers(line: str) -> str:
    """Return the line with what it writes otherwise in the usual way: 二〇二六年十一月, 令和8年, "نيسان / أبريل"."""
    if line.isascii():
        return line
    for names, name in _TWO_WORDS.items():
        line = line.replace(names, name)
    line = re.sub(r"[^\W\d_]{2,12}\s?/\s?(?=[\u0600-\u06ff]{3,9}\s\d{4})", "", line)  # both names of one month
    line = _ERA.sub(lambda found: f"{_ERAS[found[1]] + (1 if found[2] == '元' else int(found[2]))}年", line)
    return _HAN_DATE.sub(lambda found: _HAN_NUMBER.sub(_tens, found[0]).translate(_HAN_DIGITS), line)


def _tens(found: re.Match[str]) -> str:
    tens, ten, ones = found.groups()
    return f"{tens or '1'}{ones or '0'}".translate(_HAN_DIGITS) if ten else (tens or ones or "").translate(_HAN_DIGITS)


def from_persian(year: int, at: int, day: int) -> date | None:
    """Return the Gregorian day of one in the Persian (solar Hijri) calendar by its rule of 33 years; None for none."""
    if not (1300 <= year <= 1500 and 1 <= at <= 12 and 1 <= day <= (31 if at <= 6 else 30)):
        return None
    # 1 Farvardin 1300 was 21 March 1921. Leap years are those in which year % 33 is one of eight (right to 1500).
    days = sum(366 if one % 33 in (1, 5, 9, 13, 17, 22, 26, 30) else 365 for one in range(1300, year))
    return date(1921, 3, 21) + timedelta(days=days + (at - 1) * 31 - max(0, at - 7) + day - 1)
