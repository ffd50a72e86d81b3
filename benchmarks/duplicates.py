"""Shares of duplicates found, without and with the sentence model: `python -m benchmarks.duplicates`."""

from tests.support.duplicate_pairs import find_meanings, measure_pairs, read_lines


def main() -> None:
    lines = read_lines()
    print("without the sentence model:", measure_pairs(lines))
    print("with it:", measure_pairs(lines, find_meanings(lines)))


if __name__ == "__main__":
    main()
