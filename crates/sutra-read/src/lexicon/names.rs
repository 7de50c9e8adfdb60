//! Classes of proper names: given names, countries, the adjectives of countries, groups. Lower case, parted by blanks.

use super::Flags;

pub(super) const CLASSES: &[(Flags, &str)] = &[
    (Flags::GIVEN_NAME, GIVEN),
    (Flags::COUNTRY, COUNTRIES),
    (Flags::COUNTRY, PLACES),
    (Flags::NATIONALITY, NATIONALITIES),
    (Flags::GROUP, GROUPS),
];

const GIVEN: &str = "aaron abraham adam adrian agnes alan albert alejandro alex alexander alexandra alexei alfred alice allen amanda amelia amy ana anders andrea andreas andrew andy angela \
    anita ann anna anne annie anthony antoine anton antonio arnold arthur audrey augustus barbara barry beatrice ben benjamin bernard beth betty bill billy bob bobby brandon brenda \
    brian bruce bryan carl carla carlo carlos carmen carol caroline catherine cecil charles charlie charlotte chris christian christina christine christoph christopher claire clara clark \
    claude colin craig daisy dan daniel daniela danny dave david deborah denis dennis derek diana diane diego dmitri dominic don donald donna dora doris dorothy douglas duncan dwight \
    earl ed eddie edgar edith edmund eduardo edward edwin eleanor elena eli elias elisabeth elizabeth ella ellen elsa elvis emil emily emma enrique eric erik ernest ernst esther eugene \
    eva evan evelyn fatima felix ferdinand fernando florence francesco francis francisco frank franz fred frederick friedrich gabriel gareth gary gavin geoffrey georg george georges gerald \
    gerard gilbert giovanni giuseppe glenn gloria gordon grace graham greg gregory guillaume gustav hannah hans harold harriet harry harvey heather hector heinrich helen helena henri henry \
    herbert herman hermann howard hugh hugo ian igor ingrid irene isaac isabel isabella ivan jack jackie jacob jacques jake james jamie jan jane janet jason javier jay jean jeff jeffrey jennifer \
    jeremy jerry jesse jessica jill jim jimmy joan joanna joe joel johan johann johannes john johnny jon jonathan jorge joseph josé jose joshua josef joão juan judith judy julia julian julie \
    julius justin karen karl kate katherine kathleen keith kelly ken kenneth kevin kim kurt kyle larry laura lauren laurence lawrence lee leo leon leonard leonardo leslie lewis lily linda lisa \
    lloyd louis louise luca lucas lucy ludwig luigi luis luke lydia lynn madeleine manuel marc marcel marco marcus margaret maria marie marilyn mario marion mark marta martha martin mary \
    matt matthew maurice max maximilian megan melissa michael michel michelle miguel mike mikhail mohamed mohammad mohammed monica muhammad nancy natalie nathan neil nelson nicholas nick \
    nicolas nicole nigel nikolai noah nora norman oliver olivia omar oscar oskar otto pablo pamela patricia patrick paul paula pauline pedro penelope peter phil philip philippe phillip pierre \
    rachel ralph ramón raymond rebecca rené ricardo richard rick rita robert roberto robin rodney roger roland ron ronald rosa rose ross roy rudolf russell ruth ryan sally sam samantha \
    samuel sandra sara sarah scott sean sebastian sergei sharon sheila shirley simon sofia sophia sophie stanley stefan stella stephanie stephen steve steven stuart sue susan suzanne sylvia \
    ted teresa terence teresa terry theodore theresa thomas tim timothy tina todd tom tommy tony ursula valentina vanessa vera vernon victor victoria vincent viktor virginia vladimir walter wanda \
    warren wayne wendy werner wilhelm will willi william willie winston wolfgang yves zoe ahmed ali hassan hussein ibrahim yusuf raj ravi anil sanjay hiroshi kenji yuki akira takashi wei jung";

const COUNTRIES: &str = "afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain bangladesh barbados belarus belgium belize benin bhutan \
    bolivia bosnia botswana brazil britain brunei bulgaria burma burundi cambodia cameroon canada chad chile china colombia congo croatia cuba cyprus czechoslovakia denmark ecuador egypt england \
    eritrea estonia ethiopia fiji finland france gabon gambia georgia germany ghana greece grenada guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland \
    israel italy jamaica japan jordan kazakhstan kenya korea kosovo kuwait kyrgyzstan laos latvia lebanon lesotho liberia libya liechtenstein lithuania luxembourg macedonia madagascar malawi \
    malaysia maldives mali malta mauritius mexico moldova monaco mongolia montenegro morocco mozambique myanmar namibia nepal netherlands nicaragua niger nigeria norway oman pakistan panama \
    paraguay peru philippines poland portugal prussia qatar romania russia rwanda samoa scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden switzerland syria taiwan \
    tajikistan tanzania thailand togo tunisia turkey turkmenistan uganda ukraine uruguay usa u.s u.s.a us uk u.k uzbekistan venezuela vietnam wales yemen yugoslavia zambia zimbabwe";

const PLACES: &str = "africa asia europe america antarctica oceania scandinavia balkans alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois \
    indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah \
    vermont wisconsin wyoming alberta manitoba ontario quebec saskatchewan queensland tasmania london paris berlin rome madrid vienna moscow tokyo beijing shanghai delhi mumbai cairo istanbul \
    athens lisbon dublin brussels amsterdam stockholm oslo copenhagen helsinki warsaw prague budapest bucharest sofia belgrade kiev kyiv chicago boston philadelphia houston dallas seattle \
    toronto montreal vancouver ottawa sydney melbourne brisbane perth manchester liverpool birmingham edinburgh glasgow munich hamburg cologne frankfurt milan naples venice florence turin \
    barcelona seoul bangkok jakarta manila hollywood manhattan brooklyn bavaria saxony sicily siberia transylvania";

const NATIONALITIES: &str = "afghan albanian algerian american angolan argentine argentinian armenian asian australian austrian azerbaijani bangladeshi basque bavarian belarusian belgian bolivian bosnian \
    brazilian british bulgarian burmese cambodian cameroonian canadian catalan chilean chinese colombian croatian cuban cypriot czech czechoslovak danish dutch ecuadorian egyptian english \
    eritrean estonian ethiopian european fijian filipino finnish flemish french georgian german ghanaian greek guatemalan haitian honduran hungarian icelandic indian indonesian iranian iraqi \
    irish israeli italian jamaican japanese jordanian kazakh kenyan korean kurdish kuwaiti kyrgyz lao latvian lebanese liberian libyan lithuanian macedonian malagasy malaysian maltese mexican \
    moldovan mongolian montenegrin moroccan mozambican namibian nepalese nepali nicaraguan nigerian norwegian ottoman pakistani palestinian panamanian paraguayan persian peruvian polish \
    portuguese prussian puerto romanian russian rwandan samoan saudi scottish senegalese serbian singaporean slovak slovenian somali soviet spanish sri sudanese swedish swiss syrian taiwanese \
    tamil tanzanian thai tibetan tunisian turkish turkmen ugandan ukrainian uruguayan uzbek venezuelan vietnamese welsh yugoslav zambian zimbabwean african scandinavian byzantine";

const GROUPS: &str = "christian christians jewish jews muslim muslims islamic islam christianity judaism buddhist buddhism hindu hinduism catholic catholics catholicism protestant protestants \
    orthodox anglican lutheran methodist presbyterian baptist democrat democrats democratic republican republicans liberal conservative labour communist socialist nazi nazis latin arabic hebrew \
    sanskrit arab arabs celtic slavic germanic roman romans mormon sunni shia sikh";
