"""Invented names. Streets are real; estates, organisations, people and telephone numbers are not."""

from random import Random

EXAMPLE = "（示例）"

# Code, short name, English name: the eight streets of Licheng in the order of their codes.
STREETS = [
    ("350502001", "海滨", "Haibin"),
    ("350502002", "临江", "Linjiang"),
    ("350502003", "鲤中", "Lizhong"),
    ("350502004", "开元", "Kaiyuan"),
    ("350502005", "浮桥", "Fuqiao"),
    ("350502006", "江南", "Jiangnan"),
    ("350502007", "金龙", "Jinlong"),
    ("350502008", "常泰", "Changtai"),
]
COMMUNITIES = {
    "海滨": ["观潮社区", "听涛社区"],
    "临江": ["水门社区", "竹巷社区", "望江社区"],
    "鲤中": ["榕荫社区", "石坊社区", "灯下社区"],
    "开元": ["梧桐社区", "莲心社区"],
    "浮桥": ["帆影社区", "渡口社区"],
    "江南": ["柳岸社区", "新田社区", "霞光社区"],
    "金龙": ["龙眼社区", "麦园社区"],
    "常泰": ["山脚社区", "常青社区"],
}
# Communities that have no organisation of their own: there the street office answers when nobody else does.
WITHOUT_OFFICE = {"望江社区", "灯下社区", "渡口社区", "麦园社区"}

# Place, work unit or virtue + kind, some with a phase: in the order estates are built; the first is the demo's own.
ESTATES = [
    "水门新村", "竹巷宿舍", "临江花园", "和睦苑", "粮油宿舍", "榕荫小区",
    "观潮公寓", "供销宿舍", "光明新村", "海棠花园", "渔具厂宿舍", "崇文小区",
    "梧桐苑", "针织厂宿舍", "友爱小区", "莲心花园", "石坊公寓", "邮电宿舍",
    "团结新村", "帆影花园", "木器厂宿舍", "安康小区", "柳岸新村一期", "柳岸新村二期",
    "糖厂宿舍", "霞光公寓", "新田小区", "明德苑", "龙眼园小区", "搪瓷厂宿舍",
    "麦园新村", "朝阳公寓", "文明小区", "常青花园", "山脚新村", "印刷厂宿舍",
    "德风苑", "百合花园", "勤俭小区", "运输队宿舍",
]  # fmt: skip
# What more estates are put together from, when a bigger town is asked for.
_PLACES = [
    "东街", "西湖", "北门", "南岳", "塔前", "桥头", "井亭", "河滨", "龟山", "凤池", "云麓", "浮桥头", "后茂", "坂头",
    "纺织厂", "电机厂", "面粉厂", "教师", "医药", "轻工", "地质队", "文化", "水产", "建筑公司",
    "和平", "建设", "幸福", "长寿", "仁和", "尚贤", "敦厚", "广益",
]  # fmt: skip
_KINDS = ["新村", "宿舍", "公寓", "小区", "苑", "花园"]
_PHASES = ["", "一期", "二期", "三期", "四期", "五期", "六期", "七期", "八期", "九期", "十期"]
MOST_ESTATES = len(ESTATES) + len(_PLACES) * len(_KINDS) * len(_PHASES)
# The organisations that manage: name and whether it is a home affairs service centre.
CENTRES = ["水门家园服务中心", "开元家园服务中心", "江南家园服务中心", "金龙家园服务中心"]
COMPANIES = ["清荷物业", "广厦人家物业", "安心里物业", "东篱物业", "同舟物业", "好邻居物业"]
CLOSED_COMPANY = "旧时光物业"
CONTRACTOR = "鲤城筑安修缮工程队"
UTILITIES = ["自来水抢修班", "供电抢修班", "燃气抢修班"]

_SURNAMES = "陈林黄吴蔡王许张李郑庄洪苏傅曾杨郭谢何叶潘施赖柯尤"
_GIVEN = [
    "秀英", "建国", "志强", "丽华", "文辉", "美玲", "金水", "阿香", "国栋",
    "惠兰", "伟民", "淑珍", "明德", "碧云", "天福", "小燕", "海燕", "建平",
    "玉珠", "永昌", "雅婷", "志明", "宝珠", "春生", "婉如", "俊杰", "月娥",
    "清泉", "晓东", "梅芳", "荣华", "彩霞", "木生", "少芬", "宗翰", "巧玲",
]  # fmt: skip
_SENIOR = ["阿婆", "阿公", "阿姨", "大叔"]
TRADES = ["水电师傅", "泥瓦师傅", "电工", "疏通师傅", "综合维修"]
ROOMS = ["厨房", "卫生间", "阳台", "主卧", "客厅"]


def estates(count: int) -> list[str]:
    """`count` different names of estates, the demo's own first; the phases of the rest come last."""
    more = (f"{place}{kind}{phase}" for phase in _PHASES for kind in _KINDS for place in _PLACES)
    return [*ESTATES, *more][:count]


def person(random: Random, *, senior: float = 0.15) -> str:
    """A made-up name; some people give only a surname and how they are called."""
    surname = random.choice(_SURNAMES)
    return surname + (random.choice(_SENIOR) if random.random() < senior else random.choice(_GIVEN))


def spoken_floor(floor: int) -> str:
    """五楼"""
    return f"{'零一二三四五六七八九'[floor % 10]}楼"
