"""A Korean noun of one syllable within a word: nearly every syllable is a piece of some other word as well.

So it stands only where the rest of the word is particles, or makes a compound that is known: 핵 in 핵은, 북핵 and
핵실험, not in 핵심; 강 not in 강제. Particles have two forms, by whether a consonant is before them, which tells 강은
from 강가 and 차를 from 차이. There is no dictionary here; what is left are short lists of what news is full of.
"""

from __future__ import annotations

import re

from storage.surnames import KOREAN_BEARERS, KOREAN_OFFICES

# What stands before a noun of one syllable, with it.
_HEADED = re.compile(
    "북핵|반핵|탈핵|비핵|반미|친미|대미|주미|방미|혐미|반중|친중|방중|혐중|반일|친일|대일|방일|주일|혐일|대북|친북|"
    "반북|탈북|방북|종북|대남|방한|주한|친한|반한|혐한|대러|방러|친러|반러|주러"
)
# Countries and bodies by their first syllables, side by side.
_TOGETHER = re.compile(
    "한미일|한중일|한미중|북중러|미중러|미중일|한미|한일|한중|한러|북미|북중|북러|북일|미중|미일|미러|미북|미한|"
    "중러|중일|일중|러중|러북|남북|북남|영미|미영|조미|조중|조일|조러"
)
_COUNTRIES = frozenset("한미중일러북남영조독불")

_AFTER_ANY = (
    "의|에|에서|에게|에게서|에는|에도|에만|엔|한테|께|께서|도|만|까지|까지도|부터|보다|처럼|같이|마저|조차|하고|"
    "만큼|밖에|이다|이었다|입니다"
)
_AFTER_CONSONANT = "은|이|을|과|으로|으로서|으로써|이나|이랑|이며|이고|이라|이라고|이라는|이란|이라며|이라도|이든지"
_AFTER_VOWEL = "는|가|를|와|로|로서|로써|라고|라는|라며|라도|였다"
_FURTHER = "(?:은|는|도|만|의|까지|부터|이나|라도|이라도)?"
_GROUP = "(?:들|측|쪽|등|뿐)"
_BEHIND_GROUP = f"{_GROUP}(?:{_AFTER_ANY}|{_AFTER_CONSONANT}|{_AFTER_VOWEL})?{_FURTHER}"
_BEHIND_CONSONANT = re.compile(f"(?:{_AFTER_ANY}|{_AFTER_CONSONANT}){_FURTHER}|{_BEHIND_GROUP}")
_BEHIND_L = re.compile(f"(?:{_AFTER_ANY}|{_AFTER_CONSONANT}|로|로서|로써){_FURTHER}|{_BEHIND_GROUP}")
_BEHIND_VOWEL = re.compile(f"(?:{_AFTER_ANY}|{_AFTER_VOWEL}){_FURTHER}|{_BEHIND_GROUP}")

# Words of two syllables that look like a noun and a particle, and are neither.
_NO_PARTICLE = re.compile(
    "강도|강의|물의|불만|불의|불과|남은|남의|남을|남이|한도|한은|한의|한과|미만|미로|중도|중에|중의|중이|독도|군도|"
    "북도|남도|문의|문과|차도|차로|주의|주로|주도|주가|보도|정도|정의|속도|별도|별로|제도|수도|수로|도로|반도|합의|"
    "회의|혐의|결의|항의|동의|논의|협의|모의|거의|서로|대로|대가|대만|기도|기로|지도|유도|유가|태도|의도|온도|용도|"
    "고도|고가|고의|영도|당도|집도|약도|약과|법도|신도|배로|일과|시도|시가|상의|편의|토의|심의|제의|건의|예의|명의|"
    "파도|포도|밀도|각도|농도|궤도|철도|철로|인도|선도|결과|성과|학과|통과|전과|안과|비만|오만|자만|기만|추가|허가|"
    "휴가|피로|새로|위로|제로|바로|회로|종이|길이|같이|많이|높이|깊이|죽은|죽을"
)

