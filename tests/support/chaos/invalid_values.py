"""Invalid and unusual values for generated requests: texts, times, periods, headers."""

from hypothesis import strategies as st

from django_common.text_validation import MAX_LOCATION_LENGTH, MAX_TEXT_LENGTH

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
LETTERS = st.text(st.characters(), max_size=30)  # including surrogates, which JSON can escape
LENGTHS = st.sampled_from([MAX_TEXT_LENGTH - 1, MAX_TEXT_LENGTH, MAX_TEXT_LENGTH + 1]).map(
    lambda length: "x" * length
)
LOCATION_LENGTHS = st.sampled_from([MAX_LOCATION_LENGTH, MAX_LOCATION_LENGTH + 1]).map(
    lambda length: "é" * length
)
TEXTS = st.one_of(LETTERS, SAMPLES, LENGTHS)
LOCATIONS = st.one_of(st.sampled_from(["", "Main hall", "B 12"]), LETTERS, SAMPLES, LOCATION_LENGTHS)

MOMENTS = st.sampled_from(
    [
        *(
            "2026-03-29T02:30:00",
            "2026-03-29T02:30:00+01:00",
            "2026-10-25T02:30:00Z",
            "2026-10-25",
            "2024-02-29",
        ),
        *(
            "2026-02-29",
            "0001-01-01",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31",
        ),
        *(
            "9999-12-31T23:59:59-12:00",
            "10000-01-01",
            "2026-13-01",
            "2026-01-01T25:00:00Z",
            "now",
            "1e9",
            "-1",
        ),
        *("2026-03-29T00:59:59.999999Z", "2026-06-30T23:59:60Z", "2026-01-01T00:00:00+99:99", "٢٠٢٦-٠١-٠١"),
    ]
)
PERIODS = st.sampled_from(
    [
        *(
            "24h",
            "7d",
            "1h",
            "3650d",
            "3651d",
            "0h",
            "-1h",
            "-0d",
            "1.5h",
            f"{10**30}d",
            f"{10**30}h",
            "1e3d",
        ),
        *("h", "d", "7 d", "７d", "24H", "0.000001h", "NaN", "inf", "P7D", "24h7d", f"{'9' * 5000}d"),
    ]
)
MONTHS = st.sampled_from(
    [
        "2026-03",
        "2025-01",
        "0001-01",
        "9999-12",
        "1899-12",
        "2026-00",
        "2026-13",
        "2026-3",
        "２０２６-03",
        "x",
    ]
)
NUMBERS = st.sampled_from(
    ["0", "1", "-1", "100", "101", "9" * 18, "9" * 19, "9" * 400, "1.0", "1e3", "+1", "٣", " 7"]
)
CHOICES = st.sampled_from(
    ["open", "closed", "OPEN", "it", "food", "true", "false", "active-by-category", "unresolved", "weekly-0"]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "If-Match": st.sampled_from(['"1"', "1", "*", 'W/"1"', '"1", "2"', "9" * 30, "-1", "é", '"', ""]),
        "Idempotency-Key": st.sampled_from(["k", "k", "", " ", "x" * 200, "x" * 201, "é", "a\tb"]),
        "Accept": st.sampled_from(
            ["*/*", "text/html", "application/json", "text/csv", "image/png", "x", "", "text/*;q=nan"]
        ),
        "Authorization": st.sampled_from(["Bearer x", "Bearer", "Basic eA==", "Bearer a.b.c", "é"]),
        "HX-Request": st.just("true"),
        "If-None-Match": st.sampled_from(["*", '"x"', "é"]),
        "X-Request-ID": st.sampled_from(["x", "x" * 500, "a b", "é"]),
        "X-Forwarded-For": st.sampled_from(["1.2.3.4", "x", "1.2.3.4, 5.6.7.8", "::1"]),
        "X-Forwarded-Proto": st.sampled_from(["https", "x"]),
        "X-HTTP-Method-Override": st.just("DELETE"),
        "Accept-Language": st.sampled_from(["de", "ar", "x" * 100, "*"]),
        "Range": st.sampled_from(["bytes=0-1", "x"]),
    },
)
TYPES = st.sampled_from(
    [
        *(
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain",
            "",
            "x",
        ),
        *("application/json; charset=utf-16", "multipart/form-data; boundary=x", "application/xml", "é/é"),
        *(
            "application/x-www-form-urlencoded; charset=utf-7",
            "application/x-www-form-urlencoded; charset=nope",
        ),
    ]
)
VALUES = st.one_of(TEXTS, LOCATIONS, MOMENTS, PERIODS, MONTHS, NUMBERS, CHOICES)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), VALUES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "name"]), inner, max_size=3)
    ),
    max_leaves=6,
)
DEEP = st.sampled_from(
    [b"[" * 100_000, b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b"\xff\xfe", b"{", b"", b"null"]
)
