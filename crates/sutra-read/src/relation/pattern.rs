//! The table of relation patterns, and the kinds of relations.
//!
//! A row reads: *words* in this *voice*, with an object marked by one of *markers* (`-` for none) that is a *want*,
//! state *relation*, from subject to object (`Forward`) or from object to subject (`Backward`), this *sure*ly.
//!
//! | voice | sentence |
//! | --- | --- |
//! | Passive | S was *founded* by O · a film *directed* by O |
//! | Active | S *founded* O · S *died* in O |
//! | Object | … *founded* S in O: what is said of the direct object |
//! | Noun | S is the *capital* of O · S, *capital* of O · O's *capital* S |

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use sutra_model::{AssociationKind, EntityType};

use crate::knowledge::Knowledge;
use Direction::{Backward, Forward};
use Voice::{Active, Noun, Object, Passive};
use Want::{Agent, Any, Date, Organisation, Person, Phrase, Place, Work};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    Passive,
    Active,
    Object,
    Noun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// What a pattern takes as its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Any name.
    Any,
    /// A name, or a common noun phrase.
    Phrase,
    /// A person or an organisation.
    Agent,
    Person,
    Place,
    Organisation,
    Work,
    Date,
}

impl Want {
    /// Whether a mention of this type will do.
    pub const fn accepts(self, entity_type: EntityType) -> bool {
        use EntityType as T;
        match self {
            Any | Phrase => !matches!(entity_type, T::Date | T::Number),
            Agent | Person => matches!(entity_type, T::Person | T::Organisation | T::Thing),
            Place => !matches!(entity_type, T::Date | T::Number | T::Work),
            Organisation => !matches!(entity_type, T::Date | T::Number | T::Work),
            Work => !matches!(entity_type, T::Date | T::Number | T::Place),
            Date => matches!(entity_type, T::Date),
        }
    }

