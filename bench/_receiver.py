"""A receiver of webhooks on 127.0.0.1 that takes everything, but never answers at /hanging; prints its port."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web


async def main() -> None:
    async def receive(request: web.BaseRequest) -> web.Response:
        await request.read()
        if request.path == "/hanging":
            await asyncio.sleep(3600)
        return web.Response(status=204)

    runner = web.ServerRunner(web.Server(receive, handler_cancellation=True, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


asyncio.run(main())