# What follows a noun as the second half of a compound.
_NOUNS = (
    "무기|실험|시험|폭탄|폭발|탄두|잠수함|미사일|로켓|개발|보유|보유국|강국|국가|합의|협상|회담|협의|협력|공조|"
    "시설|위협|공격|선제공격|타격|전쟁|전력|전략|물질|연료|추진|우산|군축|확산|비확산|동결|포기|폐기|폐기물|"
    "프로그램|문제|사찰|사용|능력|무력|무력정책|억제|억제력|억지|억지력|도발|위기|사고|발전|발전소|연구|연구소|"
    "연구원|기술|과학자|과학|단지|정책|독트린|교리|공유|균형|경쟁|운용|작전|훈련|방어|방패|버튼|단추|가방|의혹|"
    "검증|신고|보복|배치|재처리|농축|원료|원자로|잠재력|무장|확장|전문가|담판|위원회|선언|조약|금지|금지조약|반대|"
    "지휘|지휘소|통제|사업|생산|시장|가격|산업|수출|수입|소비|공급|수요|부족|판매|거래|투자|기업|회사|업체|공장|"
    "재고|비축|유출|오염|관리|정화|처리|세탁|대표|대회|대변인|지도부|최고위|중앙|중앙위|중앙위원회|총비서|사무총장|"
    "조직|강령|규약|간부|일군|원내대표|내부|안팎|차원|지지율|윤리위|부대|당국|당국자|사령부|사령관|지휘부|지휘관|"
    "수뇌부|관계자|장성|병력|출신|기지|통수권자|수송기|정찰위성|복무|생활|정보|검찰|병원|개정|제정|집행|위반|"
    "개정안|해석|적용|체계|질서|유역|하구|수위|주변|융합|"
    "분열|항모|값"
)
_COMPOUND = re.compile(f"(?:{_NOUNS}){{1,2}}")
_OF_STATES = (
    "정부|당국|당국자|행정부|대통령|총리|장관|의회|의원|하원|상원|국무부|국무장관|국방부|국방장관|재무부|재무장관|"
    "상무부|법무부|해군|공군|육군|해병대|본토|증시|국채|연준|언론|대사|대사관|대표|대표단|정상|외교|외무성|외교부|"
    "특사|군|선수단|미사일|핵|인권|주민|지도부|매체|도발|정권|체제"
)
_OF_STATE = re.compile(f"(?:{_OF_STATES}){{1,2}}")
# Nouns that also stand before any noun, and then mean: un-, total, anti-, former ...
_PREFIXES = frozenset("대반전신구총범재타각양본현새첫매고초준비무불부최소다원생명")

_CONSONANTS = 28  # of a syllable's end, with none; that of ㄹ is 8


def stands_as_syllable(before: str, noun: str, after: str) -> bool:
    """Is a noun of one syllable a word, or part of a known compound, given the Korean letters on both sides?"""
    word, at = before + noun + after, len(before)
    if noun in _COUNTRIES and (found := _TOGETHER.match(word)) and at < found.end():
        rest = word[found.end() :]
        return len(rest) != 1 or is_particle(found.group(), rest)
    if before and after.startswith("화"):  # 비핵화
        after = ""
    return begins_as_syllable(before, noun) and ends_as_syllable(noun, after)


def are_together(word: str) -> bool:
    """Are these the first syllables of countries: 한미, 한중일?"""
    return _TOGETHER.fullmatch(word) is not None


def begins_as_syllable(before: str, noun: str) -> bool:
    return not before or _HEADED.fullmatch(before + noun) is not None


def ends_as_syllable(noun: str, after: str) -> bool:
    if not after:
        return True
    if noun in KOREAN_BEARERS and _is_office(after):
        return True
    if is_particle(noun, after):
        return _NO_PARTICLE.fullmatch(noun + after[0]) is None
    if noun in _PREFIXES - _COUNTRIES:
        return False
    compound = _OF_STATE if noun in _COUNTRIES else _COMPOUND
    return any(
        compound.fullmatch(after, 0, end) and (end == len(after) or is_particle(after[:end], after[end:]))
        for end in range(len(after), 0, -1)
    )


def _is_office(after: str) -> bool:
    """Are these letters an office, and perhaps its particles?"""
    return any(
        after == one or (after.startswith(one) and is_particle(one, after[len(one) :])) for one in KOREAN_OFFICES
    )


def is_particle(noun: str, after: str) -> bool:
    """May these letters be the particles of a noun that ends as this one does?"""
    code = ord(noun[-1]) - ord("가")
    end = code % _CONSONANTS if 0 <= code < 11172 else 0
    behind = _BEHIND_VOWEL if not end else _BEHIND_L if end == 8 else _BEHIND_CONSONANT
    return behind.fullmatch(after) is not None
