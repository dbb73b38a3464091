"""The small town every test knows: named places, organisations and people, and Nadia, who must see nothing.

水门新村 (estate) is managed by 水门家园服务中心; 竹巷宿舍 has nobody, so its community keeps it; 临江花园 has a
company. Everybody's password is `PASSWORD`.
"""

import datetime
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import User
from accounts.roles import Role
from estates.models import (
    Appointment,
    Building,
    Community,
    District,
    Dwelling,
    Entrance,
    Estate,
    Management,
    ManagementMode,
    Organisation,
    OrganisationKind,
    Residence,
    ResidenceKind,
    Street,
)
from estates.places import Place, place_of
from repairs import actions, photos
from repairs.catalogue.loader import load_catalogue
from repairs.models import Booking, Category, Photo, RepairType, ReportDraft, Shift, Team, Ticket
from repairs.slots import next_slots
from repairs.windows import produce
from repairs.workflow import Channel, Urgency, is_lower

PASSWORD = "Shuimen-2611-brick"
LONG_AGO = datetime.date(2020, 1, 1)
MIGRATIONS = Path(__file__).parent.parent / "repairs" / "migrations"
_phones = count(19900001000)


def first_pledges() -> None:
    """What the house promises, which a test that empties every table takes away."""
    name = next(path.stem for path in MIGRATIONS.glob("*_pledges_seeded.py"))
    import_module(f"repairs.migrations.{name}").seed(apps)


def _organisation(kind: OrganisationKind, name: str) -> Organisation:
    return Organisation.objects.create(kind=kind, name=name, phone="0595-2228 0119")


def _staff(username: str, name: str, organisation: Organisation, role: Role, trade: str = "") -> User:
    user = User.objects.create_user(username=username, password=PASSWORD, display_name=name)
    Appointment.objects.create(person=user, organisation=organisation, role=role, trade=trade, starts_on=LONG_AGO)
    return user


def resident(name: str, *dwellings: Dwelling) -> User:
    """A person with a phone, living in `dwellings`."""
    user = User.objects.create_user(phone=f"+86{next(_phones)}", display_name=name)
    for dwelling in dwellings:
        Residence.objects.create(person=user, dwelling=dwelling, kind=ResidenceKind.OWNER, starts_on=LONG_AGO)
    return user


