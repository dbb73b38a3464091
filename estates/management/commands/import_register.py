"""`import_register FILE`: the preview; `--apply` brings it in. Ends with 1 when the file can't be used, else with 0."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from estates import access
from estates.models import RegisterKind
from estates.register import work
from estates.register.plan import COUNTED, Plan
from estates.register.reasons import FileRefused, sentence


class Command(BaseCommand):
    """Bring in a register at the console, with the whole register in reach."""

    help = "Preview what a register file (.xlsx, .csv) would change; with --apply, change it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="bring it in, all or nothing")
        parser.add_argument("--json", action="store_true", help="print counts and refused rows as JSON")
        parser.add_argument("--kind", choices=RegisterKind.values, help="what the rows are; guessed from the header")
        parser.add_argument("--sheet", default="", help="the sheet to read; the one with the best header")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            path: Path = options["file"]
            if not path.is_file():
                raise CommandError(_("There is no file %(path)s.") % {"path": path})
            try:
                kind, plan = self._run(path, options)
            except FileRefused as refused:
                raise CommandError(sentence(refused.code, refused.words)) from None
            said = self._json(kind, plan) if options["json"] else self._words(kind, plan, applied=options["apply"])
            self.stdout.write(said)

    @staticmethod
    def _run(path: Path, options: dict[str, Any]) -> tuple[RegisterKind, Plan]:
        wanted = RegisterKind(options["kind"]) if options["kind"] else None
        choice = work.look_at(path, path.name, wanted, options["sheet"])
        rows = work.read(path, path.name, choice, work.quiet)
        if options["apply"]:
            return choice.kind, work.bring_in(path, choice, rows)
        return choice.kind, work.planned(rows, choice, access.whole_register(), work.quiet)[1]

    @staticmethod
    def _json(kind: RegisterKind, plan: Plan) -> str:
        counts = plan.counts(kind)
        refused = [{"row": each.row, "reason": sentence(each.code, each.words)} for each in plan.refused]
        told = {"new": counts["new"], "changed": counts["changed"], "unchanged": counts["unchanged"]}
        return json.dumps(told | {"refused": refused, "vanished": plan.vanished}, ensure_ascii=False)

    @staticmethod
    def _words(kind: RegisterKind, plan: Plan, *, applied: bool) -> str:
        counts = plan.counts(kind)
        lines = [_("Brought in.") if applied else _("Preview; nothing was changed. Add --apply to bring it in.")]
        new = _(", ").join(f"{each} {counts['new'][each]}" for each in COUNTED[kind])
        lines.append(
            _("New: %(new)s. Changed: %(changed)s. Unchanged: %(unchanged)s. Refused: %(refused)s.")
            % {"new": new, **{each: counts[each] for each in ("changed", "unchanged", "refused")}}
        )
        reasons = [(each.row, sentence(each.code, each.words)) for each in plan.refused]
        lines += [_("Row %(row)s: %(reason)s") % {"row": row, "reason": reason} for row, reason in reasons]
        if plan.vanished:
            lines.append(_("In the register but not in the file (nothing is deleted):"))
            lines += [f"  {each}" for each in plan.vanished]
        return "\n".join(lines)
