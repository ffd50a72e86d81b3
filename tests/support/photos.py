"""Made photos: each format and each strange thing that phones send, with what must come of it.

PLANTED stands wherever a file can carry more than pixels: nothing of it may be left in a prepared photo.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

PLANTED = b"PLANTED-48.137154-11.576124"
TEXT = PLANTED.decode()
GPS_DEGREES = (
    IFDRational(48),
    IFDRational(8),
    IFDRational(137154, 10007),
)  # the odd number is searched for in the bytes
GPS_BYTES = (struct.pack(">II", 137154, 10007), struct.pack("<II", 137154, 10007))
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><gps>{TEXT}</gps></x:xmpmeta>'.encode()
RED, GREEN, BLUE = (220, 40, 40), (40, 200, 60), (40, 60, 210)
UNKNOWN, DAMAGED, PIXELS = "not a photo", "damaged", "megapixels"
# Red, 8064 x 6048: its encoding takes a minute.
LARGE_HEIC = Path(__file__).with_name("photo_of_48_megapixels.heic")

pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class Made:
    """make: the file. refusal: part of the sentence if it must be refused, else `size` of the large picture
    and the colour `at` its upper left quarter. has_profile: whether the colour profile must be kept."""

    make: Callable[[], bytes]
    refusal: str = ""
    size: tuple[int, int] = (120, 80)
    at: tuple[int, int, int] = RED
    has_profile: bool = False


def picture(mode: str = "RGB", size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red above left, green above right, blue below."""
    image = Image.new("RGB", size, BLUE)
    draw, (width, height) = ImageDraw.Draw(image), size
    draw.rectangle((0, 0, width // 2, height // 2), RED)
    draw.rectangle((width // 2, 0, width, height // 2), GREEN)
    return image.convert(mode)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112], tags[0x010E], tags[0x013B] = orientation, TEXT, TEXT
    tags.get_ifd(0x8825).update({1: "N", 2: GPS_DEGREES, 3: "E", 4: GPS_DEGREES})
    return tags.tobytes()


@cache
def wide_profile() -> bytes:
    """An RGB profile, as Display P3 of a phone is one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png_header(width: int, height: int) -> bytes:
    """The begin of a PNG that claims these pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + png_chunk(b"IDAT", zlib.compress(b"0" * 1000))
        + png_chunk(b"IEND", b"")
    )


def claim_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The same file, with other numbers in its frame header."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def png_with_text() -> bytes:
    notes = PngInfo()
    notes.add_text("Comment", TEXT)
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return encode(picture(), "PNG", pnginfo=notes, exif=exif())


def grey_16_bit() -> bytes:
    """Half as bright as white: a careless conversion makes it white."""
    return encode(Image.new("I;16", (120, 80), 32768), "PNG")


def mpo() -> bytes:
    """As a phone writes it: the photo, then a second image."""
    second = Image.new("RGB", (60, 40), "white")
    return encode(picture(), "MPO", save_all=True, append_images=[second], exif=exif())


def heic(image: Image.Image, **options: Any) -> bytes:
    return encode(image, "HEIF", quality=options.pop("quality", 90), **options)


def heic_of_two() -> bytes:
    return heic(picture(), save_all=True, append_images=[Image.new("RGB", (60, 40), "white")])


def heic_10_bit() -> bytes:
    file = pillow_heif.from_bytes(mode="RGB;16", size=(120, 80), data=bytes([0, 200, 0, 40, 0, 40]) * 9600)
    target = BytesIO()
    file.save(target, quality=90)
    return target.getvalue()


def animated(kind: str) -> bytes:
    others = [Image.new("RGB", (120, 80), "white") for _ in range(2)]
    return encode(picture(), kind, save_all=True, append_images=others, duration=100)


def cut(content: bytes) -> bytes:
    return content[: len(content) * 6 // 10]


def noisy(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Compresses badly, so that a cut file lacks pixels."""
    return Image.effect_noise(size, 90).convert("RGB")


def photo_of(megapixels: int) -> bytes:
    """A photo as a phone takes it: 4 by 3."""
    side = int((megapixels * 1_000_000 / 12) ** 0.5)
    return encode(picture(size=(4 * side, 3 * side)), "JPEG", quality=80)


CLIP = b"\x00\x00\x00\x18ftypmp42" + PLANTED * 50
PHOTOS: dict[str, Made] = {
    "jpeg": Made(lambda: encode(picture(), "JPEG")),
    "jpeg grey": Made(lambda: encode(picture("L"), "JPEG"), at=(100, 100, 100)),
    "jpeg progressive": Made(lambda: encode(picture(), "JPEG", progressive=True)),
    "jpeg with position": Made(lambda: encode(picture(), "JPEG", exif=exif())),
    "jpeg with position in xmp": Made(lambda: encode(picture(), "JPEG", xmp=XMP)),
    "jpeg with comment": Made(lambda: encode(picture(), "JPEG", comment=PLANTED)),
    "jpeg on its side": Made(lambda: encode(picture(), "JPEG", exif=exif(6)), size=(80, 120), at=BLUE),
    "jpeg mirrored": Made(lambda: encode(picture(), "JPEG", exif=exif(2)), at=GREEN),
    "jpeg with profile": Made(
        lambda: encode(picture(), "JPEG", icc_profile=wide_profile()), has_profile=True
    ),
    "jpeg with a planted profile": Made(lambda: encode(picture(), "JPEG", icc_profile=PLANTED * 20)),
    "jpeg with a profile for grey": Made(
        lambda: encode(picture("L"), "JPEG", icc_profile=wide_profile()), at=(100, 100, 100)
    ),
    "jpeg cmyk": Made(lambda: encode(picture("CMYK"), "JPEG", exif=exif())),
    "jpeg with a clip behind": Made(lambda: encode(picture(), "JPEG") + CLIP),
    "jpeg with a page behind": Made(lambda: encode(picture(), "JPEG") + b"<script>" + PLANTED + b"</script>"),
    "jpeg of 12 megapixels": Made(lambda: photo_of(12), size=(2560, 1920)),
    "jpeg of 51 megapixels": Made(lambda: claim_size(encode(picture(), "JPEG"), 8300, 6200), PIXELS),
    "jpeg cut": Made(lambda: cut(encode(noisy(), "JPEG")), DAMAGED),
    "mpo": Made(mpo),
    "png": Made(lambda: encode(picture(), "PNG")),
    "png with text": Made(png_with_text),
    "png transparent": Made(
        lambda: encode(Image.new("RGBA", (120, 80), (0, 0, 0, 0)), "PNG"), at=(255, 255, 255)
    ),
    "png of a palette": Made(lambda: encode(picture("P"), "PNG")),
    "png of 1 bit": Made(lambda: encode(Image.new("1", (120, 80), 1), "PNG"), at=(255, 255, 255)),
    "png of 16 bits": Made(grey_16_bit, at=(128, 128, 128)),
    "png animated": Made(lambda: animated("PNG")),
    "png 1 x 20000": Made(lambda: encode(Image.new("RGB", (1, 20000), RED), "PNG"), size=(1, 2560)),
    "png of a billion pixels": Made(lambda: png_header(40000, 30000), PIXELS),
    "png without pixels": Made(lambda: png_header(400, 300), DAMAGED),
    "png cut": Made(lambda: cut(encode(noisy(), "PNG")), DAMAGED),
    "webp": Made(lambda: encode(picture(), "WEBP", quality=95)),
    "webp with position": Made(lambda: encode(picture(), "WEBP", quality=95, exif=exif(), xmp=XMP)),
    "webp animated": Made(lambda: animated("WEBP")),
    "webp cut": Made(lambda: cut(encode(noisy(), "WEBP")), DAMAGED),
    "heic": Made(lambda: heic(picture())),
    "heic with position": Made(lambda: heic(picture(), exif=exif(), xmp=XMP)),
    "heic on its side": Made(lambda: heic(picture(), exif=exif(6)), size=(80, 120), at=BLUE),
    "heic with profile": Made(lambda: heic(picture(), icc_profile=wide_profile()), has_profile=True),
    "heic of two images": Made(heic_of_two),
    "heic of 48 megapixels": Made(LARGE_HEIC.read_bytes, size=(2560, 1920)),
    "heic cut": Made(lambda: cut(heic(noisy())), DAMAGED),
    "avif": Made(lambda: encode(picture(), "AVIF", quality=95)),
    "avif with position": Made(lambda: encode(picture(), "AVIF", quality=95, exif=exif(), xmp=XMP)),
    "avif cut": Made(lambda: cut(encode(noisy(), "AVIF")), UNKNOWN),
    "gif": Made(lambda: encode(picture("P"), "GIF"), UNKNOWN),
    "bmp": Made(lambda: encode(picture(), "BMP"), UNKNOWN),
    "tiff": Made(lambda: encode(picture(), "TIFF"), UNKNOWN),
    "svg": Made(lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', UNKNOWN),
    "clip": Made(lambda: CLIP, UNKNOWN),
    "text": Made(lambda: PLANTED, UNKNOWN),
}
