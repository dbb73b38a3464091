"""The photos of recent and open tickets, drawn by the program: how it looked before, and after the repair."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from repairs import photos
from repairs.demo.story import Story
from repairs.drawings import draw_photo
from repairs.models import Photo, TicketEvent
from repairs.workflow import State


def hang_pictures(stories: list[Story], most: int, random: Random) -> None:
    """At most `most` pictures: those of open tickets first, then the newest of the closed ones."""
    newest_first = sorted(stories, key=lambda story: (story.ticket.state == State.CLOSED, -story.ticket.pk))
    wanted = [each for story in newest_first for each in _wanted(story, random)][:most]
    # Drawing lets go of the interpreter's lock, so that both cores draw; rows are written here, in order.
    with ThreadPoolExecutor(max_workers=2) as pool:
        drawn = list(pool.map(_draw, wanted))
    Photo.objects.bulk_create([_photo(each, *picture) for each, picture in zip(wanted, drawn, strict=True)])


class _Wanted(NamedTuple):
    """A picture to draw: for which event, of which scene, broken or repaired."""

    event: TicketEvent
    seed: int
    after: bool


def _wanted(story: Story, random: Random) -> Iterator[_Wanted]:
    """The events of a story that come with photos; the same place before and after."""
    seed = story.ticket.pk * 10
    for event in story.events:
        if event.verb == "report" and random.random() < 0.85:
            yield from (_Wanted(event, seed + number, after=False) for number in range(random.choice([1, 1, 2])))
        elif event.verb == "finish":
            yield _Wanted(event, seed, after=True)


def _draw(wanted: _Wanted) -> tuple[uuid.UUID, photos.ReadyPhoto]:
    code = wanted.event.ticket.repair_type.code
    upload = SimpleUploadedFile("demo.jpg", draw_photo(code, wanted.seed, after=wanted.after))
    ready = photos.read_photo(upload)
    return photos.store_photo(ready), ready


def _photo(wanted: _Wanted, key: uuid.UUID, ready: photos.ReadyPhoto) -> Photo:
    event = wanted.event
    return Photo(
        key=key,
        ticket=event.ticket,
        event=event,
        uploaded_by=event.by,
        created_at=event.at,
        width=ready.width,
        height=ready.height,
        small_width=ready.small_width,
        small_height=ready.small_height,
        sha256=ready.sha256,
    )
