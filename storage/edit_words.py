"""What the classing of an edit knows of languages: numbers, dates, function words, titles, names. Data, no decisi"
"ons."""

from __future__ import annotations

import re

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
HAN_KANA = f"{_HAN}\u3005\u3040-\u30ff\u31f0-\u31ff"
_KATAKANA = "\u30a1-\u30fa\u30fc"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Numbers, months and days of the week; case-folded.
NUMBERS = _words("""
zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions
billion billions trillion dozen dozens first third fourth fifth sixth seventh eighth ninth tenth twice double triple
january february april june july august september october november december monday tuesday wednesday thursday friday
saturday sunday null zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig
hundert tausend tausende millionen milliarde milliarden dutzend dutzende januar februar märz mai juni juli oktober
dezember montag dienstag mittwoch donnerstag freitag samstag sonntag deux trois quatre cinq sept huit neuf dix onze
douze treize quatorze quinze vingt trente quarante cinquante soixante cent cents mille milliard milliards dizaine
centaine janvier février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi
vendredi samedi dimanche dos tres cuatro cinco seis siete ocho nueve diez once doce trece quince veinte treinta
cuarenta cincuenta cien ciento doscientos trescientos mil millón millones enero febrero marzo abril mayo junio julio
agosto septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo два две двух три
трёх трех четыре четырёх четырех пять пяти шесть шести семь семи восемь восьми девять девяти десять десяти двое трое
четверо пятеро шестеро двенадцать двадцать тридцать сорок пятьдесят сто двести триста пятьсот тысяча тысячи тысяч
миллион миллиона миллионов миллиард миллиарда миллиардов января февраля марта апреля мая июня июля августа сентября
октября ноября декабря понедельник вторник среду среда четверг пятницу пятница субботу суббота воскресенье 한 두 세
네 다섯 여섯 일곱 여덟 아홉 열 스무
""")
# Numbers only where another stands in their place: else they are articles, or mean something else.
WEAK_NUMBERS = _words("""
one once second half ein eine einen einem einer un une una uno один одна одного одну today yesterday tomorrow
tonight morning afternoon evening noon midnight heute gestern morgen aujourd'hui hier demain hoy ayer mañana сегодня
вчера завтра 오늘 어제 내일 오전 오후 매 여러
""")
CAPITAL_NUMBERS = _words("May March")  # months that are words as well
# What stands with a number and may come or go with it.
QUANTITY = _words("""
at least about around nearly almost over under more less fewer than up to some approximately roughly only and or of
the a percent per cent pct km m kg tons tonnes dollars euros pounds am pm mindestens etwa rund fast über unter mehr
weniger als bis zu knapp prozent und au moins environ près de plus moins que pour et jusqu'à al menos unos unas casi
más menos por ciento y около почти более менее не чем примерно свыше порядка как минимум процентов и 약 최소 최대
적어도 이상 이하 were was are is have has
""")
QUALIFIERS = _words("""
least about around nearly almost over under more less fewer approximately roughly mindestens etwa rund fast über
knapp environ moins plus près menos unos casi más около почти более менее примерно свыше 약 최소 적어도 이상
""")
# What is counted or measured, each unit in all its spellings.
UNITS = {
    spelled: unit.split()[0]
    for unit in """
    kilometre km kms kilometer kilometers kilometres kilometern kilomètre kilomètres kilómetro kilómetros км километр
    километра километров 킬로메터 킬로미터
    mile miles mi meile meilen mille milles milla millas миля мили миль 마일
    metre m meter meters metres metern mètre mètres metro metros м метр метра метров 메터 미터
    centimetre cm centimeter centimeters centimetres zentimeter см сантиметр сантиметра сантиметров
    millimetre mm millimeter millimeters millimetres мм
    foot feet ft
    inch inches
    yard yards yd
    kilogram kg kilo kilos kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos кг килограмм килограмма
    килограммов 킬로그람 킬로그램
    gram g grams gramm gramme grammes gramo gramos г грамм грамма граммов 그람 그램
    tonne t tons ton tonnes tonnen tonelada toneladas тонна тонны тонн 톤
    pound-weight lb lbs
    ounce ounces oz
    litre liter liters litres liters litro litros литр литра литров 리터
    gallon gallons gal
    barrel barrels barils barriles баррель барреля баррелей 배럴
    hectare hectares ha hektar hectárea hectáreas гектар гектара гектаров 정보 헥타르
    acre acres
    second seconds sekunde sekunden secondes segundo segundos секунда секунды секунд 초
    minute minutes min mins minuten minuto minutos минута минуты минут 분
    hour hours hr hrs stunde stunden heure heures hora horas час часа часов 시간
    day days tag tage tagen jour jours día días день дня дней 일
    week weeks woche wochen semaine semaines semana semanas неделя недели недель 주일
    month months monat monate monaten mois mes meses месяц месяца месяцев 개월
    year years jahr jahre jahren an ans année années año años год года лет 년
    am
    pm
    percent % per-cent pct prozent porcentaje процент процента процентов 프로 퍼센트
    permille ‰
    celsius °c c
    fahrenheit °f f
    kelvin k
    dollar dollars us$ $ usd dólar dólares доллар доллара долларов 달러
    euro euros € eur евро 유로
    pound pounds £ gbp pfund livres libras фунт фунта фунтов 파운드
    yen ¥ jpy иена иены иен 엔
    yuan cny rmb renminbi юань юаня юаней 위안
    won ₩ krw kpw вон воны 원
    rouble roubles ruble rubles rubel rub ₽ rublos рубль рубля рублей 루블
    rupee rupees ₹ inr
    franc francs franken chf
    mn mln mio
    bn bln mrd
    """.strip().split("\n    ")
    for spelled in unit.split()
}
FUNCTION_WORDS = _words("""
a an the this that these those he she it they we you i his her its their our your my him them us who whom whose
which what when where while is are was were be been being has have had do does did will would shall should can could
may might must of in on at by for from to with into onto over under after before between about against during since
until as and or but if than then so not no nor also both there here all any some such as well der die das den dem
des ein eine einen einem einer er sie es wir ihr ist sind war waren hat haben hatte wird werden wurde und oder aber
in im an am auf aus bei mit nach von vom zu zum zur für über unter als auch nicht le la les l un une des du de d au
aux il elle ils elles est sont était a ont et ou mais dans en sur par pour avec sans que qui se sa son ses leur ce
cette ces ne pas el los las lo unos unas del al es son fue era ha han y o pero con por para sin su sus que se no и в
во на с со к ко по за из у о об от до для при не но или а как что это он она они был была были быть его её их
""")
NEGATIONS = _words("""
not no never none without neither nor nobody nothing cannot can't don't doesn't didn't isn't wasn't won't wouldn't
nicht kein keine keinen keiner nie niemals ohne ne pas jamais sans aucun aucune nunca sin ningún ninguna не нет ни
никогда без 안 못 아니 없다
""")
NEGATION_SIGNS = re.compile("[不没沒未无無非否]|ない|なかった|않|없|못")
# One sign of these for another turns the sense round.
OPPOSITES = frozenset(
    "大小多少上下前后後左右东西東南北男女胜败勝敗增减増減买卖買売高低长短長短内外新旧新舊开关開閉有无有無"
)

