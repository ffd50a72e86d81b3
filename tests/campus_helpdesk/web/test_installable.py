"""What a phone reads when it installs the site."""

import re
from struct import unpack

import pytest
from django.contrib.staticfiles import finders

from campus_helpdesk.web import installable


def find_static(url: str) -> str:
    path = finders.find(url.removeprefix("/static/"))
    assert path, url
    return path


def read_png_size(path: str) -> tuple[int, int]:
    with open(path, "rb") as file:
        header = file.read(24)
    assert header.startswith(b"\x89PNG")
    return unpack(">II", header[16:24])


def test_manifest_names_icons_of_their_sizes(client):
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    icons = response.json()["icons"]
    sizes = ["{}x{}".format(*read_png_size(find_static(icon["src"]))) for icon in icons]
    assert sizes == [icon["sizes"] for icon in icons]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}


def test_service_worker_caches_nothing_but_the_offline_page(client):
    response = client.get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    script = response.content.decode()
    files = re.search(r'"files": \[(.*?)\]', script)[1]
    assert [bool(find_static(url)) for url in re.findall(r'"(.*?)"', files)] == [True] * 4
    assert '"offlinePage": "/offline/"' in script
    assert not client.cookies


def test_service_worker_differs_if_a_file_differs(client, monkeypatch, tmp_path):
    before = client.get("/sw.js").content
    for name in ("service_worker.js", *installable.OFFLINE_FILES):
        (tmp_path / name).write_bytes((installable.STATIC / name).read_bytes())
    (tmp_path / "campus.css").write_text("body { color: red }")
    monkeypatch.setattr(installable, "STATIC", tmp_path)
    installable.read_service_worker.cache_clear()
    assert client.get("/sw.js").content != before
    installable.read_service_worker.cache_clear()


@pytest.mark.django_db
def test_offline_page_names_no_one(user):
    user.client.get("/tickets/")
    nobody = user.client.__class__().get("/offline/")
    assert user.get("/offline/").content == nobody.content
