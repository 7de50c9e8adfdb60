"""Archives are read like folders; a hostile one costs no more than itself."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item, read_collection, unpacking

Members = dict[str, bytes]


def zipped(path: Path, members: Members) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, members: Members, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def read(path: Path) -> list[Item | BadItem]:
    return list(read_collection(path, "home"))


def told(found: list[Item | BadItem]) -> list[tuple[str, str]]:
    return [
        (each.draft.address, each.draft.text) if isinstance(each, Item) else (each.location, each.code)
        for each in found
    ]


PACKERS: list[tuple[str, Callable[[Path, Members], Path]]] = [
    ("a.zip", zipped),
    ("a.tar", tarred),
    ("a.tar.gz", lambda path, members: tarred(path, members, "w:gz")),
    ("a.tgz", lambda path, members: tarred(path, members, "w:gz")),
    ("a.tar.bz2", lambda path, members: tarred(path, members, "w:bz2")),
    ("a.tar.xz", lambda path, members: tarred(path, members, "w:xz")),
    ("no suffix", zipped),
]


@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_members_are_read_as_if_they_lay_in_a_folder(
    tmp_path: Path, name: str, pack: Callable[[Path, Members], Path]
) -> None:
    members = {
        "notes/one.txt": b"One is odd.",
        "two.md": b"# Two\n\nTwo is even.",
        ".git/config.txt": b"hidden",
        "picture.png": b"\x89PNG\0",
        "empty.txt": b"",
    }
    path = pack(tmp_path / name, members)
    found = read(path)
    assert told(found) == [
        (f"home/{name}!/notes/one.txt", "One is odd."),
        (f"home/{name}!/two.md", "# Two\n\nTwo is even."),
        (f"{path}!/picture.png", "unknown_format"),
        (f"{path}!/empty.txt:1", "empty_text"),
    ]
    first, second, picture, _ = found
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.location, first.draft.title) == (f"{path}!/notes/one.txt:1", "one")
    assert second.draft.title == "Two"
    assert isinstance(picture, BadItem)
    assert f"{path}!/picture.png holds binary data" in picture.reason
    done = [each.bytes_done for each in found]
    assert done == sorted(done)
    assert 0 < done[-1] <= path.stat().st_size


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip), ("bz2", bz2), ("xz", lzma)])
def test_a_compressed_file_is_its_one_member(tmp_path: Path, suffix: str, pack: object) -> None:
    path = tmp_path / f"records.jsonl.{suffix}"
    path.write_bytes(pack.compress(b'{"id": 1, "text": "One."}\n'))  # type: ignore[attr-defined]
    assert told(read(path)) == [(f"home/{path.name}!/records.jsonl#1", "One.")]


def test_archives_stand_in_each_other_three_deep(tmp_path: Path) -> None:
    path = zipped(tmp_path / "0.zip", {"text.txt": b"Deep."})
    for number in range(1, 4):
        path = zipped(tmp_path / f"{number}.zip", {"inner.zip": path.read_bytes()})
    assert told(read(tmp_path / "2.zip"))[0][1] == "Deep."
    assert told(read(path)) == [(f"{path}!/inner.zip!/inner.zip!/inner.zip", "too_large")]


def test_a_bomb_costs_its_budget_and_neighbours_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1 << 20)
    bomb = zipped(tmp_path / "a.zip", {"one.txt": b"One.", "bomb.txt": bytes(64 << 20)})
    (tmp_path / "b.txt").write_bytes(b"After.")
    codes = [text for _, text in told(read(tmp_path))]
    assert codes == ["One.", "too_large", "After."]
    inner = zipped(tmp_path / "a.zip", {f"{n}.zip": bomb.read_bytes() for n in range(3)})
    codes = [text for _, text in told(read(inner))]
    assert codes == ["One.", "too_large"] * 3
    # The archives in an archive spend from one budget, however many there are.
    whole = zipped(tmp_path / "d.zip", {"text.txt": bytes(300 << 10)}).read_bytes()
    nest = zipped(tmp_path / "d.zip", {f"{n}.zip": whole for n in range(20)})
    monkeypatch.setattr(unpacking, "RATIO_MAX", 1)
    codes = [text for _, text in told(read(nest))]
    assert 0 < codes.count("too_large") < 20
    assert codes[-1] == "too_large"
    beside = zipped(tmp_path / "e.zip", {"bomb.txt": bytes(64 << 20), "two.txt": b"Two."})
    assert [text for _, text in told(read(beside))] == ["too_large", "Two."]
    gz = tmp_path / "c.txt.gz"
    gz.write_bytes(gzip.compress(bytes(64 << 20)))
    assert [text for _, text in told(read(gz))] == ["too_large"]


def test_names_that_lead_out_are_refused_and_odd_ones_are_not(tmp_path: Path) -> None:
    members = {
        "../out.txt": b"Out.",
        "a/../../out.txt": b"Out.",
        "..\\out.txt": b"Out.",
        "/etc/absolute.txt": b"Absolute.",
        "x" * 200 + ".txt": b"Long.",
        "what?*:|.txt": b"Odd.",
        "größe 大.txt": b"Unicode.",
    }
    path = zipped(tmp_path / "a.zip", members)
    found = [text for _, text in told(read(path))]
    assert found == ["invalid_file_name"] * 3 + ["Absolute.", "Long.", "Odd.", "Unicode."]
    assert not list(tmp_path.rglob("out.txt"))
    assert not list(tmp_path.parent.glob("out.txt"))


def test_a_tar_archive_of_a_folder_names_its_files_as_the_folder_does(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", {"./bridge.txt": b"It stands.", "./notes/./one.txt": b"It is long."})
    assert [address for address, _ in told(read(path))] == [
        "home/a.tar!/bridge.txt",
        "home/a.tar!/notes/one.txt",
    ]


def test_a_password_is_told_of(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"one.txt": b"One.", "two.txt": b"Two."})
    data = bytearray(path.read_bytes())
    # The flag of encryption in the first member's two headers.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert told(read(path)) == [
        (f"{path}!/one.txt", "password_protected"),
        (f"home/{path.name}!/two.txt", "Two."),
    ]


def test_links_and_devices_in_a_tar_archive_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "link.txt"),
            (tarfile.LNKTYPE, "hard.txt"),
            (tarfile.FIFOTYPE, "f"),
        ):
            info = tarfile.TarInfo(name)
            info.type = kind
            info.linkname = "/etc/hostname"
            archive.addfile(info)
    assert read(path) == []


@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_a_truncated_archive_keeps_what_it_still_has(
    tmp_path: Path, name: str, pack: Callable[[Path, Members], Path]
) -> None:
    members = {f"{n}.txt": f"Text {n} {'is here. ' * 200}".encode() for n in range(20)}
    whole = pack(tmp_path / name, members).read_bytes()
    for cut in (len(whole) // 4, len(whole) // 2, len(whole) - 1):
        (tmp_path / name).write_bytes(whole[:cut])
        found = read(tmp_path / name)
        assert all(each.code == "damaged_file" for each in found if isinstance(each, BadItem))
        if cut < len(whole) - 1:
            assert isinstance(found[-1], BadItem)


def test_a_file_without_a_name_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"one.txt": b"One is odd.", "two.txt": b"Two is even."})
    data = bytearray(path.read_bytes())
    # The name of the first file in the archive's directory, which a zero ends.
    data[data.index(b"PK\x01\x02") + 46] = 0
    path.write_bytes(data)
    bad, item = read(tmp_path)
    assert isinstance(bad, BadItem) and isinstance(item, Item)
    assert (bad.code, bad.reason.split(":")[0]) == ("damaged_file", "a file in it has no name")
    assert item.draft.text == "Two is even."


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_damage_is_told_of(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damage")
    name, pack = data.draw(st.sampled_from(PACKERS))
    path = pack(folder / name, {"one.txt": b"One is odd. " * 50, "two.txt": b"Two is even. " * 50})
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    (folder / "z.txt").write_bytes(b"After.")
    found = read(folder)
    assert isinstance(found[-1], Item)
    assert found[-1].draft.text == "After."


def test_a_file_that_changes_while_it_is_read_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n' * 3, encoding="utf-8")
    found: list[Item | BadItem] = []
    for item in read_collection(path):
        if not found:
            with path.open("a", encoding="utf-8") as file:
                file.write('{"text": "Four."}\n')
        found.append(item)
    assert [text for _, text in told(found)][-1] == "changed_while_read"
    assert len(found) in (4, 5)
