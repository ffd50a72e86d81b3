"""Takes the screenshots of docs/users/ from a running site with the demo campus.

`make run` in one terminal; in another `.venv/bin/python docs/take_pictures.py http://127.0.0.1:8000`.
Needs chromium. Each screenshot is reduced to 64 colours, which keeps it under 100 KB.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "users" / "pictures"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
REPORT = "The projector in lecture hall H 204 stays dark and shows no signal"


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take_entrance(browser.new_page(base_url=address, viewport=WIDE, color_scheme="light"))
        take_user_pictures(open_site(browser, address, "user", "Anna", PHONE))
        take_helpdesk_pictures(open_site(browser, address, "helpdesk", "Ben", WIDE))
        browser.close()


def open_site(browser: Browser, address: str, role: str, name: str, size: dict) -> Page:
    page = browser.new_page(base_url=address, viewport=size, color_scheme="light")
    page.goto("/")
    page.fill("[name=name]", name)
    page.click(f"button[value={role}]")
    page.wait_for_load_state("networkidle")
    return page


def take_entrance(page: Page) -> None:
    page.goto("/")
    save(page, "entrance")


def take_user_pictures(page: Page) -> None:
    page.goto("/tickets/new/")
    page.fill("[name=description]", REPORT)
    page.wait_for_selector("#guess .words")
    save(page, "report")
    page.goto("/tickets/")
    save(page, "list")
    page.click("[data-row] >> nth=0")
    page.wait_for_load_state("networkidle")
    save(page, "ticket-user")


def take_helpdesk_pictures(page: Page) -> None:
    page.goto("/desk/?status=active")
    page.click("[data-row] >> nth=0")
    page.wait_for_load_state("networkidle")
    save(page, "ticket-helpdesk")
    page.goto("/desk/analytics/")
    save(page, "analytics")
    page.click("form.service:has([value=resolution-time]) button.primary")
    page.wait_for_selector("figure.chart img", timeout=60_000)
    page.wait_for_load_state("networkidle")
    save(page, "analysis")
    page.goto("/desk/quality/")
    save(page, "category-accuracy")
    page.goto("/desk/reports/")
    save(page, "scheduled-reports")
    page.goto("/desk/")
    page.wait_for_load_state("networkidle")
    save(page, "queue")


def save(page: Page, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1])
