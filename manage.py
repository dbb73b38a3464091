#!/usr/bin/env python
"""The project's commands: `python manage.py help`."""

import os
import sys

from config import postgres


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    postgres.prepare_or_exit(command=sys.argv[1] if len(sys.argv) > 1 else "help")

    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018 - loads the settings, so that a missing value is one sentence
    except ImproperlyConfigured as missing:
        sys.exit(str(missing))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
