"""A revision's bytes as WARC records (ISO 28500): one for each answer that was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.capture import Capture
from storage.text import one_line, public_url

# They describe the bytes on the wire; the payload is what was in them.
_OF_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
SERVED = "X-Dateline-Served-"
_ABOUT = (
    "software: Dateline\r\n"
    "format: WARC File Format 1.0\r\n"
    "description: Payloads are as they were after Content-Encoding had been undone; the header fields that describe "
    f"the packed bytes are named {SERVED}... here. Set-Cookie, Connection and Transfer-Encoding are not kept, nor "
    "is the reason phrase of the status. Header values that are not ASCII are percent-encoded; the manifest has them "
    "as they came.\r\n"
)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """Bytes that are still there. `capture` is None for those of an older Dateline, which kept them alone."""

    id: str  # of the WARC record
    url: str
    at: datetime
    capture: Capture | None
    body: bytes

    @property
    def target(self) -> str:
        """Its address. A line break in a broken one would begin a header of the record's own."""
        return self.url if public_url(self.url) == self.url else f"urn:x-dateline:{quote(one_line(self.url))}"


def record_id(guid: str, number: int, part: int) -> str:
    """The same for the same part of the same revision."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'dateline:{guid}/{number}/{part}')}>"


def warc_of(answers: Sequence[KeptAnswer], guid: str, number: int) -> bytes:
    """The records of a revision's answers, gzipped one by one, after a warcinfo; always the same bytes."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    about = _ABOUT.encode()
    told = {"WARC-Record-ID": record_id(guid, number, -1), "WARC-Date": _date(answers[0].at)}
    writer.write_record(writer.create_warc_record("", "warcinfo", BytesIO(about), len(about), warc_headers_dict=told))
    for one in answers:
        told = {"WARC-Record-ID": one.id, "WARC-Date": _date(one.at)}
        kind, content_type, head = "resource", "application/octet-stream", None
        if one.capture is not None:
            kind, content_type, head = "response", "", _head(one.capture, len(one.body))
        writer.write_record(
            writer.create_warc_record(
                one.target,
                kind,
                BytesIO(one.body),
                len(one.body),
                warc_content_type=content_type,
                warc_headers_dict=told,
                http_headers=head,
            )
        )
    return out.getvalue()


def _head(capture: Capture, length: int) -> StatusAndHeaders:
    phrase = HTTPStatus(capture.status).phrase if capture.status in HTTPStatus._value2member_map_ else ""
    headers = [
        (f"{SERVED}{name}" if name.lower() in _OF_THE_WIRE else name, value)
        for name, value in ((_line(name).replace(":", ""), _line(value)) for name, value in capture.headers)
    ]
    headers.append(("Content-Length", str(length)))
    return StatusAndHeaders(f"{capture.status} {phrase}".strip(), headers, protocol="HTTP/1.1")


def _line(text: str) -> str:
    """A header's name or value without what would end its line."""
    return "".join(" " if ord(one) < 32 or ord(one) == 127 else one for one in text).strip()


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
