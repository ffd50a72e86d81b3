"""Writes a photo anew, from its pixels, in two sizes. A program of its own: it reads what strangers send.

    python -m messaging.attachments.rewrite SOURCE LARGE SMALL

It prints one JSON object: {"width", "height"} of the large size, or {"refused": sentence}. Only pixels and
colour profile are kept: no metadata, no position, no second image, no clip. Decoding decides what a file is,
never its name.
"""

import json
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from common.photo_limits import MAX_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
LARGE, SMALL = 2560, 480  # pixels of the longer side
QUALITY = 85
MAX_PROFILE_BYTES = 64 * 1024
UNKNOWN = "This is not a photo in JPEG, PNG, WebP, HEIC or AVIF format, or it is damaged."
DAMAGED = "The file is damaged or incomplete."
TOO_MANY_PIXELS = f"The photo has more than {MAX_PIXELS // 1_000_000} megapixels."


class PhotoRefused(Exception):
    """A sentence for the person who sent it."""


def open_photo(source: Path) -> ImageFile.ImageFile:
    """The first image of the file, not decoded yet. Raises PhotoRefused."""
    register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # our own limit is stricter, and a refusal instead of a warning
    try:
        photo = Image.open(source, formats=FORMATS)
    except UnidentifiedImageError:
        raise PhotoRefused(UNKNOWN) from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise PhotoRefused(DAMAGED) from None
    if photo.width * photo.height > MAX_PIXELS:
        raise PhotoRefused(TOO_MANY_PIXELS)
    return photo


def decode(photo: ImageFile.ImageFile) -> Image.Image:
    """Its pixels, upright and small enough, in a mode that JPEG has. Raises PhotoRefused."""
    try:
        photo.draft(None, (2 * LARGE, 2 * LARGE))  # a JPEG is decoded at a fraction of its size at once
        photo.load()
        pixels = flatten(ImageOps.exif_transpose(photo))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, RuntimeError):
        raise PhotoRefused(DAMAGED) from None
    pixels.thumbnail((LARGE, LARGE))
    return pixels


def flatten(photo: Image.Image) -> Image.Image:
    """Grey or RGB of 8 bits, on white where it is transparent."""
    if photo.mode.startswith("I;16"):
        photo = photo.convert("I")
    if photo.mode == "I":
        photo = photo.point(lambda value: value / 256).convert("L")
    if photo.mode == "CMYK":
        return convert_cmyk(photo)
    if photo.has_transparency_data:
        layer = photo.convert("RGBA")
        photo = Image.new("RGBA", layer.size, "white")
        photo.alpha_composite(layer)
    return photo.convert("L" if photo.mode in ("1", "L") else "RGB")


def convert_cmyk(photo: Image.Image) -> Image.Image:
    """For printing: as its own profile says, if it has one."""
    profile = photo.info.get("icc_profile")
    if profile:
        try:
            srgb = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(photo, BytesIO(profile), srgb, outputMode="RGB")
        except ImageCms.PyCMSError:
            converted = None
        if converted is not None:
            return converted
    return photo.convert("RGB")


def find_profile(photo: Image.Image, mode: str) -> bytes:
    """The colour profile of the pixels as they will be written; empty if it has none that fits."""
    profile = photo.info.get("icc_profile") or b""
    if not profile or len(profile) > MAX_PROFILE_BYTES:
        return b""
    try:
        space = ImageCms.getOpenProfile(BytesIO(profile)).profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError):
        return b""
    return profile if space == {"RGB": "RGB", "L": "GRAY"}[mode] else b""


def write_jpeg(pixels: Image.Image, target: Path, profile: bytes) -> None:
    clean = Image.new(pixels.mode, pixels.size)  # without the notes that a decoded image carries along
    clean.paste(pixels)
    clean.save(target, "JPEG", quality=QUALITY, progressive=True, exif=b"", icc_profile=profile or None)


def rewrite(source: Path, large: Path, small: Path) -> tuple[int, int]:
    """Writes both sizes. Returns width and height of the large one. Raises PhotoRefused."""
    photo = open_photo(source)
    pixels = decode(photo)
    profile = find_profile(photo, pixels.mode)
    write_jpeg(pixels, large, profile)
    size = pixels.size
    pixels.thumbnail((SMALL, SMALL))
    write_jpeg(pixels, small, profile)
    return size


def main(source: str, large: str, small: str) -> None:
    try:
        width, height = rewrite(Path(source), Path(large), Path(small))
        found: dict[str, object] = {"width": width, "height": height}
    except PhotoRefused as refusal:
        found = {"refused": str(refusal)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
