"""A reader's own wording in a channel's table: compiled, and tried on a made-up message, where the config is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

from scheduler.sample import variables
from scheduler.template import LONGEST_TEMPLATE, Template, TemplateFault


def _validated(value: object, info: ValidationInfo) -> Template:
    if isinstance(value, Template):
        return value
    if not isinstance(value, str):
        raise ValueError('no text: write the template itself or "file:PATH"')
    if value.startswith("file:"):
        value = _from_file(Path((info.context or {}).get("folder", ".")) / Path(value[5:]).expanduser())
    try:
        template = Template(info.field_name or "text", value)
        template.render(variables())
    except TemplateFault as fault:
        raise ValueError(f"as a template: {fault}") from None
    return template


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST_TEMPLATE + 1)
    except (OSError, UnicodeDecodeError) as reason:
        why = reason.strerror if isinstance(reason, OSError) else "not UTF-8"
        raise ValueError(f"the file {path} cannot be read: {why}") from None


# The template's text or "file:PATH", counted from the config's folder; a fault in it stops the start.
OwnWording = Annotated[Template, PlainValidator(_validated)]
