"""How phones, names and usernames are shown to those who need not know them in full (DOMAIN.md, Privacy)."""

import unicodedata

import phonenumbers


def mask_phone(phone: str | None) -> str:
    """`+8613812345678` → `138****5678`; other countries keep their code; nothing stays nothing."""
    if not phone:
        return ""
    try:
        number = phonenumbers.parse(phone, "CN")
    except phonenumbers.NumberParseException:
        return "****"
    digits = phonenumbers.national_significant_number(number)
    start = digits[:3] if number.country_code == 86 else f"+{number.country_code} "
    return f"{start}****{digits[-4:]}" if len(digits) > 7 else f"{start}****"


def mask_email(address: str) -> str:
    """`chen.dawen@example.com` → `c****@example.com`; nothing stays nothing."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}****@{domain}" if at else ""


def mask_name(name: str) -> str:
    """`陈大文` → `陈**`, `John Smith` → `J***`; the surname or first letter stays, never more than that."""
    name = name.strip()
    if not name:
        return ""
    if _is_chinese(name[0]):
        return name[0] + "*" * min(max(len(name) - 1, 1), 2)
    return name[0].upper() + "***"


def mask_login(typed: str) -> str:
    """What was typed as a username, for the log: someone may have typed a phone or a password there."""
    typed = typed.strip()
    return typed[:2] + "***" if len(typed) > 3 else "***" if typed else ""


def _is_chinese(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("CJK UNIFIED IDEOGRAPH")
