"""A browser that reports something, step by step, as a person would."""

import json
import re
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from repairs.drafts import COOKIE
from repairs.models import ReportDraft, Ticket

PHONE = "+8619900007777"


class Reporter:
    """One browser, signed in or not. Every press answers the address it leads to."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def get(self, address: str) -> str:
        """The page at an address of ours, or where it leads."""
        return self.client.get(address, follow=True).content.decode()

    def press(self, name: str, *args: object, **fields: Any) -> str:
        """Send a form; the address the answer leads to."""
        answer = self.client.post(reverse(f"repairs:{name}", args=args), fields)
        assert answer.status_code == 302, answer.content.decode()[:2000]
        return str(answer["Location"])

    @property
    def draft(self) -> ReportDraft:
        """The draft this browser is writing."""
        return ReportDraft.objects.get(key=self.client.cookies[COOKIE].value.partition(".")[0])

    def takes(self, draft: ReportDraft) -> "Reporter":
        """Go on with a draft as if this browser had written it."""
        self.client.cookies[COOKIE] = f"{draft.key}.{draft.browser}"
        return self

    def answers_everything(self) -> None:
        """ "Not sure" to every question that is still open."""
        while "/question/" in (address := self.next()):
            self.client.post(address, {"answer": "unsure"})

    def next(self) -> str:
        """Where the draft leads to."""
        from repairs.report_steps import Progress

        return Progress(self.draft).next_address()

    def code(self) -> str:
        """The last code that was sent."""
        lines = settings.SMS_FILE.read_text().splitlines()
        found = re.search(r"\d{6}", json.loads(lines[-1])["text"])
        assert found
        return found.group()

    def asks_for_a_code(self, phone: str = "199 0000 7777") -> str:
        """Name and number of somebody who is not signed in."""
        return self.press("report_who_save", contact_name="陈", contact_phone=phone, agreed="on")

    def sent(self) -> Ticket:
        """The ticket this browser's draft became."""
        ticket = self.draft.ticket
        assert ticket is not None
        return ticket
