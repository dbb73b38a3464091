"""The worker of the queue `messages`, with a thread for everything that may have to wait for somebody outside."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from repairs.lanes import THREADS


async def work(**how: Any) -> None:
    """Until told to stop. Tasks run in the loop's own threads, of which Python makes only a few more than there are
    processors: so many lanes that hang would keep the others waiting."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="lane"))
    async with app.open_async():
        await app.run_worker_async(queues=["messages"], concurrency=THREADS, name="messenger", **how)


def run(**how: Any) -> None:
    """The same with connections of its own, from outside any loop."""
    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()):
        asyncio.run(work(**how))


class Command(BaseCommand):
    """`manage.py messenger`."""

    help = "Deliver messages, each company's in a lane of its own."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop."""
        run()
