"""The services that a message may go to through Apprise, and how it is made to fit into one of their messages. Pure.

Named services over HTTP alone. Not Apprise's generic doors (json, xml, form, apprise): our own webhook signs and tells
more. Not mail: our own threads it and can be unsubscribed. Nothing that runs a program, shows a window, reads a file or
speaks to a bus on this machine; what a later Apprise adds is not taken before somebody has looked at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from scheduler.nearest import did_you_mean

_NAMED = """
    46elks acs atalk awswhatsapp bale bark barks betterstack bluesky brevo bsky bulksms bulkvs burstsms chanify
    clickatell clicksend cliq cm d7sms dapnet dingtalk discord dot eight00com elks evolution evolutions exotel
    feishu firehydrant flock fluxer fluxers freemobile gchat github goalert goalerts gorush gorushs gotify gotifys
    groupme groundmail gupshup hassio hassios httpsms humhub humhubs ifttt ilert incidentio infobip jira join kakao
    kakaotalk kaleyra kavenegar klr kook kudosity lametric lametrics lark line mailersend mailgun mastodon mastodons
    matrix matrixs misskey misskeys mmost mmosts mobilemessage mobilemsg msg91 msgbird ncloud nclouds nctalk nctalks
    nexmo notica noticas notifiarr notifico notificos notifyapp notifyre ntfy ntfys octopush onebot onebots
    onesignal opsgenie pagerduty pagertree pbul pinglet pinglets pjet pjets plivo postmark pover prowl psafer
    psafers push pushdeer pushdeers pushed pushme pushplus pushward pushy qq resend revolt ringc rocket rockets
    ryver schan sendgrid sendpulse serwersms ses session sessions seven sfr signal signalgrid signals signl4
    simplepush sinch slack smsc smseagle smseagles smsmanager smsmgr smtp2go sns sogs sparkpost spike splunk
    spugpush spush squadcast stackfield synology synologys telesign telnyx tgram threema toot toots tweet twilio
    twist twitter viber victorops voipms vonage webex wechat wecom wecombot whapi whatsapp workflow workflows wpush
    wxpusher wxteams x xmatters youlmk zalo zcliq zohocliq zoom zulip
"""
SCHEMES = frozenset(_NAMED.split())
_OUR_OWN = {
    "webhook": ("json", "jsons", "xml", "xmls", "form", "forms", "apprise", "apprises", "http", "https"),
    "email": ("mailto", "mailtos", "smtp", "smtps"),
}
_CALLED_OTHERWISE = {"telegram", "teams", "msteams", "mattermost", "pushover", "googlechat", "nextcloud", "rocketchat"}
# Chats whose addresses look like a program's: they answer 400 to whatever is not in their own form.
_CHATS = {
    "hooks.slack.com": "Slack",
    "discord.com": "Discord",
    "discordapp.com": "Discord",
    "chat.googleapis.com": "Google Chat",
}
FEWER_BYTES = {"ntfy": 4000, "ntfys": 4000}  # a longer text becomes a file there
CUT = "… (cut; all of it stands on Dateline's page)"

# A mail address stays whole, but "editor@everyone": some services look for the name alone.
_ADDRESS_OR_AT = re.compile(
    r"https?://\S+|(?<!\w)@(?=\w)|@(?=(?:everyone|here|channel|all|room|online)\b)|<(?=[!@#])", re.IGNORECASE
)
_NOTHING = "\u200b"  # takes no room, and ends a name that would call everybody


def fault_of(scheme: str) -> str:
    """Why a message may not go through this scheme, with the mend; "" where it may."""
    if scheme in SCHEMES:
        return ""
    for type_, schemes in _OUR_OWN.items():
        if scheme in schemes:
            return f'for {scheme}:// there is a channel of Dateline\'s own: write type = "{type_}"'
    known = "slack, discord, tgram, ntfy, matrix, workflows (Teams), gotify, mmost, zulip, pover ..."
    if not scheme:
        return "an address begins with the name of its service, such as discord://ID/TOKEN or ntfy://TOPIC"
    meant = did_you_mean(scheme, sorted(SCHEMES))
    services = f"{scheme}:// is none of the services that are taken: {known}; README says which are not, and why"
    return f"{services}; {meant}" if meant else services


def is_service(word: str) -> bool:
    """Is it what a person calls one of the services?"""
    return word.lower() in SCHEMES | _CALLED_OTHERWISE


def chat_at(host: str) -> str:
    """The chat service that listens there and takes no webhook of ours; "" where any program may."""
    return _CHATS.get(host.lower(), "")


def tame(text: str) -> str:
    """The text without what would call on people by name where it is shown: an article may say "@everyone"."""

    def tamed(found: re.Match[str]) -> str:
        one = found.group()
        return one.replace("@", "%40") if one.startswith("http") else one + _NOTHING

    return _ADDRESS_OR_AT.sub(tamed, text)


def fitted(blocks: Sequence[str], foot: str, room: int, size: Callable[[str], int] = len) -> str:
    """As many of the blocks as there is room for, and what of the foot; the first block is cut where not even that
    fits. `size` measures a text as the service does; answers at most `room` of it."""
    for shown in range(len(blocks), 0, -1):
        left = len(blocks) - shown
        more = [f"And {left} more."] if left else []
        for under in ([foot], []) if foot else ([],):
            text = "\n\n".join([*blocks[:shown], *more, *under])
            if size(text) <= room:
                return text
    return _cut(blocks[0], room, size)


def _cut(text: str, room: int, size: Callable[[str], int]) -> str:
    """The beginning of a text, with the longest end that says so for which there is room."""
    end = next((one for one in (f"\n\n{CUT}", "…") if size(one) * 2 <= room), "")
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle].rstrip() + end) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + end


def size_as_html(text: str) -> int:
    """How long a plain text is once a service gets it as HTML."""
    return len(escape(text)) + 8 * text.count("\n")


def size_in_bytes(text: str) -> int:
    return len(text.encode())
