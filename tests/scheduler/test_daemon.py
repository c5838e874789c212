"""What the daemon does with a config that it takes over while it runs."""

import asyncio
from pathlib import Path

from scheduler.config import load_config
from scheduler.daemon import Daemon


async def test_another_data_folder_waits_for_the_next_start(tmp_path: Path) -> None:
    """The worker, too, works with the old one until then: in the new one there is no database."""
    path = tmp_path / "config.toml"
    path.write_text('[daemon]\ndata = "one"\n')
    daemon = Daemon(load_config(path))
    try:
        path.write_text('[daemon]\ndata = "two"\n\n[crawler]\ndelay = "7s"\n')
        await daemon.reload()
        told = daemon._supervisor.settings
        assert (told.data, told.store_url) == (f"{tmp_path}/one", f"sqlite:///{tmp_path}/one/dateline.db")
        assert told.crawler.delay.total_seconds() == 7
    finally:
        await asyncio.to_thread(daemon._writer.close)
        daemon._store.close()
        assert daemon._lock
        daemon._lock.close()
