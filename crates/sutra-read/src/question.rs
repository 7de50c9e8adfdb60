//! Questions: what sort of answer is expected, and which relations lead to it.
//!
//! One table of cues. Nothing here looks anything up: a hint says where an answer may be found, never what it is.

use sutra_model::EntityType;

use crate::knowledge::Knowledge;

/// What a question asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionReading {
    /// The sort of thing that answers it, if the question says so.
    pub expected: Option<EntityType>,
    /// Names of relations that it asks about, in the order of its words; not all need lead to the answer.
    pub relations: Vec<&'static str>,
    /// It asks whether something is so.
    pub yes_no: bool,
}

/// The interrogative that a cue needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Anything,
    Place,
}

/// (words, interrogative, relations, sort of answer if the interrogative does not say). Of cues that overlap, the longer counts; of
/// equal ones, the first whose interrogative fits.
#[rustfmt::skip]
const CUES: &[(&str, Asks, &str, Option<EntityType>)] = &[
    ("place of birth|birthplace|birth place|city of birth|country of birth|hometown", Asks::Anything, "born_in", Some(EntityType::Place)),
    ("date of birth|birthday|birth date|older|younger|oldest|youngest|how old", Asks::Anything, "born_on", Some(EntityType::Date)),
    ("born",                                        Asks::Place,    "born_in",      None),
    ("born",                                        Asks::Anything, "born_on",      None),
    ("place of death",                              Asks::Anything, "died_in",      Some(EntityType::Place)),
    ("date of death",                               Asks::Anything, "died_on",      Some(EntityType::Date)),
    ("die|died|dies|killed|assassinated",           Asks::Place,    "died_in",      None),
    ("die|died|dies|killed|assassinated",           Asks::Anything, "died_on",      None),
    ("place of burial|buried",                      Asks::Anything, "buried_in",    Some(EntityType::Place)),
    ("nationality|citizenship|what country is|country of citizenship", Asks::Anything, "nationality", None),
    ("occupation|profession|for a living|job",      Asks::Anything, "occupation",   None),
    ("wife|husband|spouse|married|marry|widow",     Asks::Anything, "spouse_of",    Some(EntityType::Person)),
    ("father|mother|parent|parents|father-in-law|mother-in-law|grandfather|grandmother", Asks::Anything, "parent_of child_of", Some(EntityType::Person)),
    ("son|daughter|child|children",                 Asks::Anything, "child_of parent_of", Some(EntityType::Person)),
    ("sibling|siblings|brother|sister|brothers|sisters", Asks::Anything, "sibling_of", Some(EntityType::Person)),
    ("live|lived|lives|reside|resides|resided",     Asks::Place,    "lives_in",     None),
    ("study|studied|educated|attend|attended|graduate|graduated|alma mater|college did|university did", Asks::Anything, "studied_at", Some(EntityType::Organisation)),
    ("work for|works for|worked for|work at|works at|worked at|employer|employed", Asks::Anything, "works_for", Some(EntityType::Organisation)),
    ("play for|plays for|played for",               Asks::Anything, "plays_for",    Some(EntityType::Organisation)),
    ("member of|members of|belong to",              Asks::Anything, "member_of",    None),
    ("award|awards|prize|awarded|receive|received|win|won", Asks::Anything, "awarded", None),
    ("president of|ceo|chairman|mayor|leader of|head of|governor of|prime minister of|king of|queen of", Asks::Anything, "headed_by", Some(EntityType::Person)),
    ("founded|founder|founders|co-founded|established|founding", Asks::Place, "formed_in", None),
    ("when was founded|year founded",               Asks::Anything, "founded_in",   Some(EntityType::Date)),
    ("founded|founder|founders|co-founded|established|founding|formed", Asks::Anything, "founded_by founded_in", None),
    ("built|constructed",                           Asks::Anything, "built_by built_in", None),
    ("created|creator|create",                      Asks::Anything, "created_by",   None),
    ("designed|designer|architect",                 Asks::Anything, "designed_by",  None),
    ("developed|developer|manufactured|manufacturer", Asks::Anything, "developed_by", None),
    ("invented|inventor|invent",                    Asks::Anything, "invented_by",  None),
    ("discovered|discoverer|discover",              Asks::Anything, "discovered_by", None),
    ("director|directors|directed|direct",          Asks::Anything, "directed_by",  Some(EntityType::Person)),
    ("author|wrote|written|writer|screenwriter|write", Asks::Anything, "written_by", Some(EntityType::Person)),
    ("composer|composed|compose",                   Asks::Anything, "composed_by",  Some(EntityType::Person)),
    ("performer|performers|performed|sang|sings|sing|singer|sung|recorded", Asks::Anything, "performed_by", None),
    ("producer|produced",                           Asks::Anything, "produced_by",  None),
    ("star|stars|starred|starring|cast|acted|played the role|plays the role", Asks::Anything, "starring", Some(EntityType::Person)),
    ("published|publisher|publish",                 Asks::Anything, "published_by published_on", None),
    ("released|come out|came out|release date|premiered|premiere|came first", Asks::Anything, "released_on", Some(EntityType::Date)),
    ("record label",                                Asks::Anything, "released_by",  Some(EntityType::Organisation)),
    ("based on",                                    Asks::Anything, "based_on",     None),
    ("named after|namesake",                        Asks::Anything, "named_after",  None),
    ("also known as|stage name|nickname|abbreviation|stand for|stands for|real name", Asks::Anything, "alias_of", None),
    ("known for",                                   Asks::Anything, "known_for",    None),
    ("headquartered|headquarters|based",            Asks::Place,    "headquartered_in", None),
    ("headquarters",                                Asks::Anything, "headquartered_in", Some(EntityType::Place)),
    ("capital of|capital city|the capital",         Asks::Anything, "capital_of",   Some(EntityType::Place)),
    ("located|location|situated|found in",          Asks::Anything, "located_in",   Some(EntityType::Place)),
    ("border|borders|bordered",                     Asks::Anything, "borders",      Some(EntityType::Place)),
    ("flow|flows|empty into|mouth of|tributary",    Asks::Anything, "flows_into",   Some(EntityType::Place)),
    ("take place|took place|held|fought|happen|happened|occur|occurred", Asks::Place, "happened_in", None),
    ("take place|took place|held|fought|happen|happened|occur|occurred", Asks::Anything, "happened_on", None),
    ("part of",                                     Asks::Anything, "part_of",      None),
    ("consist of|consists of|contain|contains|composed of|comprise|comprises", Asks::Anything, "has_part", None),
    ("made of|made from|built of",                  Asks::Anything, "made_of",      None),
    ("used for",                                    Asks::Anything, "used_for",     None),
    ("own|owns|owned|owner|acquired|bought",        Asks::Anything, "owned_by",     None),
    ("operated|operator|operates",                  Asks::Anything, "operated_by",  None),
    ("cause|causes|caused|lead to|leads to|led to|result in|results in|why", Asks::Anything, "causes", None),
    ("prevent|prevents|prevented",                  Asks::Anything, "prevents",     None),
    ("succeeded|successor|replaced",                Asks::Anything, "succeeded_by", None),
    ("predecessor|preceded|sequel|prequel|followed by", Asks::Anything, "precedes", None),
    ("defeated|beat",                               Asks::Anything, "defeated",     None),
    ("what kind of|what type of|what is a|what is an|what are", Asks::Anything, "is_a instance_of", None),
];