# Roles and forms of address: what may change with a name.
TITLES = _words("""
respected dear esteemed honourable honorable
mr mrs ms dr sir president vice minister ministers chairman chairwoman chair secretary general director deputy
premier prime chief head mayor governor senator judge professor ambassador spokesman spokeswoman commander marshal
comrade comrades officials official member members department committee party leader king queen former acting
foreign defence herr frau präsident präsidentin minister ministerin bürgermeister bürgermeisterin kanzler kanzlerin
professor doktor sprecher sprecherin senator trainer direktor direktorin abgeordnete abgeordneter vorsitzende
vorsitzender chef richter m mme président présidente ministre maire directeur directrice porte-parole chef señor
señora presidente presidenta ministro ministra alcalde alcaldesa director directora portavoz jefe президент министр
премьер мэр губернатор директор глава председатель депутат господин госпожа товарищ секретарь посол
""")
GERMAN = re.compile(r"\b(?:der|die|das|und|ist|nicht|ein|eine|mit|auf|dem|den|von)\b")
GERMAN_NOUN = re.compile(r"(?:ung|heit|keit|schaft|tion|tät|nis|tum|ment|ling|chen|ungen|tionen|gaben|chten|gründen)$")
GERMAN_NO_PLACE = _words(
    "jahren wochen tagen stunden hause menschen kindern zeiten teilen fällen händen kraft ordnung betrieb"
)
GERMAN_BEFORE_PLACE = _words("in aus nach bei von um")

