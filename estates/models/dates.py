"""Rows that hold from a first day to a last one, both included; an open end has no last day."""

import datetime

from django.db.models import Q


def holds_on(day: datetime.date) -> Q:
    """The rows in force on `day`."""
    return Q(starts_on__lte=day) & (Q(ends_on__isnull=True) | Q(ends_on__gte=day))
