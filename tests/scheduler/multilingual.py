"""Texts and queries in several scripts, made up of words that fold, join and part in every way; for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

# fmt: off
WORDS = [
    "missile", "Missiles", "Kim", "Jong-un", "Jongun", "Jong", "Un", "jong-UN", "Café", "cafe\u0301", "cafe", "CAFÉ",
    "İstanbul", "istanbul", "ISTANBUL", "ısı", "isi", "straße", "STRASSE", "10,000", "10000", "10", "000", "1.5",
    "911", "9", "11", "U.S.", "US", "O'Brien", "OBrien", "O’Brien", "co\u00adoperate", "cooperate", "zero\u200bwidth",
    "zerowidth", "foo_bar", "foo", "bar", "C++", "AT&T", "ﬁnance", "finance", "Ⅷ", "viii", "x²", "x2", "Πόλη", "πολη",
    "Москва", "ёлка", "елка", "й", "김정은", "김정은동지께서", "김", "정은", "핵", "실험", "핵실험", "북한", "경북한우",
    "\u1100\u1161\u11a8", "각", "北京", "北京市", "朝鲜", "中", "国", "中国", "ミサイル", "ﾐｻｲﾙ", "キム・ジョンウン",
    "ガ", "カ", "か\u3099", "กินข้าว", "กิน", "น้ำ", "हिन्दी", "हिन्द", "עִבְרִית", "עברית", "א־ב", "كِتاب", "كتاب",
    "كـتاب", "a\u1ab0b", "ab", "a\ufff9b", "G20정상회의", "K팝", "K-팝", "iPhone15", "-", "👍", "a" * 70, "a" * 64,
    "金", "正恩", "金正恩", "李", "强", "李强", "安倍", "晋三", "安倍晋三", "한", "미", "일", "한미", "한미일",
    "도널드", "트럼프", "박", "근혜가", "박근혜", "ドナルド", "トランプ", "ドナルドトランプ", "ﾄﾞﾅﾙﾄﾞ", "大統領",
    "唐纳德", "特朗普", "唐纳德特朗普", "ایران", "ايران", "على", "علي", "3", "3000", "3 000 000", "yıllar", "yıl",
    "ab-\ufff9c", "ab\ufff9-c", "한ㆍ미", "한•미", "金\u0300", "\u1112\u1161\u11ab",
    "さくら", "ももこ", "さくらももこ", "の", "สวัส", "이", "대통령", "이대통령", "윤대통령은",
    "བོད་ཡིག", "ကမ္ဘာ", "𠀀𠀁", "ß", "ŉ", "ͅα", "ᾳ", "և", "①", "½",
    "٢٠٢٦", "2026", "۱۰٬۰۰۰", "१०", "๒๕", "25", "צה״ל", "צהל",
    "$10,000", "约10,000人", "1,000'500", "US GDP", "U.S. GDP", "us", "U.S.-led", "U.S.A.", "UK", "JOIN US",
    "صاروخ", "والصاروخ", "بصاروخ", "الصاروخ", "للصاروخ", "وللصاروخ", "اللجنة", "للجنة", "باليستي", "الباليستي", "كيم",
    "وكيم", "لشي", "شي", "وَالصّاروخ", "والـصاروخ", "ال", "و", "ألماني", "ماني", "طيل", "טיל", "והטיל", "מטיל", "כשהטיל",
    "הבליסטי", "בליסטי", "לבן", "בן", "גוריון", "ה", "ובחירות", "חירות",
]
# fmt: on
_GAPS = st.sampled_from(
    [" ", " ", " ", "", "-", "\n\n", "\u2011", ". ", *"·ㆍ•・＝゠\u3000\u00a0", " • ", "'", ", ", "\n"]
)
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), _GAPS), max_size=10).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
_BARE = st.sampled_from([word for word in WORDS if word != "-"])
_TERMS = st.one_of(
    _BARE,
    _BARE.map(lambda word: f"{word[: len(word) // 2 + 1]}*"),
    _BARE.map(lambda word: f'="{word}"'),
    _BARE.map(lambda word: f'="{word.lower()}"'),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(lambda words: f'"{" ".join(words)}"'),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda words: f'"{"-".join(words)}"'),
    TEXTS.map(lambda text: f'"{text}"'),
)
_FIELDS = st.sampled_from(["", "", "", "title:", "body:", "source:", "stem:"])
_OPERATORS = st.sampled_from([" ", " OR ", " NOT ", " AND ", " NEAR/2 "])
QUERIES = st.recursive(
    st.tuples(_FIELDS, _TERMS).map("".join),
    lambda inner: st.tuples(inner, _OPERATORS, inner).map(lambda parts: f"({''.join(parts)})"),
    max_leaves=4,
)
