"""The words offices use for the fixed choices of organisations, managements and staff; the first is what we write."""

import re
import unicodedata
from typing import TypeVar

from django.db import models

from accounts.roles import Role
from estates.models import ManagementMode, OrganisationKind
from estates.register.files import Value
from estates.register.reasons import RowRefused

_Choice = TypeVar("_Choice", bound=models.TextChoices)

ORGANISATION_KINDS: dict[OrganisationKind, str] = {
    OrganisationKind.COMPANY: "物业企业 物业公司 物业 物业服务企业",
    OrganisationKind.HOME_CENTRE: "家园事务服务中心 家园服务中心 家园中心",
    OrganisationKind.COMMUNITY: "社区 居委会 社区居委会",
    OrganisationKind.STREET_OFFICE: "街道办 街道办事处 街道",
    OrganisationKind.DISTRICT_OFFICE: "区级部门 区 区住建局 区办",
    OrganisationKind.CONTRACTOR: "施工单位 施工企业 维修单位 工程单位",
    OrganisationKind.UTILITY: "水电气 水电气单位 供水 供电 燃气 水务 电力",
    OrganisationKind.MUNICIPAL: "市政部门 市政 市政单位 市政公用 城管 环卫",
}
MODES: dict[ManagementMode, str] = {
    ManagementMode.COMPANY: "物业企业 物业公司 物业 专业物业 物业管理 市场化物业",
    ManagementMode.HOME_CENTRE: "家园事务服务中心 家园服务中心 家园中心",
    ManagementMode.FALLBACK: "社区托底 托底 社区 社区兜底 兜底",
    ManagementMode.NOBODY: "无人管理 无 无物业 无管理",
}
ROLES: dict[Role, str] = {
    Role.GRID_WORKER: "网格员",
    Role.DISPATCHER: "调度员 调度 派单员 客服",
    Role.WORKER: "师傅 维修工 维修员 维修师傅 维修人员",
    Role.MANAGER: "经理 主任 负责人 主管 管理员",
    Role.COMMUNITY_OFFICER: "社区干部 社区工作人员 社区",
    Role.STREET_OFFICER: "街道工作人员 街道干部 街道",
    Role.DISTRICT_OFFICER: "区级工作人员 区干部 区",
}


def written(known: dict[_Choice, str], choice: _Choice) -> str:
    """The word we write for a choice."""
    return known[choice].split()[0]


def understood(known: dict[_Choice, str], value: Value) -> _Choice:
    """The choice a cell means; raises RowRefused."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", "" if value is None else str(value))).lower()
    for choice in known:
        if text in (*known[choice].split(), choice.value):
            return choice
    raise RowRefused("not_choice", text=text, known=[each.split()[0] for each in known.values()])
