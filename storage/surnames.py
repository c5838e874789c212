"""Family names, most of one character, that are hardly ever words: what a space behind them parts is a name."""

from __future__ import annotations

# Without those that are also words that stand alone: 이 (this), 한 (one), 전 (former), 안 (not), 문 (door) and others.
KOREAN = frozenset("김박최조정강장윤임황송홍허심곽류림리량렴염엄채탁") | {"남궁", "황보", "제갈", "독고"}
# Before an office also those: 이대통령, 이 대통령. The offices are those that are no pieces of other words.
KOREAN_BEARERS = KOREAN | frozenset("이문노한오서신안유")
KOREAN_OFFICES = ("대통령", "국무위원장", "위원장", "총비서", "총서기", "총리", "장관")
# Chinese, Korean and Japanese ones; without 于, 向, 时, 万, 任, 成, 单, 解, 路 and others that are words.
HAN = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖蕭萧田董潘袁"
    "蔡蒋蔣余杜叶葉葛魏苏蘇吕呂丁卢盧姚沈钟鍾姜崔谭譚陆陸汪范金贾賈韦韋夏邹鄒熊孟秦邱尹薛阎閻雷侯龙龍陶贺賀毛郝龚龔邵"
    "钱錢严嚴戴莫汤湯习習温溫康牛樊邢齐齊乔喬伍庞龐颜顏倪庄莊聂聶鲁魯岳耿兰蘭焦俞柳甘祝宁寧阮柯纪紀童凌毕畢裴霍涂苗"
    "盛游靳柴蒙鲍鮑喻祁屈饶饒牟艾尤朴權権禹森林菅堀辻岡桂谷"
)
