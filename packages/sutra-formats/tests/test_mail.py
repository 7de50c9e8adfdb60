"""A mail is read as what its sender wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_formats.talk.mail import MailAdapter

PAGE = (
    "<html><body><h1>News</h1><p>The bridge <b>is</b> old.</p><ul><li>It is red.</li></ul>"
    "<div class='gmail_quote'>On Monday Ann wrote:<blockquote>Is it?</blockquote></div></body></html>"
)


def mail(text: str = "The bridge is old.\n", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = headers.get("sender", "Ann Lée <ann@example.com>")
    message["To"] = "Ben <ben@example.com>, cy@example.com"
    message["Subject"] = headers.get("subject", "Re: AW: Über die Brücke")
    message["Date"] = "Mon, 08 May 2023 10:32:00 +0200"
    message["Message-ID"] = "<two@example.com>"
    message["In-Reply-To"] = "<one@example.com>"
    message["References"] = "<zero@example.com> <one@example.com>"
    message["List-Id"] = "Bridges <bridges.example.com>"
    message.set_content(text)
    return message


def items(path: Path, data: bytes | EmailMessage, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.as_bytes())
    return list(MailAdapter(**limits).read(path, "a.eml"))


def texts(found: list[Item | BadItem]) -> list[str]:
    return [one.draft.text if isinstance(one, Item) else one.code for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "the_mail.eml"


def test_a_mail(path: Path) -> None:
    message = mail(
        "The bridge\nis old.\n\nIt is red.\n\nOn 1 May 2023 Ben <b@c.d> wrote:\n> Is it?\n-- \nAnn\n"
    )
    message.add_attachment(b"\0" * 10, maintype="image", subtype="png", filename="brücke.png")
    (found,) = items(path, message)
    assert isinstance(found, Item)
    assert found.draft.address == "a.eml"
    assert found.draft.title == "Über die Brücke"
    assert found.draft.text == "The bridge\nis old.\n\nIt is red."
    assert found.draft.time == datetime(2023, 5, 8, 8, 32, tzinfo=UTC).timestamp() * 1_000_000
    assert found.draft.attributes == {
        "subject": "Re: AW: Über die Brücke",
        "from": "Ann Lée <ann@example.com>",
        "to": "Ben <ben@example.com>, cy@example.com",
        "message_id": "two@example.com",
        "in_reply_to": "one@example.com",
        "thread": "zero@example.com",
        "list": "bridges.example.com",
        "attachments": "brücke.png",
    }
    (link,) = found.links
    assert (link.subject, link.relation, link.target) == ("two@example.com", "replies_to", "one@example.com")
    assert found.bytes_done == path.stat().st_size


def test_of_two_forms_the_plain_one(path: Path) -> None:
    message = mail("Plain.\n")
    message.add_alternative(PAGE, subtype="html")
    assert texts(items(path, message)) == ["Plain."]


def test_html_where_there_is_no_other(path: Path) -> None:
    message = mail("\n")
    message.add_alternative(PAGE, subtype="html")
    message.add_attachment("Not read.", filename="notes.txt")
    (found,) = items(path, message)
    assert isinstance(found, Item)
    assert found.draft.text == "News\n\nThe bridge is old.\n\nIt is red."
    assert [found.draft.text[start:end] for start, end in found.labels] == ["News"]


def test_html_ends_where_a_quoted_mail_begins(path: Path) -> None:
    page = "<p>It is.</p><p><b>From:</b> Ann<br><b>Sent:</b> Monday<br><b>To:</b> Ben</p><p>Is it old?</p>"
    message = mail()
    message.set_content(page, subtype="html")
    assert texts(items(path, message)) == ["It is."]


def test_lines_that_a_program_broke(path: Path) -> None:
    data = (
        b"From: a@b.c\nDate: Mon, 08 May 2023 10:32:00 -0000\n"
        b"Content-Type: text/plain; format=flowed\n\n"
        b"The bridge \nis old.\nIt is red.\n> Is \n> it?\n-- \nAnn\n"
    )
    assert texts(items(path, data)) == ["The bridge is old.\nIt is red."]


@pytest.mark.parametrize("charset", ["koi8-r", "iso-8859-5", "cp1251"])
def test_other_encodings(path: Path, charset: str) -> None:
    message = mail()
    message.set_content("Мост очень старый.", charset=charset, cte="base64")
    assert texts(items(path, message)) == ["Мост очень старый."]


@pytest.mark.parametrize("charset", ["utf-8", "no-such-charset", "rot13"])
def test_what_cannot_be_decoded_is_told(path: Path, charset: str) -> None:
    data = (
        f"From: a@b.c\nSubject: s\nContent-Type: text/plain; charset={charset}\n\nOn ".encode()
        + b"\xff and on.\n"
    )
    first, second = items(path, data)
    assert isinstance(first, Item)
    assert first.draft.text == "On \ufffd and on."
    assert isinstance(second, BadItem)
    assert second.code == "invalid_text"


def test_raw_bytes_in_headers(path: Path) -> None:
    (found,) = items(path, "From: Ann Lée <a@b.c>\nSubject: Brücke\n\nOld.\n".encode())
    assert isinstance(found, Item)
    assert (found.draft.title, found.draft.attributes["from"]) == ("Brücke", "Ann Lée <a@b.c>")


def test_without_headers_of_its_own(path: Path) -> None:
    (found,) = items(path, b"From: nobody\nSubject:\nDate: soon\nMessage-ID: x\n\nOld.\n")
    assert isinstance(found, Item)
    assert (found.draft.title, found.draft.time, found.links) == ("the mail", None, [])
    assert found.draft.attributes == {"from": "nobody"}


def test_encrypted(path: Path) -> None:
    armour = "-----BEGIN PGP MESSAGE-----\n\nwcBM\n-----END PGP MESSAGE-----\n"
    wrapped = b"From: a@b.c\nSubject: s\nContent-Type: multipart/encrypted; boundary=x\n\n--x\n\n1\n--x--\n"
    smime = (
        b"From: a@b.c\nSubject: s\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB\n"
    )
    for data in (mail(armour), wrapped, smime):
        assert texts(items(path, data)) == ["password_protected"]


def test_a_mail_that_is_cut_off(path: Path) -> None:
    message = mail()
    message.add_attachment(b"\1" * 200, maintype="image", subtype="png", filename="a.png")
    whole = message.as_bytes()
    assert texts(items(path, whole)) == ["The bridge is old."]
    assert texts(items(path, whole[:-30])) == ["The bridge is old.", "damaged_file"]
    assert texts(items(path, whole[: whole.index(b"--==")])) == ["damaged_file"]
    assert texts(items(path, whole[:3])) == ["damaged_file"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_text"),
        (b"Words alone.", "damaged_file"),
        (b"From: a@b.c\nSubject: s\n\n", "empty_text"),
        (b"From: a@b.c\nSubject: s\n\n> Is it?\n", "empty_text"),
        (b"From: a@b.c\nSubject: s\n\n" + b"x" * 5000, "too_large"),
    ],
)
def test_refused(path: Path, data: bytes, code: str) -> None:
    assert texts(items(path, data, message_bytes=4000)) == [code]


def test_nested_without_end(path: Path) -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth) for depth in range(3000)
    )
    assert texts(items(path, b"From: a@b.c\nSubject: s\n" + nested)) == ["too_large"]


def test_a_long_mail_in_parts(path: Path) -> None:
    found = items(path, mail("The bridge is old.\n\n" * 20), part_bytes=50)
    assert len(found) == 10
    assert {one.draft.text for one in found if isinstance(one, Item)} == {
        "The bridge is old.\n\nThe bridge is old."
    }


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.eml", mail().as_bytes(), True),
        ("a.txt", mail().as_bytes(), True),
        ("1683534720.V1I2.host:2,S", mail().as_bytes(), True),
        ("a.eml", b"\xef\xbb\xbf\r\nSubject: s\r\n\r\nWords.", True),
        ("a.eml", b"Words alone.", False),
        ("a.eml", b"", False),
        ("a.eml", b"\0\0\0", False),
        ("a.txt", b"From: the bridge\nyou see the town.", False),
        ("a.txt", b"Name: sutra\nVersion: 1\nDescription: text\n", False),
        ("a.txt", b"To: do\nDate: today\n", False),
        ("a.txt", b"Ann: Hello.\nBen: Hello.\n", False),
        ("a.md", mail().as_bytes(), False),
        ("a.mht", mail().as_bytes(), False),
    ],
)
def test_recognised(name: str, head: bytes, expected: bool) -> None:
    assert MailAdapter().recognises(Path(name), head) is expected


def whole_mail() -> bytes:
    message = mail("Plain.\n\n> quoted\n")
    message.add_alternative(PAGE, subtype="html")
    message.add_attachment(b"abc", maintype="image", subtype="png", filename="brücke.png")
    return message.as_bytes()


WHOLE = whole_mail()


@given(st.binary(max_size=30), st.integers(0, len(WHOLE)), st.integers(0, 200))
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.eml"
    for data in (noise, WHOLE[:at] + noise + WHOLE[at + cut :]):
        MailAdapter().recognises(path, data)
        found = items(path, data, part_bytes=20)
        assert found
        for item in found:
            assert item.bytes_done <= len(data)
            if isinstance(item, Item):
                size = len(item.draft.text.encode())
                assert item.draft.title.encode() is not None
                assert all(value.encode() is not None for value in item.draft.attributes.values())
                ends = [0, *(edge for run in item.prose or () for edge in run), size]
                assert ends == sorted(ends)


@given(
    st.sampled_from(
        ["From", "Subject", "Date", "Content-Type", "References", "List-Id", "Content-Disposition"]
    ),
    st.text(st.characters(exclude_characters="\r\n"), max_size=40)
    | st.sampled_from(
        ["=?utf-8?b?!?=", "=?x?q?=ff?=", "text/plain; charset*=x''%ff", "multipart/mixed; boundary="]
    ),
)
def test_any_header_is_survived(tmp_path_factory: pytest.TempPathFactory, name: str, value: str) -> None:
    data = f"Received: x\n{name}: {value}\n\nOld.\n".encode("utf-8", "surrogatepass")
    for item in items(tmp_path_factory.getbasetemp() / "header.eml", data):
        assert isinstance(item, BadItem) or item.draft.title.encode()