# Numbers in scripts without spaces.
NUMERALS = "0-9〇零一二三四五六七八九十百千万萬亿億兆两兩廿"
CJK_AMOUNT = re.compile(
    rf"(?:[{NUMERALS}.,:/年月日号號时時分秒点點岁歳歲人名个個艘架台件次名条條只隻公里米吨噸余餘多余約约近超%％]"
    rf"|上午|下午|午前|午後|小时"
    "|時間|公斤|美元|人民币|ドル|円|元|キロ|メートル|トン|以上|至少|少なくとも|[月火水木金土日](?=曜))+"
)
NUMERAL = re.compile(rf"[{NUMERALS}]|[上下]午|午[前後]")
CJK_COUNTER = re.compile("[年月日号號时時分秒点點岁歳歲人名个個艘架台件次条條只隻公米吨噸元円万萬亿億千百十]")
_KO_COUNTER = "명|개|번|살|시|마리|대|척|채|가지|달|시간|사람|여명|년|월|일|분|초|원|달러|톤|도|주|건|곳|차|회|위"
"|세|층"
KO_AMOUNT = re.compile(
    rf"(?:(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|스물|서른|마흔|쉰"
    rf"|[일이삼사오육칠팔구십백천만억조수여]+)(?:{_KO_COUNTER})"
    r"|(?:첫|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열)째|첫번"
    r"|[월화수목금토일]요일)(?=[가-힣]{0,3}$)"
)
KO_PARTICLE = re.compile(
    "(?:께서는|께서|에게서|에게|으로서|로서|으로써|로써|으로|에서는|에서|까지|부터|이라고|라고|이며|은|는|이|가|을"
    "|를|의|와|과|도|만|로|에|께)$"
)

