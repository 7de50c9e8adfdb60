"""Files and folders through the service, against an engine that learns the same ones; and jobs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from both import Both
from serving_process import ServiceProcess

from sutra_client import Client, ServiceError
from sutra_client import files as files_module
from sutra_client.calls import Pause
from sutra_client.verbs import collections
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import DiskFullError, InvalidValueError, UnknownFormatError
from sutra_core.learn import Progress, Refusal
from sutra_core.learn.adapters import FieldMap, UnreadableError
from sutra_core.types import SourceDraft

FILES = {
    "rivers.md": "# Aln\n\nThe Aln rises at Alham. The Aln flows into the sea.\n",
    "deep/er/oaks.txt": "Oaks are old. Elms are tall.\n",
    "firms.jsonl": '{"id": "a", "text": "Priya Raman leads the Falcon project."}\nno json\n',
    "picture.png": "\x00no text",
    "empty.txt": "",
    ".hidden.txt": "Nobody reads this.",
}


@pytest.fixture
def texts(folder: Path) -> Path:
    path = folder / "texts"
    for name, text in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return path


def learned_by_the_engine(folder: Path, *paths: Path) -> tuple[Any, list[Any]]:
    config = ReasoningEngineConfig.model_validate({"storage_path": folder / "engine", "reader": "off"})
    with ReasoningEngine(config) as engine:
        report = engine.learn_collection(*paths)
        return report, [(each.address, each.title, each.sha256) for each in engine.sources()]


def test_a_folder_is_learned_as_the_engine_learns_it(own: Client, texts: Path, folder: Path) -> None:
    shown: list[Progress] = []
    refused: list[Refusal] = []
    report = own.learn_collection(texts, on_progress=shown.append, on_refusal=refused.append)
    theirs, sources = learned_by_the_engine(folder, texts)
    assert report.refused_by == theirs.refused_by
    assert (report.sources, report.sentences, report.refused_count) == (
        theirs.sources,
        theirs.sentences,
        theirs.refused_count,
    )
    assert {(each.address, each.title, each.sha256) for each in own.sources()} == set(sources)
    told = {(each.location, each.code) for each in theirs.refused}
    assert {(each.location, each.code) for each in report.refused} == told and len(told) == 3
    assert refused == report.refused
    assert shown[-1].bytes_total == sum((texts / name).stat().st_size for name in FILES if name[0] != ".")
    assert (shown[-1].sources, shown[-1].sentences) == (report.sources, report.sentences)
    again = own.learn_collection(texts)
    assert (again.sources, again.sources_known) == (0, report.sources)


def test_files_are_sent_in_several_requests(
    own: Client, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "_FILES_MAX", 1)
    report = own.learn_collection(texts / "rivers.md", texts / "deep")
    assert (report.sources, len(own.jobs())) == (2, 2)
    assert {each.state for each in own.jobs()} == {"done"}
    report = own.learn_collection(texts)
    assert (report.sources, report.sources_known, len(own.jobs())) == (1, 2, 6)


def test_the_report_counts_what_had_its_place_taken(own: Client, texts: Path) -> None:
    assert own.learn_collection(texts).sources_retired == 0
    changed = texts / "deep" / "er" / "oaks.txt"
    changed.write_text("Oaks are young.")
    report = own.learn_collection(texts)
    assert (report.sources, report.sources_known, report.sources_retired) == (1, 2, 1)
    (address,) = {each.address for each in own.sources() if "oaks" in each.address}
    report = own.learn("Oaks are tall.", source=address)
    assert (report.sources, report.sources_retired) == (1, 1)
    report = own.learn_batch([SourceDraft(address, text) for text in ("Oaks are wide.", "Oaks are green.")])
    assert (report.sources, report.sources_retired) == (2, 2)
    assert [bool(each.retired) for each in own.sources(address=address, history=True)] == [True] * 4 + [False]


def test_addresses_begin_with_a_prefix_that_is_given(own: Client, texts: Path) -> None:
    own.learn_collection(texts / "deep", prefix="library")
    assert [each.address for each in own.sources()] == ["library/er/oaks.txt"]
    for prefix in ("", "x" * 201):
        with pytest.raises(InvalidValueError, match="prefix"):
            own.learn_collection(texts, prefix=prefix)


def test_a_name_that_cannot_be_sent_is_passed_over(own: Client, folder: Path) -> None:
    (folder / "texts").mkdir()
    (folder / "texts" / "at 10:30.txt").write_text("Oaks are old.")
    (folder / "texts" / "good.txt").write_text("Elms are tall.")
    report = own.learn_collection(folder / "texts")
    assert report.sources == 1
    assert [(each.location, each.code) for each in report.refused] == [
        (str(folder / "texts" / "at 10:30.txt"), "invalid_file_name")
    ]


@pytest.mark.parametrize(
    ("name", "error"), [("nowhere", UnreadableError), ("picture.png", UnknownFormatError)]
)
def test_a_collection_that_cannot_be_read_sends_nothing(
    own: Client, texts: Path, name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        own.learn_collection(texts / "rivers.md", texts / name)
    assert own.jobs() == []


def test_an_interrupt_cancels_the_job_and_keeps_what_is_learned(own: Client, folder: Path) -> None:
    for name in ("first.txt", "second.txt"):
        (folder / name).write_text(
            "\n\n".join(f"The oak {name} {number} is old." for number in range(20_000))
        )
    shown: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        shown.append(progress)
        if len(shown) == 2:
            raise KeyboardInterrupt

    report = own.learn_collection(folder / "first.txt", folder / "second.txt", on_progress=interrupt)
    (job,) = own.jobs()
    assert (report.interrupted, job.state, len(shown)) == (True, "cancelled", 2)
    assert (report.sources, report.sentences) == (job.sources, job.sentences)
    assert own.stats().store.sources == job.sources


def test_what_was_refused_before_an_interrupt_is_in_the_report(own: Client, folder: Path) -> None:
    lines = [
        "no json",
        *(f'{{"id": "{number}", "text": "Oak {number} is old."}}' for number in range(20_000)),
    ]
    (folder / "oaks.jsonl").write_text("\n".join(lines))

    def interrupt(progress: Progress) -> None:
        if progress.sources:
            raise KeyboardInterrupt

    report = own.learn_collection(folder / "oaks.jsonl", on_progress=interrupt)
    assert report.interrupted
    assert (report.refused_count, report.refused_by) == (1, {"invalid_json": 1})
    assert [each.location for each in report.refused] == [f"{folder / 'oaks.jsonl'}:1"]


def test_refusals_that_the_service_did_not_keep_are_counted(
    own: Client, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(place: Any, job_id: str) -> Any:
        return (yield from refusals(place, job_id))[:1]

    refusals = collections.jobs.refusals
    monkeypatch.setattr(collections.jobs, "refusals", first)
    report = own.learn_collection(texts / "firms.jsonl", texts / "empty.txt")
    assert report.refused_count == 2
    assert sum(report.refused_by.values()) == len(report.refused) == 2
    report = own.learn_collection(texts)
    assert (report.refused_count, len(report.refused)) == (3, 2)


def test_a_job_that_fails_raises_its_error(own: Client, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(place: Any, upload: Any, wait: Any) -> Any:
        yield Pause(0)
        (done,) = own.jobs()
        return dataclasses.replace(done, state="failed", code="disk_full", reason="no room")

    own.learn_collection(texts / "deep")
    monkeypatch.setattr(collections, "upload_files", failed)
    with pytest.raises(DiskFullError, match="no room"):
        own.learn_collection(texts / "deep")


def test_a_job_is_watched_to_its_end(own: Client, texts: Path) -> None:
    own.learn_collection(texts)
    (job,) = own.jobs()
    (seen,) = list(own.watch_job(job.id))
    assert seen == own.get_job(job.id) == own.cancel_job(job.id) == job
    assert (job.state, job.sources, job.refused) == ("done", 3, 2)
    assert {each.code for each in own.job_refusals(job.id)} == {"empty_text", "invalid_json"}
    for change in (own.pause_job, own.resume_job):
        with pytest.raises(ServiceError) as raised:
            change(job.id)
        assert raised.value.code == "job_conflict"


@pytest.mark.parametrize(
    "verb", ["get_job", "cancel_job", "pause_job", "resume_job", "job_refusals", "watch_job"]
)
def test_a_job_that_is_not_there_is_told(both: Both, verb: str) -> None:
    with pytest.raises(ServiceError) as raised:
        found = getattr(both.client, verb)("0" * 32)
        list(found)
    assert (raised.value.code, raised.value.status) == ("unknown_job", 404)


def test_a_job_is_paused_resumed_and_watched(service: ServiceProcess, own: Client, folder: Path) -> None:
    path = folder / "many.txt"
    path.write_text("\n\n".join(f"The oak number {number} is old." for number in range(20_000)))
    (upload,) = files_module.uploads(path, "many", files_module.HowRead())
    assert isinstance(upload, files_module.Upload)
    steps = collections.upload_files(own._place, upload)
    job = own._do(steps)
    own.pause_job(job.id)
    states = [each.state for each in own.watch_job(job.id)]
    assert states[-1] == "paused"
    assert own.resume_job(job.id).state in {"waiting", "running"}
    assert own.cancel_job(job.id).id == job.id
    assert [each.state for each in own.watch_job(job.id)][-1] == "cancelled"


def test_the_format_and_the_map_are_sent_with_the_files(own: Client, folder: Path) -> None:
    (folder / "people.data").write_text('{"who": "Ada Whitlow", "town": "Alham", "nr": 7}\n')
    fields = FieldMap(title="who", key="nr", template="{who} & {town}.")
    own.learn_collection(folder / "people.data", format_name="json-lines", fields=fields)
    (source,) = own.sources()
    assert (source.title, source.address) == ("Ada Whitlow", f"{folder.resolve() / 'people.data'}#7")
    assert own.source_text(source.id) == "Ada Whitlow & Alham."
    with pytest.raises(UnknownFormatError, match="'klingon'"):
        own.learn_collection(folder, format_name="klingon")
    with pytest.raises(InvalidValueError, match="has no fields"):
        own.learn_collection(folder, format_name="plain-text", fields=fields)
