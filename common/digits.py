"""Numbers in plain digits."""


def parse_digits(text: str, max_digits: int) -> int | None:
    """The number, or None unless the text is 1 to `max_digits` of the digits 0 to 9.

    int() also accepts +1, 1_0, spaces and digits of other scripts.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= max_digits else None