# Names in scripts without capitals.
_ZH_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭"
    "廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文朴权安柳習习張劉陳楊趙黃吳孫馬羅鄭謝韓"
    "馮許鄧呂蘇盧蔣賈葉閻鍾"
    "譚鄒陸龍錢湯權"
)
_ZH_TITLE = (
    "国家主席|主席|副总统|总统|總統|副总理|总理|總理|副部长|部长|部長|省长|市长|市長|县长|总书记|书记|書記|委员长"
    "|委員長|委员|先生|女士|同志|教授"
    "|博士|大使|发言人|發言人|记者|記者|局长|局長|司令员|司令|将军|议员|議員|外长|院长|校长|主任|经理|董事长|队长"
    "|秘书长|院士|首相|国务卿|医生"
    "|所长|组长|处长|行长|教练|选手|律师"
)
_ZH_SAYS = "说|說|表示|指出|称|稱|强调|強調|认为|出席|介绍|告诉|透露|宣布|会见|抵达|参加|主持|率领|当选|獲|获|访问"
_JA_TITLE = (
    "さん|氏|首相|大統領|副大統領|主席|長官|大臣|議員|知事|市長|町長|村長|社長|会長|選手|監督|教授|博士|容疑者"
    "|被告|記者|同志|委員長|総書記|書記|大使"
    "|外相|防衛相|財務相|官房長官|報道官|代表|所長|部長|課長|局長|校長|理事長|様|君|ちゃん"
)
_KO_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유홍전고문손양배백허남심노하곽성차주우구민진나지엄채원천방공현함변염여"
    "추도소석선설마길연위표명기반왕"
    "금옥육인맹제모탁국리림로량렴련라태계"
)
_KO_TITLE = (
    "동지|위원장|부위원장|대통령|부통령|총리|부총리|장관|차관|씨|의원|총비서|비서|대사|부장|시장|군수|도지사|교수"
    "|박사|기자|원수님|원수|장령|대장|상장|중장"
    "|소장|선수|감독|대표|회장|사장|국장|과장|과학자|소좌|총장|검사|판사|변호사|님|선생|의장|지배인|청장|대변인|감사"
)
_PLACES = (
    "中国|美国|日本|韩国|朝鲜|俄罗斯|英国|法国|德国|印度|越南|古巴|伊朗|伊拉克|叙利亚|乌克兰|以色列|蒙古|老挝|北京"
    "|上海|广州|深圳|天津|重庆|南京|武汉"
    "|成都|西安|杭州|香港|台湾|台北|平壤|首尔|东京|大阪|莫斯科|华盛顿|纽约|伦敦|巴黎|柏林|河内|元山|开城|咸兴"
    "|新义州|清津"
    "|中國|美國|韓國|朝鮮|俄羅斯|法國|德國|臺灣|東京|首爾"
    "|アメリカ|米国|ロシア|イギリス|英国|フランス|ドイツ|インド|ベトナム|キューバ|イラン|イラク|シリア|ウクライナ"
    "|イスラエル|モンゴル|ラオス|モスクワ"
    "|ワシントン|ニューヨーク|ロンドン|パリ|ベルリン|ソウル|平壌|京都|名古屋|札幌|福岡|仙台|広島|神戸|横浜|沖縄"
    "|北海道|中国|韓国"
    "|미국|일본|중국|한국|조선|북한|남한|로씨야|러시아|영국|프랑스|독일|인도|윁남|베트남|꾸바|쿠바|이란|이라크"
    "|수리아|시리아|우크라이나|이스라엘"
    "|몽골|라오스|평양|서울|부산|인천|대구|광주|대전|원산|개성|함흥|신의주|청진|남포|사리원|해주|모스크바|베이징"
    "|도쿄|워싱턴|뉴욕|런던|파리|베를린|하노이"
)
_NO_PLACE = "(?<!城)(?<!社)(?<!山)(?<!灾)(?<!災)(?<!地)(?<!特)(?<!外)(?<!全)(?<!各)(?<!本)(?<!我)(?<!大)(?<!小)"
_MIDDLE = "·•・"
CJK_NAME = re.compile(
    # Foreign names with their dot; places of a list, or by their last sign; persons beside a title or among others.
    rf"[{HAN_KANA}]{{1,8}}(?:[{_MIDDLE}][{HAN_KANA}]{{1,8}})+|[가-힣]{{1,6}}[{_MIDDLE}][가-힣]{{1,6}}"
    rf"|{_PLACES}"
    rf"|[{_HAN}]{{2,3}}{_NO_PLACE}[省市县縣区區镇鎮州郡村港](?![场場民长長])"
    rf"|(?:[{_HAN}][南北]|慈江|两江|京畿|江原)道"
    rf"|(?:{_ZH_TITLE})[{_ZH_SURNAMES}][{_HAN}]{{1,2}}(?![{_HAN}]*[、]?(?:{_ZH_TITLE}))"
    rf"|[{_ZH_SURNAMES}][{_HAN}]{{1,2}}(?=(?:{_ZH_TITLE}|{_ZH_SAYS}))(?:{_ZH_TITLE})?"
    rf"|(?:(?<=[、和及与與])|(?<=[有为為是：:]))[{_ZH_SURNAMES}][{_HAN}]{{1,2}}(?=[、和及与與等，,。.]|$)"
    rf"|[{_ZH_SURNAMES}][{_HAN}]{{1,2}}(?=、[{_ZH_SURNAMES}][{_HAN}]{{1,2}}[、和及与與等，,。])"
    rf"|(?:[{_HAN}]{{2,5}}|[{_KATAKANA}]{{2,12}})(?:{_JA_TITLE})"
    rf"|(?<![가-힣])[{_KO_SURNAMES}][가-힣]{{1,2}} ?(?:[가-힣]{{1,4}} )?(?:{_KO_TITLE})"
    rf"|(?:{_KO_TITLE}) [{_KO_SURNAMES}][가-힣]{{1,2}}(?=[가-힣]{{0,3}}(?![가-힣]))"
    rf"|(?<=[,，·、])\s*[{_KO_SURNAMES}][가-힣]{{1,2}}(?=[,，·、]|\s*(?:등|및|와|과|그리고))"
    rf"|(?<![가-힣])[{_KO_SURNAMES}][가-힣]{{2}}(?=\s*[,，·、]\s*[{_KO_SURNAMES}][가-힣]{{2}})"
    rf"|(?<![가-힣])[김박최윤권황홍송][가-힣]{{2}}(?=(?:은|는|이|가|을|를|의|와|과|에게|께서|도)?(?![가-힣]))"
    r"|(?<![가-힣])[가-힣]{2,3}(?:시|군|도|구역|구|읍)(?=(?:에서|에|의|와|과|는|은|가|이|로|를|을"
    r"|인민위원회)?(?![가-힣]))"
    # Mountains and rivers, but not real estate, output, assets, health.
    r"|(?<![가-힣])[가-힣]{2}(?:(?<![생재예계확자청동출내입연신])산|(?<![건보증최부철하완])강)"
    r"(?=(?:에서|에|의|와|과|는|은|가|이|로|를|을)?(?![가-힣]))"
)
KO_NO_NAME = _words("""
다시 도시 당시 역시 정도 보도 지도 제도 태도 속도 의도 시도 온도 수도 대도시 고속도 우리식 기도 강도 정보도 반도
조선반도 각도 군사지도 재판도 한국군 미군 국군 공군 해군 륙군 육군 인민군 적군 대군 연구 요구 기구 도구 입구 출구
인구 지구 축구 농구 야구 배구
""")
