"""A service's result, checked before a byte of it is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from analytics_gateway.image_validation import InvalidImage, check_png, check_svg
from common.analysis_messages import AnalysisResult, parts_sha256
from common.errors import Invalid


@dataclass(frozen=True)
class Result:
    """A result that is complete and harmless."""

    data: dict[str, Any]
    svg: str
    png: bytes

    @classmethod
    def read(cls, text: bytes, svg: bytes, png: bytes, sha256: str = "") -> Self:
        """Checks shape, checksums and pictures. Raises Invalid that names the part.

        `sha256` covers the three parts; services of an early release send none.
        """
        if sha256 and sha256 != parts_sha256(text, svg, png):
            raise Invalid({"sha256": ["It was damaged in transit."]})
        try:
            data = AnalysisResult.from_json(text).to_dict()
        except ValueError as error:
            raise Invalid({"result": [str(error)]}) from error
        return cls(data, check("svg", check_svg, svg), check("png", check_png, png))

    @property
    def time_zone(self) -> str:
        """The zone in which it was counted."""
        return str(self.data["lineage"]["time_zone"])

    def require_zone(self, time_zone: str) -> None:
        """Raises Invalid if it was counted in another time zone. Empty: its attempt began in an early
        release, which stored none."""
        if time_zone and self.time_zone != time_zone:
            raise Invalid({"result": [f"It must be counted in {time_zone}."]})


def check(field: str, check_picture: Callable[[bytes], Any], raw: bytes) -> Any:
    try:
        return check_picture(raw)
    except InvalidImage as error:
        raise Invalid({field: [f"The picture was refused: {error}."]}) from error
