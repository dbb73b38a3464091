"""Tickets on their way to another organisation, each moved by the verbs themselves: one for every answer there is."""

from django.db.models import F

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation, OrganisationKind
from estates.models.organisation import OrganisationQuerySet
from repairs import actions
from repairs.demo.scenes import ACCEPTED, ASKED, OFFERED, OUTSIDE, TURNED_DOWN
from repairs.handovers import destinations, recorders
from repairs.models import Handover, Message, Ticket

_WHY = {
    OUTSIDE: "漏点在总表前面，属于供水管网，请抢修。",
    OFFERED: "总表前的管道渗水，请抢修班来看。",
    ACCEPTED: "围墙连着贵单位管的小区，由贵单位修更快。",
    TURNED_DOWN: "排水井通到贵单位那边，可能是贵单位的管段。",
    ASKED: "这段共用管道由贵中心养护，请接手。",
}


def hand_over(centre: Organisation, tickets: dict[str, Ticket]) -> None:
    """`tickets` by their scene (`scenes.HANDED`): as far as each offer has come."""
    offers = {scene: _offer(scene, ticket.pk, centre) for scene, ticket in tickets.items()}
    outside, accepted, turned_down = (offers[scene] for scene in (OUTSIDE, ACCEPTED, TURNED_DOWN))
    (by, *_others) = recorders(outside.ticket)
    words = {"reference": "抢修-1124-07", "note": "对方说今天派人来。"}
    actions.pass_outside(outside.ticket, by=by, seen=outside.pk, **words)
    actions.accept(accepted, by=_dispatcher(accepted.to_organisation), note="收到，先去看现场。")
    why = "查过图纸，不在我们的管段，请贵单位自行处理。"
    actions.turn_down(turned_down, by=_dispatcher(turned_down.to_organisation), note=why)
    # As if the carrier had taken them: the demo sends nothing.
    Message.objects.unsent().filter(ticket__in=tickets.values()).update(sent_at=F("created_at"), next_try_at=None)


def _dispatcher(organisation: Organisation) -> User:
    return access.appointed(organisation, Permission.TICKET_ASSIGN)[0].person


def _offer(scene: str, key: int, centre: Organisation) -> Handover:
    ticket = Ticket.objects.for_page().get(pk=key)
    to = centre if scene == ASKED else _receiver(scene, destinations(ticket))
    actions.offer(ticket, by=_dispatcher(ticket.organisation), to=to, note=_WHY[scene])
    return Handover.objects.offered().for_page().get(ticket=ticket)


def _receiver(scene: str, known: OrganisationQuerySet) -> Organisation:
    """A utility nobody of which is in Anju, or a manager who answers here."""
    if scene in {OUTSIDE, OFFERED}:
        return known.filter(kind=OrganisationKind.UTILITY).order_by("-name")[0]
    return known.filter(access.staffed(Permission.TICKET_ASSIGN), kind=OrganisationKind.COMPANY)[0]
