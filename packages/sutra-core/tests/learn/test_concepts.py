"""Readings as concepts and associations, each association with the statement that shows it."""

from __future__ import annotations

from itertools import pairwise

from sutra_core.learn.adapters import Block, Item, Link, compose
from sutra_core.learn.concepts import BatchBuilder
from sutra_core.learn.reading import read_item
from sutra_core.types import Batch, SourceDraft

# Three paragraphs, each too long to share a passage.
LONG = "\n\n".join(
    " ".join(f"The {name} number {n} is on the hill near the water." for n in range(15))
    for name in ("mill", "barn", "inn")
)


def build(*texts: tuple[str, str]) -> BatchBuilder:
    builder = BatchBuilder()
    for number, (title, text) in enumerate(texts):
        builder.add(read_item(Item(SourceDraft(f"source {number}", text, title), None, "here:1", 0)))
    builder.finish()
    return builder


def said(batch: Batch) -> list[str]:
    """The text or the name of every concept, by its reference."""
    data = [source.text.encode() for source in batch.sources]
    statements = [data[source][start:end].decode() for source, start, end, *_ in batch.statements]
    return statements + [name for name, _ in batch.entities]


def edges(batch: Batch, relation: str) -> list[tuple[str, str, str]]:
    """(subject, object, evidence) of the associations of a relation, in words."""
    words = said(batch)
    return [
        (words[subject], words[object_], words[evidence])
        for subject, number, object_, evidence, *_ in batch.associations
        if batch.relations[number][0] == relation
    ]


def test_a_passage_of_one_sentence_is_one_statement_with_both_roles() -> None:
    builder = build(("", "The Åln rises at Alham."))
    assert builder.batch.statements == [(0, 0, 24, True, True)]
    assert builder.passage_references == [(0, [])]
    assert builder.passages[0].sentences == []
    assert edges(builder.batch, "contains") == []


def test_a_passage_contains_its_sentences() -> None:
    builder = build(("", "The Åln rises at Alham. It is long."))
    passage, first, second = said(builder.batch)[:3]
    assert [place[3:] for place in builder.batch.statements] == [(False, True), (True, False), (True, False)]
    assert builder.passage_references == [(0, [1, 2])]
    assert edges(builder.batch, "contains") == [(passage, first, passage), (passage, second, passage)]


def test_the_embedder_gets_sentences_as_bytes_of_their_passage() -> None:
    builder = build(("The title", "A line without\n\n" + LONG))
    statements = said(builder.batch)
    assert len(builder.passages) > 1
    for passage, (_, references) in zip(builder.passages, builder.passage_references, strict=True):
        assert passage.title == "The title"
        data = passage.text.encode()
        assert [data[a:b].decode() for a, b in passage.sentences] == [statements[r] for r in references]


def test_each_passage_leads_to_the_next_of_its_source_alone() -> None:
    builder = build(("", LONG), ("", "Another source."))
    words = said(builder.batch)
    passages = [words[reference] for reference, _ in builder.passage_references]
    assert len(passages) > 3 and passages[-1] == "Another source."
    expected = [(a, b, a) for a, b in pairwise(passages[:-1])]
    assert edges(builder.batch, "next") == expected


def test_passages_are_about_what_the_title_names() -> None:
    builder = build(("Heat (1995 film)", LONG))
    words = said(builder.batch)
    passages = [words[reference] for reference, _ in builder.passage_references]
    expected = [(each, name, each) for each in passages for name in ("Heat (1995 film)", "Heat")]
    assert edges(builder.batch, "about") == expected
    assert edges(build(("", LONG)).batch, "about") == []


def test_sentences_mention_entities() -> None:
    batch = build(("", "Marie Curie was born in Warsaw. She lived in Paris.")).batch
    first, second = said(batch)[1:3]
    mentions = edges(batch, "mentions")
    assert {(first, "Marie Curie", first), (first, "Warsaw", first), (second, "Paris", second)} <= set(
        mentions
    )


def test_relations_have_their_sentence_as_evidence() -> None:
    batch = build(("", "It rained. Marie Curie was born in Warsaw.")).batch
    assert edges(batch, "born_in") == [("Marie Curie", "Warsaw", "Marie Curie was born in Warsaw.")]


