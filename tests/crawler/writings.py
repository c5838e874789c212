"""Made-up news in many languages, and the legacy charsets in which each is served: (WHATWG label, Python codec)."""

from __future__ import annotations

import unicodedata

NEWS = {
    "ko": (
        "시청은 월요일 아침 항구의 새 다리를 열었다. 주민 수백 명이 비를 맞으며 기다렸고, 시장은 올해 안에 "
        "두 번째 다리도 짓겠다고 말했다."
    ),
    "ja": (
        "市は月曜日の朝、港に新しい橋を開通させた。雨の中で数百人の住民が待ち、"
        "市長は年内に二つ目の橋も建設すると述べた。"
    ),
    "zh": (
        "市政府星期一早上在港口开通了一座新桥。数百名居民冒雨等候，市长表示，今年之内还将建设第二座大桥，"
        "经济发展需要更好的交通。"
    ),
    "zh-hant": (
        "市政府星期一早上在港口開通了一座新橋。數百名居民冒雨等候，市長表示，今年之內還將建設第二座大橋，"
        "經濟發展需要更好的交通。"
    ),
    "ru": (
        "В понедельник утром город открыл новый мост в гавани. Сотни жителей ждали под дождём, и мэр сказал, "
        "что до конца года построят ещё один мост."
    ),
    "uk": (
        "У понеділок вранці місто відкрило новий міст у гавані. Сотні мешканців чекали під дощем, і міський "
        "голова сказав, що цього року збудують ще один міст."
    ),
    "bg": (
        "В понеделник сутринта градът откри нов мост на пристанището. Стотици жители чакаха в дъжда, а "
        "кметът каза, че до края на годината ще бъде построен още един."
    ),
    "el": (
        "Τη Δευτέρα το πρωί η πόλη άνοιξε μια νέα γέφυρα στο λιμάνι. Εκατοντάδες κάτοικοι περίμεναν στη "
        "βροχή και ο δήμαρχος είπε ότι θα χτιστεί και δεύτερη."
    ),
    "ar": (
        "افتتحت المدينة صباح الاثنين جسرا جديدا في الميناء. وانتظر مئات السكان تحت المطر، وقال رئيس البلدية "
        "إن جسرا ثانيا سيبنى قبل نهاية العام."
    ),
    "he": (
        "העירייה פתחה ביום שני בבוקר גשר חדש בנמל. מאות תושבים חיכו בגשם, וראש העיר אמר כי עד סוף השנה ייבנה גשר נוסף."
    ),
    "th": (
        "เมืองเปิดสะพานใหม่ที่ท่าเรือเมื่อเช้าวันจันทร์ ชาวเมืองหลายร้อยคนรอท่ามกลางสายฝน และนายกเทศมนตรีกล่าวว่าจะสร้างสะพานแห่งที่สองภายในปีนี้"
    ),
    "vi": (
        "Sáng thứ hai, thành phố đã khánh thành một cây cầu mới ở cảng. Hàng trăm người dân chờ đợi dưới "
        "mưa, và thị trưởng nói rằng sẽ xây thêm một cây cầu nữa."
    ),
    "tr": (
        "Belediye pazartesi sabahı limanda yeni bir köprü açtı. Yüzlerce kişi yağmurda bekledi, başkan yıl "
        "sonuna kadar ikinci köprünün de yapılacağını söyledi."
    ),
    "pl": (
        "W poniedziałek rano miasto otworzyło nowy most w porcie. Setki mieszkańców czekały w deszczu, a "
        "burmistrz powiedział, że w tym roku powstanie jeszcze jeden, większy."
    ),
    "cs": (
        "V pondělí ráno město otevřelo nový most v přístavu. Stovky obyvatel čekaly v dešti a starosta řekl, "
        "že do konce roku bude postaven ještě jeden, větší."
    ),
    "hu": (
        "Hétfő reggel a város új hidat nyitott a kikötőben. Lakosok százai vártak az esőben, és a "
        "polgármester közölte, hogy idén még egy híd épül, nagyobb és szélesebb."
    ),
    "ro": (
        "Luni dimineaţă oraşul a deschis un pod nou în port. Sute de locuitori au aşteptat în ploaie, iar "
        "primarul a spus că până la sfârşitul anului va fi construit încă unul."
    ),
    "hr": (
        "U ponedjeljak ujutro grad je otvorio novi most u luci. Stotine stanovnika čekalo je na kiši, a "
        "gradonačelnik je rekao da će se do kraja godine izgraditi još jedan, veći i širi."
    ),
    "lt": (
        "Pirmadienio rytą miestas uoste atidarė naują tiltą. Šimtai gyventojų laukė lietuje, o meras "
        "pažadėjo, kad šiais metais bus pastatytas dar vienas, didesnis."
    ),
    "de": (
        "Am Montagmorgen öffnete die Stadt eine neue Brücke im Hafen. Hunderte Bürger warteten im Regen; der "
        "Bürgermeister sagte, bis Jahresende werde eine größere gebaut."
    ),
    "fr": (
        "Lundi matin, la ville a inauguré un nouveau pont à l’entrée du port. Des centaines d’habitants ont "
        "attendu sous la pluie, et le maire a déclaré qu’un deuxième serait bientôt bâti."
    ),
    "es": (
        "El lunes por la mañana la ciudad abrió un nuevo puente en el puerto. Cientos de vecinos esperaron "
        "bajo la lluvia y el alcalde anunció que este año se construirá otro más."
    ),
    "pt": (
        "Na segunda-feira de manhã a cidade abriu uma nova ponte no porto. Centenas de moradores não "
        "deixaram a estação sob a chuva, e o prefeito disse que haverá outra até o fim do ano."
    ),
    "sv": (
        "På måndagsmorgonen öppnade staden en ny bro i hamnen. Hundratals invånare väntade i regnet, och "
        "borgmästaren sade att ännu en bro ska byggas före årets slut."
    ),
}

