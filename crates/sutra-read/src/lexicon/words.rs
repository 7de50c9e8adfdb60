//! Classes of ordinary words. Lower case, parted by blanks.

use super::Flags;

pub(super) const CLASSES: &[(Flags, &str)] = &[
    (Flags::FUNCTION, FUNCTION),
    (
        Flags::DETERMINER,
        "a an the this that these those his her its their our my your some any each every all both another several many various",
    ),
    (
        Flags::PREPOSITION,
        "of in on at by to from with as for into near after before under during between since until through against within over \
         about around among towards toward upon onto outside inside beside along across behind beyond throughout via per without \
         following including like",
    ),
    (
        Flags::BE,
        "is are was were be been being am became becomes become remains remained",
    ),
    (
        Flags::AUXILIARY,
        "has have had having do does did will would can could may might shall should must 's",
    ),
    (
        Flags::MODAL,
        "would could may might should if whether possibly perhaps allegedly reportedly supposedly rumoured rumored fictional",
    ),
    (Flags::PRONOUN, "he she it they"),
    (Flags::POSSESSIVE, "his her its their"),
    (Flags::RELATIVE, "who which that whose whom"),
    (
        Flags::NEGATION,
        "not never no neither nor cannot n't isn't wasn't aren't weren't didn't doesn't don't hasn't haven't hadn't won't can't couldn't wouldn't isn’t wasn’t aren’t weren’t didn’t doesn’t don’t without",
    ),
    (Flags::CONJUNCTION, "and or & but"),
    (
        Flags::ADVERB,
        "also originally later then first subsequently eventually officially formally recently previously formerly jointly \
         initially currently now still soon already once only first-ever mainly primarily chiefly partly partially fully widely \
         often sometimes usually generally commonly best posthumously independently together himself herself itself again \
         just even directly finally briefly newly long mostly simply entirely largely thus therefore afterwards shortly historically",
    ),
    (
        Flags::ADJECTIVE,
        "small large big great major minor main former famous well-known notable popular new old first second third fourth fifth last \
         next early late best worst largest smallest biggest oldest youngest longest highest most more retired late current ancient \
         modern short long young renowned prominent leading important influential successful international national local public \
         private multiple single only same other different certain upcoming fictional historic historical contemporary prolific \
         professional acclaimed award-winning self-titled eponymous principal top real so-called",
    ),
    (
        Flags::MONTH,
        "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec \
      januar februar mai juni juli oktober dezember janvier mars avril juin juillet août septembre octobre novembre enero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ),
    (
        Flags::WEEKDAY,
        "monday tuesday wednesday thursday friday saturday sunday",
    ),
    (Flags::SEASON, "spring summer autumn fall winter"),
    (
        Flags::NUMBER_WORD,
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen \
         twenty thirty forty fifty sixty seventy eighty ninety twenty-one twenty-two twenty-three twenty-four twenty-five twenty-six \
         twenty-seven twenty-eight twenty-nine thirty-one thirty-two thirty-three thirty-four thirty-five thirty-six forty-one forty-two \
         forty-five forty-six fifty-two",
    ),
    (
        Flags::SCALE,
        "hundred thousand million billion trillion hundreds thousands millions billions dozen",
    ),
    (
        Flags::UNIT,
        "km m cm mm kg g mg ha mi ft lb lbs oz t mph km/h kw mw gw hz mhz ghz kb mb gb tb °c °f percent per cent metres meters metre meter \
         kilometres kilometers kilometre kilometer miles mile feet foot inches inch acres acre hectares hectare tons tonnes tonne pounds \
         kilograms grams litres liters gallons dollars euros yen francs crowns yards points km² mi² m² sq square cubic",
    ),
    (
        Flags::TIME_UNIT,
        "second seconds minute minutes hour hours day days week weeks month months year years decade decades century centuries yrs",
    ),
    (
        Flags::PERSON_TITLE,
        "dr mr mrs ms prof professor sir dame lord lady king queen prince princess duke duchess emperor empress president saint st pope \
         captain capt colonel col general gen major lieutenant lt sergeant sgt admiral judge justice senator sen representative rep \
         governor gov rev reverend father sister brother bishop archbishop cardinal count countess baron baroness earl tsar sultan \
         commander marshal chancellor minister mayor coach miss madam rabbi sheikh pharaoh",
    ),
    (
        Flags::PERSON_SUFFIX,
        "jr sr ii iii iv phd md esq vi vii viii ix xi xii xiv xv xvi",
    ),
    (
        Flags::ORGANISATION_CUE,
        "inc ltd llc plc gmbh ag corp corporation co company companies university college institute institution school academy bank party \
         association society foundation federation union league club fc f.c cf sc team committee council commission agency ministry \
         department bureau office board army navy force forces corps regiment brigade division battalion squadron police parliament \
         senate congress assembly court church orchestra band records studios pictures entertainment productions press publishers \
         publishing group holdings industries systems technologies software motors airlines airways railway railways hospital \
         laboratory laboratories museum library organization organisation network television radio broadcasting newspaper times \
         government administration authority trust guild order brotherhood conference alliance front movement service services \
         seminary faculty choir ensemble quartet trio s.a brothers bros",
    ),
    (
        Flags::PLACE_CUE,
        "river lake mount mountain mountains island islands sea ocean bay gulf peninsula valley desert forest park street road avenue \
         highway square bridge city town village county district province state states republic kingdom empire region territory parish \
         municipality borough castle palace airport station harbor harbour port beach hill hills creek falls canyon cape strait coast \
         canal dam tower building stadium arena hall house cathedral cemetery township prefecture oblast voivodeship emirate duchy \
         department commune isle isles archipelago plateau basin heights springs grove fort camp north south east west northern southern \
         eastern western central upper lower saint san santa los las",
    ),
    (
        Flags::PLACE_NOUN,
        "city town village county district province state municipality borough suburb region capital island country kingdom republic \
         parish commune area neighborhood neighbourhood department prefecture community hamlet port settlement outskirts territory \
         governorate oblast canton locality valley coast north south east west northeast northwest southeast southwest center centre \
         river lake mountain house home hospital",
    ),
    (
        Flags::STAND_IN,
        "film movie album song company band city town book novel river village university series show game team club party ship episode \
         single group school church station airport island magazine newspaper play building country county district lake mountain \
         organization organisation organisation bridge castle stadium museum opera document election battle war festival language species \
         genus label firm corporation institution college record video soundtrack manga anime story",
    ),
    (
        Flags::CONNECTOR,
        "of the and & de la le les du des del della di da do dos das von van der den ter ten zu zum bin ibn al el y e i for in on to at a upon 's",
    ),
    (
        Flags::OCCUPATION,
        "actor actress politician footballer player singer songwriter singer-songwriter writer author novelist poet director producer composer musician painter \
         artist architect engineer scientist physicist chemist biologist mathematician philosopher historian journalist lawyer judge \
         officer soldier general businessman businesswoman entrepreneur economist teacher professor coach manager driver racer racer \
         athlete swimmer boxer wrestler cyclist cricketer golfer priest bishop theologian monk nun king queen emperor prince princess \
         noble nobleman model dancer comedian screenwriter filmmaker cinematographer photographer sculptor illustrator guitarist \
         drummer bassist pianist violinist conductor rapper broadcaster presenter host critic editor publisher translator linguist \
         psychologist physician doctor surgeon nurse explorer astronaut diplomat activist spy criminal serial-killer inventor designer \
         skier skater gymnast rower sailor jockey referee statesman philanthropist scholar academic researcher playwright dramatist \
         lyricist vocalist cartoonist animator choreographer astronomer geologist botanist zoologist naturalist merchant banker farmer \
         missionary rabbi pastor minister senator governor mayor president chancellor ambassador admiral colonel commander",
    ),
    (
        Flags::ABBREVIATION,
        "inc ltd co corp jr sr etc al bros est u.s u.k u.n a.m p.m b.c a.d ph.d m.d d.c jan feb mar apr jun jul aug sep sept oct nov dec dept univ assn ave blvd rd e.g i.e cf vs v approx ca resp incl ed eds vol trans z.b u.a usw bzw ft sq lb oz",
    ),
    (
        Flags::TITLE_ABBREVIATION,
        "dr mr mrs ms prof st gen col capt lt sgt cpl pvt maj cmdr adm rev hon gov sen rep pres mt messrs mme mlle m fr sra srta vs e.g i.e cf approx z.b bzw ca resp",
    ),
    (
        Flags::NUMBERED,
        "no nos nr fig figs vol vols pp p sec art ch op eq ref",
    ),
    (
        Flags::VERB,
        "is was are were has had have does did can will would became becomes served won lost made said says went began started moved \
         joined played plays worked works wrote writes lived lives died founded directed produced released published recorded sang \
         sings starred stars appeared received attended studied graduated married defeated led held holds took takes came comes got \
         gave gives left returned retired ran runs signed scored killed discovered invented designed built created introduced \
         announced reported claimed argued suggested believed found finished competed represented remained remains",
    ),
    (
        Flags::GENERIC,
        "tv cd dvd lp ep fm am pm ceo phd ph.d dj mc pc vip hq id ok ma ba bsc mba ok usd wi-fi dna rna secretary vice member chairman president's",
    ),
];

/// What is left out with the names (`Knowledge::Lexicon`).
pub(super) const KNOWLEDGE: &[(Flags, &str)] = &[
    (Flags::FUNCTION, OPENERS),
    (
        Flags::WORK_CUE,
        "album song symphony concerto sonata opera ballet award awards prize medal cup championship championships olympics games war battle \
         treaty act festival tour trophy bowl series season episode chart hot revolution rebellion uprising siege campaign operation \
         agreement constitution bible testament language dynasty era age census expo grand prix open tournament",
    ),
    (
        Flags::EVENT_CUE,
        "winter summer fifa uefa world olympic olympics census european asian african commonwealth pan grand national nba nfl nhl mlb",
    ),
];

/// Function words and the commonest words that open a sentence.
const FUNCTION: &str = "a an the this that these those he she it they we i you his her its their our my your him them us me who whom whose which what when where why how \
    and or but nor so yet if although though because since while whereas unless until before after as than in on at by to from with \
    for of into near under over during between through against within about around among upon despite except per via without out up \
    down off not no none never ever is are was were be been being am do does did has have had having can could may might shall should will would must \
    there here then thus hence therefore however moreover furthermore nevertheless nonetheless meanwhile instead otherwise also too \
    very only just even still already once again both each every either neither all any some many most more much several few other \
    another such same own one first second third last next let yes please";

/// Ordinary words that often stand capitalised at the head of a sentence or heading.
const OPENERS: &str = "according additionally afterwards ago along alongside although altogether apart apparently approximately archaeological around aside based born built \
    beginning besides briefly called cars children citing clearly common commonly compared consequently considered contrary conversely critics currently \
    days death depending described designed different directed due early eight eleven especially established eventually examples \
    famous fans featuring feature features few fifteen fifty filmed finally five following follow formally formerly forty founded four fourth fifth furthermore \
    general generally given graduating half having hello help higher historians history home hundreds ideally important included includes including \
    increasingly indeed initially inside inspired interestingly interest introduced join joining known large largely later lately learn less like likewise listen little \
    living local long look looking made mainly make making married maybe members men modern months moreover mostly music named native near nearly new \
    nine notable note notably nothing now numerous occasionally officially often old older on opening original originally others outside overall \
    part particularly parts people perhaps plans plus popular possibly present presently previous previously primarily prior problems published pursuant quite \
    rather raised ranked real reasons recent recently recorded regarding related released repeat results reviews roughly scholars see seeing set seven seventeen \
    shortly should similar similarly simply six sixteen small some sometimes soon specifically starring starting still students studies subsequently summary \
    take taking ten text thank thanks things thirteen thirty those thousands three throughout today together tomorrow total toward towards traditional \
    twelve twenty two typically ultimately under unfortunately unlike unusually upon used using usually various visitors voting well whenever \
    whether whilst whoever wide widely women work working works writing written years yesterday yet young okay ok oh wow hey hi yeah sure sorry great good nice really \
    elsewhere anyway nowadays sadly eventually namely fortunately everyone everything someone something anyone anything nobody nothing somebody sounds i'm i've i'll i'd it's that's what's there's he's she's you're they're we're let's don't can't";
