"""Whether what Arabic and Hebrew write before a word leaves it one: الصاروخ is led, and בחירות no חירות behind "in"."""

from __future__ import annotations

from collections.abc import Collection

from scheduler.query import edges
from scheduler.query.folding import Folded

# Languages in the same letters that write nothing on to a word: Persian, Urdu, Kurdish, Pashto and their neighbours,
# and Yiddish.
_WITHOUT = frozenset(
    ("fa", "prs", "ur", "ckb", "ku", "sdh", "ps", "sd", "ug", "ks", "pnb", "skr", "bal", "azb", "glk", "mzn", "yi")
)
_NO_ARTICLE = frozenset("أإآٱ")  # ألماني: its alif is a letter of the word

# Words that begin so by themselves and hold another word by chance, of those that recur in news: "one" holds "someone",
# "means" a liquid, "effectiveness" a name; "elections" freedom, "numbers" books, "direction" Greece, "bases of" Sisi.
_WHOLE_ARABIC = (
    "واحد واحدا وزير وسام وسائل وحدة وحده وحدها وجود وجوده وجوه وجهات وجهة وصول واقع ورقة ورقي ورقية وليد وافق "
    "واجب وكيل وكيلا ورشة وفيات وقود وباء وعود ورود وفود وفاق وحوش والد والدي والدين والديه ولاية ولايات ولاء "
    "وداع ودية واثق واقف وارد وسيم وردي وهمي وسادة وطنا فعالة فعالية فقراء فرعية فاخرة فطرية فستان باريس بطاقة "
    "بطاقات بلدية بحيرة بحرية بديلا بستان برقية بضائع بالون بشارة بواسطة بايدن باراك بروتين بعيدا كبيرة كاملا "
    "كتابي كلامه كابوس كواليس كاميرا كفيلة كتائب كامله لازمة ليالي لبنان الماني "
)
_WHOLE_HEBREW = (
    "הרבה המון הודעה הקמת הלכה הצלחה הצלה הלאה הארי החלה החלו הביתה הודו המשך היתר הפרה הפסקה הכנה הערכה הסכמה "
    "הכרזה הנחה הקלה העברה הרחבה הנהגה הגירה התקפה השקעה ועדה ועדת ותיק ותיקים ורוד ודאי שחור שחורה שחורים שמחה "
    "שמות שמונה שירים שירה שיער שערים שעון שורה שורות שכבה שליש שקלים שיקום שבור שדרוג שגריר שמירה שמלה שלווה "
    "שכונה שטיח שרון שאלה שאלות שמאל שנים שלום שבועות שלטון שלטונות שולחן שדים שליט שפות שרים בחירות בריאות בריאה "
    "בשורה בשורות ברכות בסיסי בחורה בחורים בטחון בעלות בקרים בקשות בניין לבנים לבנות לשנות לעלות לחיות למנות "
    "לגלות לזכות לראות לחצים לוחמים לבנון לונדון מהירה מהירים מהגרים מהדורה מספרים מספרי משפחה משפחות מלחמה מדינה "
    "מצרים מקומות מקומי מחבלים מרגלים משחקים מכתבים מנהלים מפעלים מחלות מקורות מקורי מקרים מחלקות מחלקה מחלקת "
    "מטבעות מצבים מעלות מדרגות מדרגה משמרת משימות משרות משלמים מגורים מתקנים מכשירים מגדלים מבקרים מחנות מערכת "
    "מערכות מחסום מבנים מגנים מעגלים מרכזי משפטים משקים ממלכה ממלכת ממשלה משלחת מחלוקת מסלול מחזור מזרחי מזונות "
    "מסיבות מדעים מראות כשרות כשרים כשלון כיוון כיוונים כיווני כניסה כלכלה כלכלי כתיבה כפולה כדורי כפרים כנסים "
    "כבדים "
)
_WHOLE = frozenset((_WHOLE_ARABIC + _WHOLE_HEBREW).split())


def is_led(page: Folded, start: int, leads: Collection[str], language: str) -> bool:
    """Does the word of a text in which a term begins at `start` begin with one of these, and is it no word of its own?
    `language` is a code (BCP 47) or "", which forbids nothing."""
    if language.partition("-")[0].lower() in _WITHOUT:
        return False
    text, joints = page.text, page.joints
    for lead in leads:
        at = start - len(lead)
        if at < 0 or not text.startswith(lead, at) or any(place in joints for place in range(at + 1, start)):
            continue
        if at in joints or edges.script_of(text[at - 1]) != "spaced":
            return not _is_whole(page, at, start)
    return False


def _is_whole(page: Folded, at: int, start: int) -> bool:
    end = edges.word_end(page.text, start, page.stop_at(start))
    if any(page.text[first:end] in _WHOLE for first in range(at, start)):
        return True
    return "ا" in page.text[at:start] and not _NO_ARTICLE.isdisjoint(page.written(at, start))