CHARSETS = {
    "ko": (("euc-kr", "euc-kr"), ("ks_c_5601-1987", "cp949")),
    "ja": (("shift_jis", "cp932"), ("euc-jp", "euc-jp"), ("iso-2022-jp", "iso2022-jp")),
    "zh": (("gb2312", "gbk"), ("gb18030", "gb18030")),
    "zh-hant": (("big5", "big5"), ("big5-hkscs", "big5hkscs"), ("gbk", "gbk")),
    "ru": (("windows-1251", "cp1251"), ("koi8-r", "koi8-r"), ("iso-8859-5", "iso8859-5"), ("ibm866", "cp866")),
    "uk": (("windows-1251", "cp1251"), ("koi8-u", "koi8-u")),
    "bg": (("windows-1251", "cp1251"),),
    "el": (("windows-1253", "cp1253"), ("iso-8859-7", "iso8859-7")),
    "ar": (("windows-1256", "cp1256"), ("iso-8859-6", "iso8859-6")),
    "he": (("windows-1255", "cp1255"), ("iso-8859-8-i", "iso8859-8")),
    "th": (("windows-874", "cp874"), ("tis-620", "tis-620")),
    "vi": (("windows-1258", "cp1258"),),
    "tr": (("windows-1254", "cp1254"), ("iso-8859-9", "iso8859-9")),
    "pl": (("windows-1250", "cp1250"), ("iso-8859-2", "iso8859-2")),
    "cs": (("windows-1250", "cp1250"), ("iso-8859-2", "iso8859-2")),
    "hu": (("windows-1250", "cp1250"), ("iso-8859-2", "iso8859-2")),
    "ro": (("windows-1250", "cp1250"), ("iso-8859-2", "iso8859-2")),
    "hr": (("windows-1250", "cp1250"), ("iso-8859-2", "iso8859-2")),
    "lt": (("windows-1257", "cp1257"),),
    "de": (("iso-8859-1", "latin-1"), ("windows-1252", "cp1252"), ("iso-8859-15", "iso8859-15")),
    "fr": (("windows-1252", "cp1252"),),
    "es": (("iso-8859-1", "latin-1"),),
    "pt": (("iso-8859-1", "latin-1"), ("windows-1252", "cp1252")),
    "sv": (("iso-8859-1", "latin-1"),),
}


def written(language: str, codec: str) -> bytes:
    """Return the language's news in a charset; windows-1258 has Vietnamese tones as marks of their own."""
    return decomposed(NEWS[language]).encode(codec) if codec == "cp1258" else NEWS[language].encode(codec)


def decomposed(text: str) -> str:
    """The tones taken off the letters, which keep their hats and horns."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    found = []
    for one in text:
        parts = unicodedata.normalize("NFD", one)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        found.append(base + "".join(part for part in parts if part in tones))
    return "".join(found)
