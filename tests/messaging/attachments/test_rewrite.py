"""The program that writes photos anew, with a made file of every kind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from messaging.attachments.rewrite import PhotoRefused, rewrite
from tests.support.photos import GPS_BYTES, PHOTOS, PLANTED, encode, picture

ROOT = Path(__file__).parents[3]
MARKERS = (b"Exif", b"http://ns.adobe.com/xap", b"XMP", b"GPS", b"MPF", b"ftyp", b"<script>")


def is_near(found: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("name", PHOTOS)
def test_made_photo_is_prepared_or_refused(name, tmp_path):
    made = PHOTOS[name]
    source, large, small = tmp_path / "photo.png", tmp_path / "large", tmp_path / "small"
    source.write_bytes(made.make())
    if made.refusal:
        with pytest.raises(PhotoRefused, match=made.refusal):
            rewrite(source, large, small)
        assert not large.exists()
        return
    assert rewrite(source, large, small) == made.size
    for path, longest in ((large, 2560), (small, 480)):
        content = path.read_bytes()
        assert not [text for text in (PLANTED, *GPS_BYTES, *MARKERS) if text in content]
        with Image.open(path) as written:
            written.load()
            assert (written.format, getattr(written, "n_frames", 1)) == ("JPEG", 1)
            assert max(written.size) == min(longest, max(made.size))
            corner = written.convert("RGB").getpixel((written.width // 4, written.height // 4))
            assert is_near(corner, made.at)
            assert ("icc_profile" in written.info) == made.has_profile
            assert written.getexif() == {}


def run_program(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "messaging.attachments.rewrite", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True)


def test_program_prints_what_it_found(tmp_path):
    source, large, small = tmp_path / "source", tmp_path / "large", tmp_path / "small"
    source.write_bytes(encode(picture(), "JPEG"))
    assert json.loads(run_program(source, large, small).stdout) == {"width": 120, "height": 80}
    source.write_bytes(b"no photo")
    assert "not a photo" in json.loads(run_program(source, large, small).stdout)["refused"]
    assert run_program(source).returncode != 0
