"""Which columns a sheet of each kind has, under which words offices write them, and where the header stands."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from estates.models import RegisterKind
from estates.register.files import Formula, Line, Value
from estates.register.reasons import FileRefused

HEADER_WITHIN = 30
_NEEDED_TO_BE_A_HEADER = 2


@dataclass(frozen=True)
class Column:
    """A column we understand; `fills` means an empty cell may stand for the one above it."""

    field: str
    title: str
    words: tuple[str, ...]
    required: bool = True
    fills: bool = False

    @property
    def heading(self) -> str:
        """The word we write over it ourselves."""
        return self.words[0]


def _column(field: str, title: str, words: str, *, required: bool = True, fills: bool = False) -> Column:
    return Column(field, title, tuple(words.split()), required, fills)


_STREET = _column(
    "street", _("Street"), "街道 街道名称 街镇 乡镇 乡镇街道 街道办 街道办事处 街道(镇) street", fills=True
)
_COMMUNITY = _column(
    "community", _("Community"), "社区 社区名称 社区村 社区(村) 居委会 村居 社区居委会 community", fills=True
)
_ESTATE = "小区名称 小区 名称 小区名 住宅小区 老旧小区 老旧小区名称 项目名称 院落 院落名称 estate"
_FROM = _column("starts_on", _("From"), "起 开始 起始 开始日期 起始日期 生效日期 起始时间 开始时间 自 入职日期 from")
_TO = _column(
    "ends_on",
    _("To"),
    "止 结束 截止 结束日期 截止日期 终止日期 到期日期 结束时间 到期时间 至 离职日期 to",
    required=False,
)
_ORGANISATION = "单位名称 单位 名称 机构名称 机构 组织名称 企业名称 公司名称 organisation"

COLUMNS: dict[RegisterKind, tuple[Column, ...]] = {
    RegisterKind.DWELLINGS: (
        _STREET,
        _COMMUNITY,
        _column("estate", _("Estate"), _ESTATE, fills=True),
        _column(
            "building",
            _("Building"),
            "楼栋 幢号 楼号 栋号 楼栋号 幢 栋 座 座号 楼幢 楼幢号 幢楼号 号楼 楼栋名称 楼宇 楼 栋幢号 building",
            fills=True,
        ),
        _column(
            "entrance",
            _("Entrance"),
            "梯号 单元 梯 单元号 梯位 梯座 楼梯 楼道 楼道号 门道 单元(梯) 单元梯号 梯单元 单元梯 entrance",
            fills=True,
        ),
        _column(
            "dwelling",
            _("Flat"),
            "户号 房号 室号 房间号 门牌号 房屋号 户室号 室 房 户 房室号 单元房号 门号 户室 dwelling",
        ),
        _column("floor", _("Floor"), "所在层 楼层 所在楼层 层 层次 层号 所在层数 所在层次 floor", required=False),
        _column(
            "area", _("Floor area"), "建筑面积 面积 房屋面积 产权面积 套面积 房屋建筑面积 户面积 area", required=False
        ),
        _column(
            "kind", _("Use"), "用途 房屋用途 使用性质 房屋性质 性质 类型 房屋类型 使用用途 类别 kind", required=False
        ),
        _column(
            "year",
            _("Year built"),
            "建成年份 建成年代 建造年份 建造年代 竣工年份 建成时间 竣工时间 建设年代 建设年份 年份 年代 房龄年份 year",
            required=False,
        ),
    ),
    RegisterKind.ORGANISATIONS: (
        _column("name", _("Organisation"), _ORGANISATION),
        _column("kind", _("Kind"), "类别 单位类别 类型 单位类型 性质 单位性质 机构类别 kind"),
        _column("phone", _("Telephone"), "电话 值班电话 联系电话 电话号码 联系方式 服务电话 phone"),
    ),
    RegisterKind.MANAGEMENTS: (
        _column("street", _STREET.title, " ".join(_STREET.words), required=False, fills=True),
        _column("community", _COMMUNITY.title, " ".join(_COMMUNITY.words), required=False, fills=True),
        _column("estate", _("Estate or zone"), _ESTATE + " 联片 管理单元 片区"),
        _column(
            "organisation",
            _("Organisation"),
            "单位 单位名称 管理单位 物业公司 物业企业 物业服务企业 服务单位 管理单位名称 organisation",
        ),
        _column("mode", _("How it is managed"), "管理方式 管理模式 方式 模式 管理类型 mode"),
        _FROM,
        _TO,
    ),
    RegisterKind.STAFF: (
        _column("username", _("Username"), "用户名 账号 帐号 登录名 工号 username"),
        _column("name", _("Name"), "姓名 人员姓名 员工姓名 name"),
        _column("organisation", _("Organisation"), _ORGANISATION + " 所属单位 工作单位"),
        _column("role", _("Role"), "角色 岗位 职务 职责 role"),
        _column("trade", _("Trade"), "工种 专业 技能 trade", required=False),
        _FROM,
        _TO,
    ),
}


@dataclass(frozen=True)
class Header:
    """Where the header stands and what was understood of it; indexes from 0."""

    kind: RegisterKind
    first_row: int
    last_row: int
    titles: list[str]
    columns: dict[str, int]

    @property
    def missing(self) -> list[str]:
        """Titles of the columns that have to be there and are not."""
        return missing_columns(self.kind, self.columns)

    @property
    def score(self) -> tuple[bool, int, int, int]:
        """The better the header, the larger; one row rather than two, the upper rather than the lower."""
        return not self.missing, len(self.columns), self.first_row - self.last_row, -self.first_row


def missing_columns(kind: RegisterKind, chosen: Iterable[str]) -> list[str]:
    """Titles of what `kind` needs beyond what is chosen."""
    known = set(chosen)
    return [column.title for column in COLUMNS[kind] if column.required and column.field not in known]


def heading_key(value: Value) -> str:
    """A heading as words are compared: half-width, without spaces, stars, units and "所属"."""
    if value is None or isinstance(value, Formula):
        return ""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value))).lower()
    text = re.sub(r"\((?:单位.*?|m2|m²|平方米|平米|㎡|必填|选填|可选|年|层|元|示例.*?)\)", "", text)
    text = re.sub(r"[*:：、/\\·_-]|m2$|㎡$", "", text)
    return re.sub(r"^(?:所属|所在(?=街道|社区|小区))", "", text)


def _find(kind: RegisterKind, headings: list[tuple[str, ...]]) -> dict[str, int]:
    """Fields by column; of several columns that would do, the one whose word stands first in our list."""
    found: dict[str, int] = {}
    taken: set[int] = set()
    for column in COLUMNS[kind]:
        best: tuple[int, int] | None = None
        for index, spellings in enumerate(headings):
            ranks = [column.words.index(each) for each in spellings if each in column.words]
            if ranks and index not in taken and (best is None or (min(ranks), index) < best):
                best = (min(ranks), index)
        if best:
            found[column.field] = best[1]
            taken.add(best[1])
    return found


def _one_row(line: Line) -> list[tuple[str, ...]]:
    return [(heading_key(value),) for value in line.cells]


def _two_rows(above: Line, below: Line) -> list[tuple[str, ...]]:
    width = max(len(above.cells), len(below.cells))
    tops = [heading_key(value) for value in above.cells] + [""] * (width - len(above.cells))
    lows = [heading_key(value) for value in below.cells] + [""] * (width - len(below.cells))
    both = [(low, top + low, low + top) if low and low != top else (top,) for top, low in zip(tops, lows, strict=True)]
    return [tuple(each for each in spellings if each) for spellings in both]


def _titles(lines: list[Line]) -> list[str]:
    width = max(len(line.cells) for line in lines)
    titles = []
    for index in range(width):
        parts = [str(line.cells[index]).strip() for line in lines if index < len(line.cells) and line.cells[index]]
        titles.append(" · ".join(dict.fromkeys(" ".join(part.split()) for part in parts)))
    while titles and not titles[-1]:
        titles.pop()
    return titles


def find_header(top: list[Line], kind: RegisterKind | None = None) -> Header | None:
    """The best header among the first lines of a sheet (merged cells already filled), one or two rows deep."""
    found: list[Header] = []
    for each in [kind] if kind else list(RegisterKind):
        for position, line in enumerate(top):
            columns = _find(each, _one_row(line))
            if len(columns) > _NEEDED_TO_BE_A_HEADER:
                found.append(Header(each, line.number, line.number, _titles([line]), columns))
            if position + 1 == len(top) or not _find(each, _one_row(top[position + 1])):
                continue
            below = top[position + 1]
            both = _find(each, _two_rows(line, below))
            if len(both) > max(len(columns), _NEEDED_TO_BE_A_HEADER):
                found.append(Header(each, line.number, below.number, _titles([line, below]), both))
    return max(found, key=lambda header: header.score, default=None)


def no_header(kind: RegisterKind | None) -> FileRefused:
    """What is said when there is none."""
    words = "、".join(column.heading for column in COLUMNS[kind or RegisterKind.DWELLINGS] if column.required)
    return FileRefused("no_header", words=words, rows=HEADER_WITHIN)
