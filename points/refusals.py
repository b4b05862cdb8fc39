"""Refusals: every "no" of the product has a stable code and a plain sentence.

A service refuses by raising a subclass of `Refusal`. Programs (tests, the API, logs) read `code`; people
read the sentence, which says why and, where it can, what to do now.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.functional import Promise


class Refusal(ValidationError):
    """A coded refusal. Keyword arguments fill the named placeholders of `sentence`."""

    refusal_code: ClassVar[str] = "refused"
    sentence: ClassVar[str | Promise] = "Refused."

    def __init__(self, **params: Any) -> None:
        super().__init__(self.sentence, code=self.refusal_code, params=params or None)  # type: ignore[arg-type]
        self.context = params

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "refusal_code" not in cls.__dict__ or "sentence" not in cls.__dict__:
            raise TypeError(f"{cls.__name__} needs a refusal_code and a sentence")

    def as_text(self) -> str:
        """The sentence in the reader's language."""
        return " ".join(self.messages)
