"""What granian serves: `granian --interface wsgi config.wsgi:application`."""

import os

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from config import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
postgres.prepare_or_exit()
application = get_wsgi_application()
if wrong := run_checks(tags=["carriers"]):
    raise ImproperlyConfigured(" ".join(f"{each.msg} {each.hint or ''}".strip() for each in wrong))
