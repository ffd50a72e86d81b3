"""A service's result, checked before a byte of it is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from analytics_gateway.image_validation import InvalidImage, check_png, check_svg
from common.analysis_messages import AnalysisResult, parts_sha256
from common.errors import Invalid


@dataclass(frozen=True)
class Result:
    """A complete and harmless result."""

    data: dict[str, Any]
    svg: str
    png: bytes

    @classmethod
    def read(cls, text: bytes, svg: bytes, png: bytes, sha256: str = "") -> Self:
        """Checks shape, checksums and images. Raises Invalid that names the part.

        `sha256` covers the three parts; services of an early release send none.
        """
        if sha256 and sha256 != parts_sha256(text, svg, png):
            raise Invalid({"sha256": ["The upload was damaged in transit."]})
        try:
            data = AnalysisResult.from_json(text).to_dict()
        except ValueError as error:
            raise Invalid({"result": [str(error)]}) from error
        return cls(data, check_image("svg", check_svg, svg), check_image("png", check_png, png))

    @property
    def time_zone(self) -> str:
        """The time zone that the service used."""
        return str(self.data["lineage"]["time_zone"])

    def require_zone(self, time_zone: str) -> None:
        """Raises Invalid if the service used another time zone. Empty: its attempt began in an early release,
        which stored none."""
        if time_zone and self.time_zone != time_zone:
            raise Invalid({"result": [f"Its time zone must be {time_zone}."]})


def check_image(field: str, check: Callable[[bytes], Any], raw: bytes) -> Any:
    try:
        return check(raw)
    except InvalidImage as error:
        raise Invalid({field: [f"The image was refused: {error}."]}) from error