@dataclass
class Town:
    """Places, organisations and people by name."""

    linjiang: Street = field(init=False)
    haibin: Street = field(init=False)
    centre: Organisation = field(init=False)
    company: Organisation = field(init=False)
    community_office: Organisation = field(init=False)
    shuimen: Estate = field(init=False)
    zhuxiang: Estate = field(init=False)
    garden: Estate = field(init=False)
    building3: Building = field(init=False)
    stair2: Entrance = field(init=False)
    flat502: Dwelling = field(init=False)
    flat501: Dwelling = field(init=False)

    def __post_init__(self) -> None:
        load_catalogue()
        first_pledges()
        self._government()
        self._places()
        self._people()

    def _government(self) -> None:
        kind = OrganisationKind
        self.district = District.objects.create(
            code="350502",
            name_zh="鲤城区",
            name_en="Licheng",
            office=_organisation(kind.DISTRICT_OFFICE, "鲤城区住建局（示例）"),
        )
        self.linjiang = self._street("350502002", "临江", "Linjiang")
        self.haibin = self._street("350502001", "海滨", "Haibin")
        self.community_office = _organisation(kind.COMMUNITY, "新门社区居委会（示例）")
        self.xinmen = Community.objects.create(
            street=self.linjiang, name="新门社区", organisation=self.community_office
        )
        self.seaside = Community.objects.create(street=self.haibin, name="水仙社区")
        self.centre = _organisation(kind.HOME_CENTRE, "水门家园服务中心（示例）")
        self.company = _organisation(kind.COMPANY, "清源物业（示例）")

    def _street(self, code: str, short: str, english: str) -> Street:
        office = _organisation(OrganisationKind.STREET_OFFICE, f"{short}街道办（示例）")
        return Street.objects.create(
            district=self.district,
            code=code,
            name_zh=f"{short}街道",
            name_en=f"{english} Street",
            short_name=short,
            office=office,
        )

    def _places(self) -> None:
        mode = ManagementMode
        self.shuimen = Estate.objects.create(community=self.xinmen, name="水门新村（示例）", year_built=1987)
        self.zhuxiang = Estate.objects.create(community=self.xinmen, name="竹巷宿舍（示例）", year_built=1979)
        self.garden = Estate.objects.create(community=self.seaside, name="临海花园（示例）", year_built=1996)
        manage = Management.objects.create
        manage(estate=self.shuimen, organisation=self.centre, mode=mode.HOME_CENTRE, starts_on=LONG_AGO)
        manage(estate=self.garden, organisation=self.company, mode=mode.COMPANY, starts_on=LONG_AGO)
        self.building3 = Building.objects.create(estate=self.shuimen, label="3幢", storeys=7)
        self.stair2 = Entrance.objects.create(building=self.building3, label="2梯")
        self.flat501, self.flat502 = (
            Dwelling.objects.create(entrance=self.stair2, label=label, floor=5) for label in ("501", "502")
        )
        self.lane_stair = self._stair(self.zhuxiang)
        self.garden_stair = self._stair(self.garden)
        self.lane_flat = Dwelling.objects.create(entrance=self.lane_stair, label="101", floor=1)
        self.garden_flat = Dwelling.objects.create(entrance=self.garden_stair, label="301", floor=3)

    @staticmethod
    def _stair(estate: Estate) -> Entrance:
        return Entrance.objects.create(building=Building.objects.create(estate=estate, label="1号楼"), label="1梯")

    def _people(self) -> None:
        self.chen = resident("陈阿婆", self.flat502)
        self.neighbour = resident("吴邻居", self.flat501)
        self.nadia = resident("娜佳")
        self.lin = _staff("lin", "林秀英", self.centre, Role.DISPATCHER)
        self.wang = _staff("wang", "王建国", self.centre, Role.WORKER, "水电师傅")
        self.guo = _staff("guo", "郭志强", self.centre, Role.WORKER, "电工")
        self.manager = _staff("manager", "黄经理", self.centre, Role.MANAGER)
        self.other_dispatcher = _staff("qing", "苏清", self.company, Role.DISPATCHER)
        self.grid_worker = _staff("grid", "许网格", self.community_office, Role.GRID_WORKER)
        self.clerk = _staff("clerk", "蔡社区", self.community_office, Role.DISPATCHER)
        self.community_officer = _staff("community", "柯干部", self.community_office, Role.COMMUNITY_OFFICER)
        self.street_officer = _staff("street", "郑科长", self.linjiang.office, Role.STREET_OFFICER)
        self.other_street_officer = _staff("street2", "傅科长", self.haibin.office, Role.STREET_OFFICER)
        self.district_officer = _staff("district", "区主任", self.district.office, Role.DISTRICT_OFFICER)
        self.admin = User.objects.create_superuser(username="admin", password=PASSWORD, display_name="管理员")

    # ------------------------------------------------------------------ what happens in it
    def team(self, name: str = "水电班", *trades: str, capacity: int = 2, held_back: int = 0, **fields: Any) -> Team:
        """Wang and Guo, every day but Sunday in the four default windows, with windows produced ahead."""
        organisation = fields.pop("organisation", self.centre)
        team = Team.objects.create(organisation=organisation, name=name, held_back=held_back, **fields)
        team.trades.set(Category.objects.filter(code__in=trades))
        if organisation == self.centre:
            team.members.set([self.wang, self.guo])
        Shift.objects.bulk_create(
            Shift(
                team=team, weekday=weekday, starts=datetime.time(hour), ends=datetime.time(hour + 2), capacity=capacity
            )
            for weekday in range(6)
            for hour in (8, 10, 14, 16)
        )
        produce(team)
        return team

    def booked(self, ticket: Ticket | None = None, **fields: Any) -> Booking:
        """The first free time, booked by Chen."""
        ticket = ticket or self.ticket()
        actions.book(ticket, by=ticket.reporter, starts_at=next_slots(ticket, 1)[0].starts_at, **fields)
        return Booking.objects.live().get(ticket=ticket)

    def type(self, code: str = "DRN-PIPE") -> RepairType:
        """A type of the catalogue."""
        return RepairType.objects.get(code=code)

    def draft(self, *, place: Place | None = None, words: str = "厨房下水管漏水", **fields: Any) -> ReportDraft:
        """A report ready to be sent."""
        fields.setdefault("repair_type", self.type())
        return ReportDraft.objects.create(
            touched_at=timezone.now(),
            place=(place or place_of(self.flat502)).ref,
            words=words,
            words_done=True,
            **fields,
        )

    def ticket(self, *, by: User | None = None, place: Place | None = None, **fields: Any) -> Ticket:
        """A ticket just reported, by default by Chen from flat 502."""
        by = by or self.chen
        fields.setdefault("contact_phone", by.phone or "")
        fields.setdefault("contact_name", by.display_name)
        return self.seen(actions.file_report(self.draft(place=place, **fields), by=by))

    @staticmethod
    def seen(ticket: Ticket) -> Ticket:
        """The ticket as a page reads it."""
        return Ticket.objects.for_page().get(pk=ticket.pk)

    def acknowledged(self, urgency: str = Urgency.NORMAL, **fields: Any) -> Ticket:
        """Taken up by Lin, who says why where it is less urgent than reported."""
        ticket = self.ticket(**fields)
        note = "看过了，可以等一等" if is_lower(urgency, ticket.urgency) else ""
        actions.acknowledge(ticket, by=self.lin, repair_type=ticket.repair_type, urgency=urgency, note=note)
        return self.seen(ticket)

    def assigned(self, **fields: Any) -> Ticket:
        """Given to Wang."""
        ticket = self.acknowledged(**fields)
        actions.assign(ticket, by=self.lin, worker=self.wang)
        return self.seen(ticket)

    def on_site(self, **fields: Any) -> Ticket:
        """Wang is there."""
        ticket = self.assigned(**fields)
        actions.arrive(ticket, by=self.wang)
        return self.seen(ticket)

    def endangered(self) -> Ticket:
        """Wang is there, and it is dangerous."""
        return self.on_site(urgency=Urgency.DANGER)

    def planned(self) -> Ticket:
        """Given to Wang; its plan is not posted yet."""
        return self.assigned(urgency=Urgency.PLANNED)

    def finished(self, **fields: Any) -> Ticket:
        """Wang says it is done."""
        ticket = self.on_site(**fields)
        actions.finish(ticket, by=self.wang, photos=[self.photo(ticket, self.wang)], note="换了一段下水管")
        return self.seen(ticket)

    def photo(self, ticket: Ticket | None = None, by: User | None = None, draft: ReportDraft | None = None) -> Photo:
        """A stored picture waiting for the next thing said about `ticket`, or belonging to `draft`."""
        ready = photos.read_photo(picture())
        return Photo.objects.create(
            key=photos.store_photo(ready),
            ticket=ticket,
            draft=draft,
            uploaded_by=by,
            created_at=timezone.now(),
            width=ready.width,
            height=ready.height,
            small_width=ready.small_width,
            small_height=ready.small_height,
            sha256=ready.sha256,
        )

    def proxy(self, **fields: Any) -> Ticket:
        """Reported by Lin at the desk for Chen, who agreed."""
        return self.ticket(
            by=self.lin,
            channel=Channel.PHONE,
            contact_phone=self.chen.phone,
            contact_name="陈阿婆",
            contact_agreed=True,
            **fields,
        )


def picture(name: str = "照片.jpg", size: tuple[int, int] = (640, 480)) -> SimpleUploadedFile:
    """A small real JPEG."""
    buffer = BytesIO()
    Image.new("RGB", size, (162, 64, 45)).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")
