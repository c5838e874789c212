"""Every recorded page (made-up text in a site's true structure) is read as its JSON file beside it says."""

import json
from pathlib import Path

import pytest

from crawler.fault import LookFault
from tests.sites.recorded import page_of, read

HERE = Path(__file__).parent
RECORDED = sorted(HERE.glob("*/*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_recorded_page_is_read_as_expected(path: Path) -> None:
    """A site's file is chosen by host, reads what the page says, and names the fault of a page that is no article."""
    record = json.loads(path.read_text())
    page = page_of(path.with_suffix(".html").read_bytes(), record)
    if "fault" in record:
        with pytest.raises(LookFault) as raised:
            read(page, record["reads"])
        assert raised.value.outcome == record["fault"]
    else:
        found = read(page, record["reads"])
        assert {key: found.get(key) for key in record["expected"]} == record["expected"]


def test_every_site_file_has_recorded_pages() -> None:
    """A new site is held by at least one recorded article and one recorded listing."""
    sites = {path.stem for path in (HERE.parents[1] / "crawler" / "sites").glob("*.py")} - {"__init__"}
    for site in sites:
        kinds = {json.loads(path.read_text())["reads"] for path in (HERE / site).glob("*.json")}
        assert kinds == {"article", "listing"}, f"record pages under tests/sites/{site}/"
