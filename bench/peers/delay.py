"""A proxy that passes bytes on after a delay, both ways.

Usage: delay.py PORT MS [HOST]
"""

import asyncio
import sys

from events import tell

target, delay = int(sys.argv[1]), float(sys.argv[2]) / 1000
host = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    on_the_way = asyncio.Queue()

    async def deliver():
        while True:
            due, data = await on_the_way.get()
            await asyncio.sleep(due - loop.time())
            if not data:
                return writer.close()
            writer.write(data)  # without delay: asyncio sets TCP_NODELAY

    delivery = asyncio.create_task(deliver())
    data = b"."
    while data:
        data = await reader.read(1 << 18)
        on_the_way.put_nowait((loop.time() + delay, data))
    await delivery


async def serve(reader, writer):
    there, back = await asyncio.open_connection(host, target)
    await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    tell("listening", port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
