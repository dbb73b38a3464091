"""Reading a text that stands in two columns in the language in use."""

from typing import Generic, Self, TypeVar, overload

from django.db import models
from django.utils.translation import get_language

T = TypeVar("T")


class Bilingual(Generic[T]):
    """Reads `<name>_zh` or `<name>_en` after the language in use; Chinese where English is empty."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: models.Model, owner: type) -> T: ...
    def __get__(self, row: models.Model | None, owner: type) -> Self | T:
        if row is None:
            return self
        chinese: T = getattr(row, f"{self.name}_zh")
        english: T = getattr(row, f"{self.name}_en")
        return english if english and (get_language() or "zh").startswith("en") else chinese