def test_a_name_in_differing_case_is_one_entity_as_first_written() -> None:
    batch = build(
        ("River Aln", "It is long."), ("RIVER  ALN", "It is old."), ("", "The River Aln ends.")
    ).batch
    assert [name for name, _ in batch.entities if "aln" in name.lower()] == ["River Aln"]
    assert edges(batch, "mentions") == [("The River Aln ends.", "River Aln", "The River Aln ends.")]
    assert len(edges(batch, "about")) == 2


def test_names_that_look_alike_stay_apart() -> None:
    batch = build(("", "The chip ASR1603 is here. The chip ASR1605 is there.")).batch
    assert {"ASR1603", "ASR1605"} <= {name for name, _ in batch.entities}


def test_an_entity_takes_the_type_that_a_mention_tells() -> None:
    batch = build(("Marie Curie", "She was clever."), ("", "Marie Curie was born in Warsaw.")).batch
    assert dict(batch.entities)["Marie Curie"] == "person"


def test_a_text_that_repeats_itself_is_not_tied_to_itself() -> None:
    paragraph = LONG.split("\n\n")[0]
    batch = build(("", "\n\n".join([paragraph] * 3))).batch
    words = said(batch)
    pairs = [(words[subject], words[object_]) for subject, _, object_, *_ in batch.associations]
    assert pairs
    assert all(subject != object_ for subject, object_ in pairs)


def test_what_has_no_words_is_no_statement() -> None:
    batch = build(("", "The Aln is long.\n\n* * *\n\n…\n\nIt is old.")).batch
    assert all(any(c.isalnum() for c in text) for text in said(batch))
    assert said(batch)[0].startswith("The Aln is long.")


def test_a_passage_without_words_is_none() -> None:
    builder = build(("A title", f"{LONG}\n\n{'— ' * 500}\n\n{LONG} The end."))
    assert all("—" not in passage.text for passage in builder.passages)
    statements = said(builder.batch)
    assert all(any(c.isalnum() for c in text) for text in statements)
    assert len(edges(builder.batch, "next")) == len(builder.passages) - 1


def test_what_is_first_written_does_not_depend_on_what_shares_the_batch() -> None:
    texts = (("", "We saw the River ALN."), ("River Aln", "It is long."))
    both = build(*texts).batch
    alone = build(texts[0]).batch
    assert [name for name, _ in both.entities][: len(alone.entities)] == [name for name, _ in alone.entities]


def build_blocks(*blocks: Block, title: str = "Bridges") -> BatchBuilder:
    builder = BatchBuilder()
    for item in compose(blocks, SourceDraft("bridges.html", "", title), "bridges.html"):
        builder.add(read_item(item))
    builder.finish()
    return builder


def test_a_label_is_part_of_its_passage_and_no_statement() -> None:
    builder = build_blocks(
        Block("The Pont Neuf of Paris", "heading"),
        Block("It has twelve arches."),
        Block("Seen from the left bank", "caption"),
    )
    passage, sentence = said(builder.batch)[:2]
    assert passage.startswith("The Pont Neuf of Paris") and passage.endswith("left bank")
    assert sentence == "It has twelve arches."
    assert [place[3:] for place in builder.batch.statements] == [(False, True), (True, False)]
    assert "Paris" not in dict(builder.batch.entities)


def test_labels_alone_are_a_passage_that_says_nothing() -> None:
    builder = build_blocks(Block("Arches", "cell"), Block("Twelve", "cell"))
    assert [place[3:] for place in builder.batch.statements] == [(False, True)]


def test_links_have_the_statement_at_their_place_as_evidence() -> None:
    text = "It spans the Seine. Ünder it boats pass to Rouen."
    at = len("It spans the Seine. Ünder it boats pass to ".encode())
    links = [
        Link("Seine", "links_to", at=13),
        Link("Rouen", "links_to", at=at),
        Link("Bridge", "is_a", "hierarchical", 10_000, "Pont Neuf", 0.5),
        Link("", "links_to"),
    ]
    batch = build_blocks(Block(text, links=links)).batch
    first, second = (text[:19], text[20:])
    assert edges(batch, "links_to") == [("Bridges", "Seine", first), ("Bridges", "Rouen", second)]
    assert edges(batch, "is_a") == [("Pont Neuf", "Bridge", second)]
    assert [(sure, rules) for *_, sure, _, _, rules in batch.associations][-1] == (0.5, 0)
    assert ("is_a", "hierarchical") in batch.relations