/// Words after "what", "which" or "in what" that say what is expected.
#[rustfmt::skip]
const HEADS: &[(&str, EntityType)] = &[
    ("city country state town place county province village river island continent region district location nation area lake mountain street building capital hotel airport neighborhood", EntityType::Place),
    ("year date month day century decade", EntityType::Date),
    ("person man woman actor actress director singer author writer composer producer player musician politician king queen president scientist artist founder inventor poet rapper footballer character mathematician", EntityType::Person),
    ("company university college school team band organization organisation party league agency club network studio institution label government church", EntityType::Organisation),
    ("film movie song album book novel series show magazine game poem opera single play", EntityType::Work),
    ("number amount percentage population", EntityType::Number),
];

const YES_NO: &str = "is are was were do does did can could has have had will would should am";

/// Reads a question; `None` if it shows neither a sort of answer nor a relation, nor asks for yes or no.
pub fn relation_hint(question: &str) -> Option<QuestionReading> {
    let words: Vec<String> = question
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let joined = format!(" {} ", words.join(" "));
    let yes_no = words.first().is_some_and(|word| has_word(YES_NO, word)) && !joined.contains(" or ");
    let asked = if yes_no { None } else { interrogative(&words) };
    let cues = cues(&joined, asked == Some(EntityType::Place));
    let mut reading = QuestionReading {
        expected: asked,
        relations: Vec::new(),
        yes_no,
    };
    if asked.is_none() && !yes_no {
        reading.expected = cues.first().and_then(|cue| CUES[cue.row].3);
    }
    for relation in cues.iter().flat_map(|cue| CUES[cue.row].2.split(' ')) {
        let unfit = match asked {
            Some(EntityType::Date) => relation.ends_with("_by"),
            Some(EntityType::Person) => matches!(relation, "founded_in" | "built_in" | "published_on"),
            _ => false,
        };
        if !unfit && !reading.relations.contains(&relation) {
            reading.relations.push(relation);
        }
    }
    (reading != QuestionReading::default()).then_some(reading)
}