    /// The type of a mention of which nothing else is known.
    pub const fn implied(self, entity_type: EntityType) -> EntityType {
        use EntityType as T;
        match (self, entity_type) {
            (Person, T::Thing) => T::Person,
            (Place, T::Thing | T::Person) => T::Place,
            (Organisation, T::Thing) => T::Organisation,
            (Work, T::Thing) => T::Work,
            _ => entity_type,
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Pattern {
    words: &'static str,
    pub voice: Voice,
    markers: &'static str,
    pub want: Want,
    pub relation: &'static str,
    pub direction: Direction,
    pub sure: f32,
}

impl Pattern {
    /// Whether `marker` (empty for none) may stand before the object.
    pub fn takes(&self, marker: &str) -> bool {
        let marker = if marker.is_empty() { "-" } else { marker };
        self.markers.split(' ').any(|word| word == marker)
    }
}

const fn row(
    words: &'static str,
    voice: Voice,
    markers: &'static str,
    want: Want,
    relation: &'static str,
    direction: Direction,
    sure: f32,
) -> Pattern {
    Pattern {
        words,
        voice,
        markers,
        want,
        relation,
        direction,
        sure,
    }
}

#[rustfmt::skip]
const PATTERNS: &[Pattern] = &[
    // life
    row("born",                                   Passive, "in at near",      Place,  "born_in",       Forward,  0.90),
    row("born",                                   Passive, "- on in",         Date,   "born_on",       Forward,  0.92),
    row("born",                                   Passive, "to",              Person, "child_of",      Forward,  0.75),
    row("died",                                   Active,  "in at near",      Place,  "died_in",       Forward,  0.90),
    row("died",                                   Active,  "- on in",         Date,   "died_on",       Forward,  0.92),
    row("killed assassinated executed murdered",  Passive, "in at near",      Place,  "died_in",       Forward,  0.70),
    row("killed assassinated executed murdered",  Passive, "on in",           Date,   "died_on",       Forward,  0.70),
    row("buried interred",                        Passive, "in at near",      Place,  "buried_in",     Forward,  0.85),
    row("married wed marries",                    Active,  "-",               Person, "spouse_of",     Forward,  0.85),
    row("married wed",                            Passive, "to",              Person, "spouse_of",     Forward,  0.88),
    row("wife husband spouse widow widower",      Noun,    "of",              Person, "spouse_of",     Forward,  0.90),
    row("son daughter child children",            Noun,    "of",              Person, "child_of",      Forward,  0.88),
    row("father mother parent parents",           Noun,    "of",              Person, "parent_of",     Forward,  0.88),
    row("brother sister sibling half-brother half-sister twin", Noun, "of",   Person, "sibling_of",    Forward,  0.85),
    row("lives lived resides resided living",     Active,  "in at near",      Place,  "lives_in",      Forward,  0.75),
    row("moved emigrated immigrated relocated went travelled traveled journeyed", Active, "to", Place, "moved_to", Forward, 0.70),
    row("native",                                 Noun,    "of",              Place,  "born_in",       Forward,  0.60),
    // learning and work
    row("studied graduated educated enrolled trained", Active, "at from",     Organisation, "studied_at", Forward, 0.85),
    row("educated trained",                       Passive, "at",              Organisation, "studied_at", Forward, 0.85),
    row("attended attends",                       Active,  "-",               Organisation, "studied_at", Forward, 0.70),
    row("graduate alumnus alumna",                Noun,    "of",              Organisation, "studied_at", Forward, 0.85),
    row("student pupil disciple",                 Noun,    "of",              Person, "student_of",    Forward,  0.75),
    row("works worked working",                   Active,  "for at",          Organisation, "works_for", Forward, 0.80),
    row("employed hired",                         Passive, "by at",           Organisation, "works_for", Forward, 0.85),
    row("employs hired hires",                    Active,  "-",               Person, "works_for",     Backward, 0.75),
    row("plays played playing",                   Active,  "for",             Organisation, "plays_for", Forward, 0.85),
    row("joined joins",                           Active,  "-",               Organisation, "member_of", Forward, 0.75),
    row("member members",                         Noun,    "of",              Any,    "member_of",     Forward,  0.85),
    row("belongs belonged belong",                Active,  "to",              Any,    "part_of",       Forward,  0.70),
    row("won received earned wins receives",      Active,  "-",               Work,   "awarded",       Forward,  0.75),
    row("awarded",                                Passive, "- with",          Work,   "awarded",       Forward,  0.85),
    row("nominated",                              Passive, "for",             Work,   "nominated_for", Forward,  0.80),
    row("president ceo chairman chairwoman mayor king queen emperor empress governor chancellor premier leader head coach captain manager dean ruler chief commander minister", Noun, "of", Any, "headed_by", Backward, 0.75),
    row("headed led chaired ruled governed",      Passive, "by",              Agent,  "headed_by",     Forward,  0.75),
    row("heads headed chairs chaired governs governed ruled rules", Active, "-", Any, "headed_by",     Backward, 0.65),
    // making
    row("founded co-founded cofounded established formed incorporated", Passive, "by",    Agent, "founded_by", Forward,  0.88),
    row("founded co-founded cofounded established formed incorporated", Passive, "in on", Date,  "founded_in", Forward,  0.88),
    row("founded established formed",             Passive, "in at",           Place,  "formed_in",     Forward,  0.70),
    row("founded co-founded cofounded established formed", Active, "-",       Any,    "founded_by",    Backward, 0.85),
    row("founded co-founded cofounded established formed", Object, "in on",   Date,   "founded_in",    Forward,  0.80),
    row("founder co-founder cofounder founders",  Noun,    "of",              Any,    "founded_by",    Backward, 0.88),
    row("built constructed erected",              Passive, "by",              Agent,  "built_by",      Forward,  0.85),
    row("built constructed erected completed opened", Passive, "in on",       Date,   "built_in",      Forward,  0.80),
    row("built constructed erected",              Active,  "-",               Any,    "built_by",      Backward, 0.75),
    row("created",                                Passive, "by",              Agent,  "created_by",    Forward,  0.88),
    row("created creates",                        Active,  "-",               Any,    "created_by",    Backward, 0.80),
    row("creator",                                Noun,    "of",              Any,    "created_by",    Backward, 0.85),
    row("designed",                               Passive, "by",              Agent,  "designed_by",   Forward,  0.88),
    row("designed",                               Active,  "-",               Any,    "designed_by",   Backward, 0.80),
    row("developed manufactured",                 Passive, "by",              Agent,  "developed_by",  Forward,  0.85),
    row("made",                                   Passive, "by",              Agent,  "developed_by",  Forward,  0.75),
    row("developed manufactured manufactures develops", Active, "-",          Any,    "developed_by",  Backward, 0.75),
    row("invented devised patented pioneered",    Passive, "by",              Agent,  "invented_by",   Forward,  0.90),
    row("invented devised patented pioneered",    Passive, "in on",           Date,   "invented_in",   Forward,  0.80),
    row("invented devised patented pioneered",    Active,  "-",               Phrase, "invented_by",   Backward, 0.88),
    row("inventor",                               Noun,    "of",              Phrase, "invented_by",   Backward, 0.90),
    row("discovered",                             Passive, "by",              Agent,  "discovered_by", Forward,  0.90),
    row("discovered",                             Passive, "in on",           Date,   "discovered_in", Forward,  0.80),
    row("discovered",                             Active,  "-",               Phrase, "discovered_by", Backward, 0.85),
    row("discoverer",                             Noun,    "of",              Phrase, "discovered_by", Backward, 0.90),
    // works
    row("directed co-directed helmed",            Passive, "by",              Agent,  "directed_by",   Forward,  0.92),
    row("directed co-directed directs",           Active,  "-",               Work,   "directed_by",   Backward, 0.80),
    row("director",                               Noun,    "of",              Work,   "directed_by",   Backward, 0.60),
    row("written co-written authored penned scripted", Passive, "by",         Agent,  "written_by",    Forward,  0.90),
    row("wrote co-wrote authored penned writes",  Active,  "-",               Work,   "written_by",    Backward, 0.82),
    row("author writer co-author screenwriter",   Noun,    "of",              Work,   "written_by",    Backward, 0.85),
    row("composed",                               Passive, "by",              Agent,  "composed_by",   Forward,  0.90),
    row("composed",                               Active,  "-",               Work,   "composed_by",   Backward, 0.82),
    row("composer",                               Noun,    "of",              Work,   "composed_by",   Backward, 0.85),
    row("performed sung recorded covered",        Passive, "by",              Agent,  "performed_by",  Forward,  0.85),
    row("performed sang recorded sings performs", Active,  "-",               Work,   "performed_by",  Backward, 0.72),
    row("produced co-produced",                   Passive, "by",              Agent,  "produced_by",   Forward,  0.88),
    row("produced co-produced produces",          Active,  "-",               Work,   "produced_by",   Backward, 0.72),
    row("producer",                               Noun,    "of",              Work,   "produced_by",   Backward, 0.65),
    row("starring stars starred features featuring", Active, "-",             Person, "starring",      Forward,  0.85),
    row("starred stars appeared appears acted",   Active,  "in",              Work,   "starring",      Backward, 0.75),
    row("published issued",                       Passive, "by",              Agent,  "published_by",  Forward,  0.85),
    row("published issued",                       Passive, "in on",           Date,   "published_on",  Forward,  0.85),
    row("published",                              Passive, "in",              Work,   "published_in",  Forward,  0.65),
    row("released premiered",                     Passive, "in on",           Date,   "released_on",   Forward,  0.88),
    row("premiered debuted aired",                Active,  "in on",           Date,   "released_on",   Forward,  0.78),
    row("released",                               Passive, "by through",      Agent,  "released_by",   Forward,  0.80),
    row("released",                               Active,  "-",               Work,   "released_by",   Backward, 0.70),
    row("based",                                  Passive, "on upon",         Work,   "based_on",      Forward,  0.85),
    row("influenced inspired",                    Passive, "by",              Any,    "influenced_by", Forward,  0.80),
    row("influenced inspired",                    Active,  "-",               Any,    "influenced_by", Backward, 0.70),
    // names
    row("named renamed",                          Passive, "after for",       Any,    "named_after",   Forward,  0.88),
    row("known",                                  Passive, "as",              Any,    "alias_of",      Backward, 0.85),
    row("nicknamed abbreviated dubbed",           Passive, "- as to",         Any,    "alias_of",      Backward, 0.80),
    row("referred",                               Passive, "as",              Any,    "alias_of",      Backward, 0.75),
    row("known",                                  Passive, "for",             Work,   "known_for",     Forward,  0.65),
    // places
    row("located situated lies lie sited",        Passive, "in at on within near", Place, "located_in", Forward, 0.88),
    row("lies lie sits stands",                   Active,  "in at on within near", Place, "located_in", Forward, 0.75),
    row("headquartered based",                    Passive, "in at near",      Place,  "headquartered_in", Forward, 0.85),
    row("capital",                                Noun,    "of",              Place,  "capital_of",    Forward,  0.92),
    row("suburb district borough neighborhood neighbourhood municipality village town province county", Noun, "of", Place, "located_in", Forward, 0.80),
    row("borders border adjoins",                 Active,  "-",               Place,  "borders",       Forward,  0.85),
    row("bordered",                               Passive, "by",              Place,  "borders",       Forward,  0.85),
    row("flows flow empties drains discharges",   Active,  "into to",         Place,  "flows_into",    Forward,  0.88),
    row("tributary",                              Noun,    "of",              Place,  "flows_into",    Forward,  0.88),
    row("happened occurred",                      Active,  "in at near",      Place,  "happened_in",   Forward,  0.75),
    row("held fought",                            Passive, "in at near",      Place,  "happened_in",   Forward,  0.75),
    // wholes and parts
    row("part portion component division section subsidiary", Noun, "of",     Phrase, "part_of",       Forward,  0.85),
    row("contains contain comprises comprise includes include encompasses", Active, "-", Phrase, "has_part", Forward, 0.75),
    row("consists consist consisted",             Active,  "of",              Phrase, "has_part",      Forward,  0.82),
    row("composed comprised",                     Passive, "of",              Phrase, "has_part",      Forward,  0.82),
    row("made built constructed",                 Passive, "of from",         Phrase, "made_of",       Forward,  0.82),
    row("used",                                   Passive, "for",             Phrase, "used_for",      Forward,  0.78),
    row("owned acquired purchased bought",        Passive, "by",              Agent,  "owned_by",      Forward,  0.85),
    row("owns acquired purchased bought",         Active,  "-",               Any,    "owned_by",      Backward, 0.75),
    row("owner",                                  Noun,    "of",              Any,    "owned_by",      Backward, 0.80),
    row("operated",                               Passive, "by",              Agent,  "operated_by",   Forward,  0.85),
    row("operates",                               Active,  "-",               Any,    "operated_by",   Backward, 0.70),
    row("kind type form sort species genus variety breed subclass", Noun, "of", Phrase, "is_a",        Forward,  0.85),
    // causes
    row("causes caused cause triggers triggered induces induced", Active, "-", Phrase, "causes",       Forward,  0.85),
    row("caused triggered induced",               Passive, "by",              Phrase, "causes",        Backward, 0.88),
    row("leads led lead",                         Active,  "to",              Phrase, "causes",        Forward,  0.75),
    row("results resulted result",                Active,  "in",              Phrase, "causes",        Forward,  0.78),
    row("results resulted stems stemmed arises arose", Active, "from",        Phrase, "causes",        Backward, 0.78),
    row("due owing",                              Passive, "to",              Phrase, "causes",        Backward, 0.72),
    row("cause",                                  Noun,    "of",              Phrase, "causes",        Forward,  0.85),
    row("result consequence effect",              Noun,    "of",              Phrase, "causes",        Backward, 0.75),
    row("prevents prevent prevented inhibits inhibit", Active, "-",           Phrase, "prevents",      Forward,  0.82),
    row("prevented inhibited",                    Passive, "by",              Phrase, "prevents",      Backward, 0.82),
    // time
    row("happened occurred began started",        Active,  "in on",           Date,   "happened_on",   Forward,  0.82),
    row("held fought signed",                     Passive, "in on",           Date,   "happened_on",   Forward,  0.80),
    row("ended",                                  Active,  "in on",           Date,   "ended_on",      Forward,  0.80),
    row("happened occurred began started",        Active,  "before",          Any,    "before",        Forward,  0.80),
    row("happened occurred began started",        Active,  "after",           Any,    "after",         Forward,  0.80),
    row("preceded precedes",                      Active,  "-",               Any,    "precedes",      Forward,  0.80),
    row("preceded",                               Passive, "by",              Any,    "precedes",      Backward, 0.85),
    row("followed",                               Passive, "by",              Any,    "precedes",      Forward,  0.72),
    row("follows",                                Active,  "-",               Any,    "precedes",      Backward, 0.60),
    row("sequel",                                 Noun,    "to of",           Work,   "precedes",      Backward, 0.80),
    row("prequel",                                Noun,    "to of",           Work,   "precedes",      Forward,  0.75),
    row("succeeded replaced",                     Passive, "by",              Any,    "succeeded_by",  Forward,  0.85),
    row("succeeded succeeds replaced",            Active,  "-",               Any,    "succeeded_by",  Backward, 0.78),
    row("successor",                              Noun,    "of to",           Any,    "succeeded_by",  Backward, 0.85),
    row("predecessor",                            Noun,    "of",              Any,    "succeeded_by",  Forward,  0.85),
    row("defeated beat",                          Active,  "-",               Agent,  "defeated",      Forward,  0.75),
    row("defeated beaten",                        Passive, "by",              Agent,  "defeated",      Backward, 0.80),
];

/// Relations that are not simply semantic.
#[rustfmt::skip]
const KINDS: &[(AssociationKind, &str)] = &[
    (AssociationKind::Hierarchical,  "instance_of is_a occupation"),
    (AssociationKind::Compositional, "part_of has_part member_of made_of located_in capital_of"),
    (AssociationKind::Causal,        "causes prevents"),
    (AssociationKind::Temporal,      "before after precedes succeeded_by born_on died_on founded_in built_in invented_in discovered_in published_on released_on happened_on ended_on"),
];

/// Relations that hold for a time, which "from 1977 to 1980" may bound.
const LASTING: &str = "lives_in works_for plays_for member_of headed_by owned_by operated_by spouse_of headquartered_in located_in \
                       studied_at capital_of part_of";

/// Which of the five kinds a relation refines; semantic, where the rules know no relation of this name.
#[must_use]
pub fn kind_of(relation: &str) -> AssociationKind {
    let listed = KINDS
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == relation));
    listed.map_or(AssociationKind::Semantic, |(kind, _)| *kind)
}

/// Whether a relation holds over a span of time.
pub(super) fn is_lasting(relation: &str) -> bool {
    LASTING.split_ascii_whitespace().any(|name| name == relation)
}

/// The rows of one word.
#[derive(Debug, Default)]
pub(super) struct Trigger {
    pub patterns: Vec<&'static Pattern>,
    pub is_noun: bool,
    pub is_verb: bool,
    /// It may take a direct object, so that "by" or "to be" must tell the passive.
    pub is_transitive: bool,
}

struct Table {
    forms: Vec<&'static str>,
    triggers: Vec<Trigger>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut numbers: FxHashMap<&'static str, usize> = FxHashMap::default();
    let mut table = Table {
        forms: Vec::new(),
        triggers: Vec::new(),
    };
    let left_out = Knowledge::Patterns.is_left_out();
    for pattern in PATTERNS.iter().filter(|_| !left_out) {
        for form in pattern.words.split_ascii_whitespace() {
            let number = *numbers.entry(form).or_insert_with(|| {
                table.forms.push(form);
                table.triggers.push(Trigger::default());
                table.forms.len() - 1
            });
            let trigger = &mut table.triggers[number];
            trigger.is_noun |= pattern.voice == Noun;
            trigger.is_verb |= pattern.voice != Noun;
            trigger.is_transitive |= pattern.voice == Active && pattern.takes("");
            trigger.patterns.push(pattern);
        }
    }
    table
});

/// Every word that begins a pattern, with its number.
pub(crate) fn trigger_forms() -> impl Iterator<Item = (&'static str, u16)> {
    (0..).zip(&TABLE.forms).map(|(number, form)| (*form, number))
}

/// The trigger that the lexicon's 1-based number names.
pub(super) fn trigger(number: u16) -> Option<&'static Trigger> {
    TABLE.triggers.get(usize::from(number).checked_sub(1)?)
}
