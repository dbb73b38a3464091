"""What photos.js does in a real browser, under our Content-Security-Policy, with an answering machine as the server."""

from io import BytesIO
from random import Random

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from repairs.photos import ORIENTATION_TAG

SCRIPT = (settings.BASE_DIR / "static" / "js" / "photos.js").read_text(encoding="utf-8")
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
FORM = """<!doctype html><meta charset="utf-8"><title>Photos</title>
<form method="post" action="/next/" id="step"><input type="hidden" name="csrfmiddlewaretoken" value="the-token">
<textarea name="words"></textarea>
<input type="file" name="photos" multiple required accept="image/*" data-photo-upload data-url="/photos/?draft=1"
 data-target="#list" data-max="3" data-max-bytes="1000000" data-text-progress="Sending {name}"
 data-text-failed="{name} did not arrive" data-text-retry="Again" data-text-full="No room for {name}"
 data-text-heavy="{name} is too heavy"><div id="list"></div></form>
<button form="step">Next</button><script src="/photos.js" defer></script>"""


class Server:
    """Answers like ours: a [data-photo] for each photo it has, a sentence for a refused one."""

    def __init__(self, page: Page) -> None:
        self.page, self.mood = page, "well"
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.complaints: list[str] = []
        self.kept = self.forms = 0
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("http://anju.test/**", self.answer)
        page.goto("http://anju.test/")

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix("http://anju.test")
        if path == "/":
            route.fulfill(body=FORM, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        elif path == "/photos.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif path == "/photos/?draft=1":
            self.take(route)
        else:
            self.forms += 1
            route.fulfill(body=f"Next page, {self.kept} photos", content_type="text/html")

    def take(self, route: Route) -> None:
        if self.mood == "gone":
            return route.abort()
        if self.mood == "ill":
            return route.fulfill(status=500, body="<h1>Server error</h1>", content_type="text/html")
        if self.mood == "slow":
            self.page.wait_for_timeout(700)
        body = route.request.post_data_buffer or b""
        self.bodies.append(body)
        self.headers.append(route.request.headers)
        refused = b'filename="bad' in body
        self.kept += not refused
        sentence = "<p data-photo-refusal>Refused</p>" if refused else ""
        return route.fulfill(body=sentence + "<b data-photo>Photo</b>" * self.kept, content_type="text/html")


@pytest.fixture
def server(page: Page) -> Server:
    return Server(page)


def jpeg(width: int = 300, height: int = 200, orientation: int = 1) -> bytes:
    image = Image.frombytes("RGB", (60, 40), Random(1).randbytes(7200)).resize((width, height))
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    buffer = BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def choose(page: Page, **files: bytes) -> None:
    chosen: list[FilePayload] = [
        {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": content} for name, content in files.items()
    ]
    page.set_input_files("[type=file]", chosen)


def picture_in(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body[body.index(b"\xff\xd8") :]))


def test_a_photo_is_shrunk_before_it_is_sent(page: Page, server: Server) -> None:
    choose(page, big=jpeg(3000, 2000))
    expect(page.locator("[data-photo]")).to_have_count(1)
    assert picture_in(server.bodies[0]).size == (2048, 1366)
    assert b'name="csrfmiddlewaretoken"\r\n\r\nthe-token' in server.bodies[0]
    assert b'name="photos"; filename="big.jpg"' in server.bodies[0]
    assert server.headers[0]["hx-request"] == "true"
    assert page.input_value("[type=file]") == ""
    assert server.complaints == []


def test_a_photo_held_upright_arrives_upright(page: Page, server: Server) -> None:
    choose(page, upright=jpeg(3000, 2000, orientation=6))
    expect(page.locator("[data-photo]")).to_have_count(1)
    assert picture_in(server.bodies[0]).size == (1366, 2048)


def test_what_the_browser_cannot_open_is_sent_as_it_is(page: Page, server: Server) -> None:
    choose(page, heic=b"ftypheic and so on", small=jpeg())
    expect(page.locator("[data-photo]")).to_have_count(2)
    assert b"\r\n\r\nftypheic and so on\r\n" in server.bodies[0]
    assert jpeg() in server.bodies[1]


def test_what_stays_too_heavy_is_not_sent(page: Page, server: Server) -> None:
    choose(page, film=bytes(1_000_001), good=jpeg())
    expect(page.get_by_text("film.jpg is too heavy")).to_be_visible()
    expect(page.locator("[data-photo]")).to_have_count(1)
    assert len(server.bodies) == 1


def test_more_photos_than_there_is_room_for_are_named(page: Page, server: Server) -> None:
    choose(page, a=jpeg(), b=jpeg())
    expect(page.locator("[data-photo]")).to_have_count(2)
    choose(page, c=jpeg(), d=jpeg())
    expect(page.get_by_text("No room for d.jpg")).to_be_visible()
    expect(page.locator("[data-photo]")).to_have_count(3)
    assert len(server.bodies) == 3


@pytest.mark.parametrize("mood", ["gone", "ill"])
def test_a_photo_that_did_not_arrive_can_be_sent_again(mood: str, page: Page, server: Server) -> None:
    server.mood = mood
    page.fill("textarea", "The pipe leaks")
    choose(page, a=jpeg(), b=jpeg())
    expect(page.get_by_text("a.jpg did not arrive")).to_be_visible()
    server.mood = "well"
    page.get_by_role("button", name="Again").click()
    expect(page.locator("[data-photo]")).to_have_count(2)
    expect(page.get_by_text("did not arrive")).to_have_count(0)
    assert page.input_value("textarea") == "The pipe leaks"


def test_a_refusal_is_still_there_after_the_next_photo(page: Page, server: Server) -> None:
    choose(page, bad=jpeg(), good=jpeg())
    expect(page.locator("[data-photo]")).to_have_count(1)
    expect(page.locator("[data-photo-refusal]")).to_have_count(1)
    choose(page, better=jpeg())
    expect(page.locator("[data-photo]")).to_have_count(2)
    expect(page.locator("[data-photo-refusal]")).to_have_count(0)


def test_next_waits_for_the_photos_on_their_way(page: Page, server: Server) -> None:
    server.mood = "slow"
    choose(page, a=jpeg(), b=jpeg())
    expect(page.get_by_role("progressbar", name="Sending a.jpg")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Next page, 2 photos")).to_be_visible()
    assert server.forms == 1


def test_next_stays_where_there_is_a_refusal_to_read(page: Page, server: Server) -> None:
    server.mood = "slow"
    choose(page, bad=jpeg())
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Refused")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert server.forms == 0
