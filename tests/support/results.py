"""A result as it travels from a worker to the gateway."""

from msgspec.structs import asdict

from common.analysis_messages import AnalysisResult, Column, Headline, Lineage, result_sha256

COLUMNS = [Column("category", "Category", ""), Column("hours", "Mean", "hours")]
ROWS = [["it", 1.5], ["$x_{", None], ["<script>", 1e-7]]
HEADLINE = Headline(3, "tickets", "tickets")


def make_result() -> AnalysisResult:
    sha256 = result_sha256([asdict(column) for column in COLUMNS], ROWS, asdict(HEADLINE))
    lineage = Lineage("2026-03-15T12:00:00Z", "Europe/Berlin", 7, "all", "count", "1.0.0", sha256)
    return AnalysisResult("A title", COLUMNS, ROWS, HEADLINE, ["A note 🛗"], "An alternative text", lineage)