fn has_word(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// What the question word asks for: the first of them counts.
fn interrogative(words: &[String]) -> Option<EntityType> {
    let at = words.iter().position(|word| {
        matches!(
            word.as_str(),
            "where" | "when" | "who" | "whom" | "whose" | "which" | "what" | "how"
        )
    })?;
    let next = words.get(at + 1).map_or("", String::as_str);
    match words[at].as_str() {
        "where" => Some(EntityType::Place),
        "when" => Some(EntityType::Date),
        "who" | "whom" | "whose" => Some(EntityType::Person),
        "how" => matches!(
            next,
            "many" | "much" | "old" | "long" | "tall" | "far" | "high" | "big" | "large"
        )
        .then_some(EntityType::Number),
        _ => words[at + 1..]
            .iter()
            .take(4)
            .take_while(|word| {
                !matches!(
                    word.as_str(),
                    "is" | "was" | "are" | "were" | "did" | "does" | "do" | "of"
                )
            })
            .take_while(|_| !Knowledge::Cues.is_left_out())
            .find_map(|word| HEADS.iter().find(|(list, _)| has_word(list, word)))
            .map(|(_, expected)| *expected),
    }
}

struct Cue {
    start: usize,
    end: usize,
    row: usize,
}

/// The cues that occur in the question, in its order.
fn cues(question: &str, place: bool) -> Vec<Cue> {
    let mut found: Vec<Cue> = Vec::new();
    if Knowledge::Cues.is_left_out() {
        return found;
    }
    for (row, (words, asks, _, _)) in CUES.iter().enumerate() {
        if *asks == Asks::Place && !place {
            continue;
        }
        for phrase in words.split('|') {
            let at = question.match_indices(phrase).map(|(at, _)| at).find(|at| {
                question.as_bytes()[at - 1] == b' ' && question.as_bytes()[at + phrase.len()] == b' '
            });
            if let Some(start) = at {
                found.push(Cue {
                    start,
                    end: start + phrase.len(),
                    row,
                });
            }
        }
    }
    found.sort_by_key(|cue| (cue.start, std::cmp::Reverse(cue.end), cue.row));
    let mut kept: Vec<Cue> = Vec::new();
    for cue in found {
        if kept.last().is_none_or(|last| cue.start >= last.end) {
            kept.push(cue);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn asks(question: &str, expected: Option<EntityType>, relations: &[&str]) {
        let reading = relation_hint(question).unwrap_or_default();
        assert_eq!(
            (reading.expected, reading.relations.as_slice(), reading.yes_no),
            (expected, relations, false),
            "{question}"
        );
    }

    #[test]
    fn interrogatives_and_cues_say_what_is_asked() {
        use EntityType as T;
        asks("Where was Marie Curie born?", Some(T::Place), &["born_in"]);
        asks("When was Marie Curie born?", Some(T::Date), &["born_on"]);
        asks("In which city did he die?", Some(T::Place), &["died_in"]);
        asks(
            "Who directed Forbidden Ground?",
            Some(T::Person),
            &["directed_by"],
        );
        asks(
            "Where was the place of death of the director of film Heat?",
            Some(T::Place),
            &["died_in", "directed_by"],
        );
        asks("What is the capital of Albania?", Some(T::Place), &["capital_of"]);
        asks("When was IBM founded?", Some(T::Date), &["founded_in"]);
        asks("Who founded IBM?", Some(T::Person), &["founded_by"]);
        asks(
            "How many children does she have?",
            Some(T::Number),
            &["child_of", "parent_of"],
        );
        asks(
            "Which film came out earlier, Niyoti or Angali Pangali?",
            Some(T::Work),
            &["released_on"],
        );
        asks("What causes malaria?", None, &["causes"]);
    }

    #[test]
    fn questions_of_fact_ask_for_yes_or_no_and_choices_do_not() {
        assert!(relation_hint("Is John in the office?").unwrap().yes_no);
        assert!(
            !relation_hint("Is John in the office or the kitchen?")
                .unwrap_or_default()
                .yes_no
        );
        assert_eq!(relation_hint("Tell me a story"), None);
        assert_eq!(relation_hint(""), None);
    }
}
