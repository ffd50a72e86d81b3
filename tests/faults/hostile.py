"""Values that people and programs should not send, and do: texts, moments, periods, headers."""

from hypothesis import strategies as st

from tickets.texts import LONGEST_PLACE, LONGEST_TEXT

BIDI = "\u202e\u2066\u200f\u061c\u2069"
RUN = "e" + "\u0301\u0327\u20dd" * 40
EMOJI = "\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f4\U000e0067\U000e0062\U000e007f \u2764\ufe0f"
PLANES = "\u0000A\u00e9\u4e2d\U0001f600\U00020000\U000e0041\U000f0000\U0010ffff"
SPACES = "\u2003\u3000\u200b\ufeff\u00a0\u2028\u0085"
MARKUP = "<script>alert(1)</script>{{7*7}}{% now %}&amp;'\";--%00%0a"

SAMPLES = st.sampled_from(
    [
        *(
            "",
            " ",
            "\r\n",
            "\x00",
            "a\x00b",
            "\ud800",
            "a\udfff",
            "\u3164",
            "\u0301",
            BIDI,
            SPACES,
            "A\r\n\r\nb\r",
        ),
        *(
            "a" + BIDI + "b",
            RUN,
            EMOJI,
            PLANES.replace("\x00", ""),
            PLANES,
            MARKUP,
            "0",
            "-1",
            "null",
            "\x1b[31m",
        ),
    ]
)
LETTERS = st.text(st.characters(), max_size=30)  # surrogates too: JSON can escape them
LENGTHS = st.sampled_from([LONGEST_TEXT - 1, LONGEST_TEXT, LONGEST_TEXT + 1]).map(lambda length: "x" * length)
PLACE_LENGTHS = st.sampled_from([LONGEST_PLACE, LONGEST_PLACE + 1]).map(lambda length: "é" * length)
TEXTS = st.one_of(LETTERS, SAMPLES, LENGTHS)
PLACES = st.one_of(st.sampled_from(["", "Main hall", "B 12"]), LETTERS, SAMPLES, PLACE_LENGTHS)
