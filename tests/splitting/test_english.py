"""English claims and chains on sentences of our own; places, people and papers are invented."""

from __future__ import annotations

import pytest

from claims.splitting.splitters import SPLITTERS, Block, SplitClaim

Expected = list[tuple[str, list[tuple[str, str, str]]]]


def split(text: str) -> list[SplitClaim]:
    return SPLITTERS["rules"](text, "en", [Block(0, len(text), "body")])


def claims(text: str) -> Expected:
    return [
        (
            " … ".join(text[start:end] for start, end in claim.pieces),
            [(hop.source_text, hop.cue_text, hop.mode) for hop in claim.hops],
        )
        for claim in split(text)
    ]


def test_it_works() -> None:
    assert claims("The dam failed, the Tidal Post reported.") == [
        ("The dam failed", [("the Tidal Post", "reported", "indirect")])
    ]


@pytest.mark.parametrize(
    ("text", "content", "hops"),
    [
        ("Officials say the dam is safe.", "the dam is safe", [("Officials", "say", "indirect")]),
        ("Italy said it would send ships.", "it would send ships", [("Italy", "said", "indirect")]),
        (
            "Doctors for the family said the police had lied.",
            "the police had lied",
            [("Doctors for the family", "said", "indirect")],
        ),
        ("“Never,” said the mayor.", "Never", [("the mayor", "said", "direct_quote")]),
        (
            "The minister told parliament in Tormo on Friday, “We have nothing to hide.”",
            "We have nothing to hide",
            [("The minister", "told", "direct_quote")],
        ),
        (
            "In July officials said the road was open.",
            "the road was open",
            [("officials", "said", "indirect")],
        ),
        (
            "Ada Holm, who runs the port, however, said the road was open.",
            "the road was open",
            [("Ada Holm, who runs the port", "said", "indirect")],
        ),
        (
            "The bank on Friday said rates would fall.",
            "rates would fall",
            [("The bank", "said", "indirect")],
        ),
        (
            "Tormo state TV said at least 60 ships were held.",
            "at least 60 ships were held",
            [("Tormo state TV", "said", "indirect")],
        ),
        (
            "The paper printed in May said that mussels died.",
            "mussels died",
            [("The paper printed in May", "said", "indirect")],
        ),
        (
            "A police report said the driver was drunk.",
            "the driver was drunk",
            [("A police report", "said", "indirect")],
        ),
        (
            "The port report printed on Monday concluded that both cranes leaned.",
            "both cranes leaned",
            [("The port report printed on Monday", "concluded", "indirect")],
        ),
        (
            "A post shared 3,000 times by Tuesday claimed the mayor had resigned.",
            "the mayor had resigned",
            [("A post shared 3,000 times by Tuesday", "claimed", "indirect")],
        ),
        (
            "A film that has been seen 4,000 times since Sunday claims that tap water glows.",
            "tap water glows",
            [("A film that has been seen 4,000 times since Sunday", "claims", "indirect")],
        ),
        (
            "Critics of a new law claim the bridge is closed.",
            "the bridge is closed",
            [("Critics of a new law", "claim", "indirect")],
        ),
        (
            "“The dam is safe,” said Orin Vale, a former judge.",
            "The dam is safe",
            [("Orin Vale, a former judge", "said", "direct_quote")],
        ),
        (
            "Orin Vale, who runs the port, told the Tidal Post: “The dam is safe.”",
            "The dam is safe",
            [("Orin Vale, who runs the port", "told", "direct_quote")],
        ),
        (
            "According to a draft memo, the dam was built in 1961.",
            "the dam was built in 1961",
            [("a draft memo", "According to", "indirect")],
        ),
        (
            "The dam was built in 1961, according to the port office.",
            "The dam was built in 1961",
            [("the port office", "according to", "indirect")],
        ),
        (
            "The dam cost 3 billion, the office said, according to Tidal Post.",
            "The dam cost 3 billion",
            [("the office", "said", "indirect"), ("Tidal Post", "according to", "indirect")],
        ),
        (
            "Tidal Post quoted an engineer as saying the dam had cracks.",
            "the dam had cracks",
            [("an engineer", "saying", "indirect"), ("Tidal Post", "quoted", "indirect")],
        ),
        (
            "Tidal Post reported on Monday that two engineers had confirmed the dam had cracks.",
            "the dam had cracks",
            [("two engineers", "confirmed", "indirect"), ("Tidal Post", "reported", "indirect")],
        ),
        (
            "Tormo has accused Kharov of hiding the cracks.",
            "Kharov of hiding the cracks",
            [("Tormo", "accused", "indirect")],
        ),
        ("It is widely believed that the dam has cracks.", "the dam has cracks", [("", "believed", "indirect")]),
        (
            "One of the report’s main findings is that the dam has cracks.",
            "the dam has cracks",
            [("the report", "findings", "indirect")],
        ),
        (
            "The mayor has denied suggestions that the dam has cracks.",
            "the dam has cracks",
            [("The mayor", "denied", "indirect")],
        ),
        (
            "President Karl Osk that the port mulls a new dam.",
            "the port mulls a new dam",
            [("President Karl Osk", "", "indirect")],
        ),
        (
            "He said «the dam is new» in every sense.",
            "«the dam is new» in every sense",
            [("He", "said", "partial_quote")],
        ),
        (
            "LAKE TOWN (TP) — The dam failed on Monday, police said.",
            "The dam failed on Monday",
            [("police", "said", "indirect")],
        ),
    ],
)
def test_who_says_it(text: str, content: str, hops: list[tuple[str, str, str]]) -> None:
    assert claims(text) == [(content, hops)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The dam failed and the port was flooded.", ["The dam failed", "the port was flooded"]),
        ("The port opens in May and carries grain to Tormo.", ["The port opens in May", "carries grain to Tormo"]),
        ("The dam, which was built in 1961, has cracks.", ["The dam … has cracks", "which was built in 1961"]),
        ("The town sold the port, which lost money.", ["The town sold the port", "which lost money"]),
        (
            "Prices fell sharply as the port was closed for a month.",
            ["Prices fell sharply", "the port was closed for a month"],
        ),
        ("While the port was open, the ferry carried 900 cars.", ["the port was open", "the ferry carried 900 cars"]),
        ("The dam leaks; the port office knows it.", ["The dam leaks", "the port office knows it"]),
        # not split: restrictive relatives, infinitives, joined names, measured time
        ("Ships that were built in Tormo are heavy.", ["Ships that were built in Tormo are heavy"]),
        (
            "The town agreed to close the port and to open the dam.",
            ["The town agreed to close the port and to open the dam"],
        ),
        (
            "It was the first time Tormo and Kharov were at peace.",
            ["It was the first time Tormo and Kharov were at peace"],
        ),
        ("The dam failed two days after the port was sold.", ["The dam failed two days after the port was sold"]),
        ("The imagery and data gathered is stored in Tormo.", ["The imagery and data gathered is stored in Tormo"]),
    ],
)
def test_clauses(text: str, pieces: list[str]) -> None:
    assert [content for content, _ in claims(text)] == pieces


def test_what_stands_against_a_saying_is_not_covered_by_it() -> None:
    assert claims("The firm said the dam was safe, but two engineers said it had cracks.") == [
        ("the dam was safe", [("The firm", "said", "indirect")]),
        ("it had cracks", [("two engineers", "said", "indirect")]),
    ]
    assert claims("The dam failed at noon, witnesses said, but officials blamed the rain.") == [
        ("The dam failed at noon", [("witnesses", "said", "indirect")]),
        ("officials blamed the rain", []),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The bank said prices would fall but warned that rents could rise.",
            [("prices would fall", "The bank", "said"), ("rents could rise", "The bank", "warned")],
        ),
        (
            "“We need more ships,” Tova Rell told lawmakers, adding that two were out of service.",
            [("We need more ships", "Tova Rell", "told"), ("two were out of service", "Tova Rell", "adding")],
        ),
        (
            "The mayor claimed, without evidence, that the vote was rigged.",
            [("the vote was rigged", "The mayor", "claimed")],
        ),
        ("The rebels, he added, control the port.", [("The rebels … control the port", "he", "added")]),
        ("He was quoted by the Tidal Post as saying the vote was a farce.", [("the vote was a farce", "He", "saying")]),
        (
            "“I saw three men,” said one witness, who asked not to be named. “They ran off quickly.”",
            [
                ("I saw three men", "one witness, who asked not to be named", "said"),
                ("They ran off quickly", "one witness, who asked not to be named", "said"),
            ],
        ),
        ("Sources close to the talks say a deal is near.", [("a deal is near", "Sources close to the talks", "say")]),
    ],
)
def test_sayings_of_more_than_one_form(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(content, hops[0][0], hops[0][1]) for content, hops in claims(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "The police did not say whether the man was armed.",
        "The army's claim that no civilians were hurt was disputed.",
        "The company did not respond to a request for comment.",
        "The State Court sits in Tormo.",
        "Last week's report showed that.",
    ],
)
def test_cue_words_that_are_no_cues(text: str) -> None:
    assert [hops for _, hops in claims(text)] == [[]]


def test_a_quotation_of_several_sentences_is_one_speech() -> None:
    text = "“The dam is safe. The port is closed,” she said. “Nobody was hurt.”"
    assert [(content, hops[0][0], hops[0][2]) for content, hops in claims(text)] == [
        ("The dam is safe", "she", "direct_quote"),
        ("The port is closed", "she", "direct_quote"),
        ("Nobody was hurt", "she", "direct_quote"),
    ]


def test_an_unclosed_quotation_goes_on_in_the_next_paragraph() -> None:
    text = "The office said: ‘Nobody was hurt.\n‘The port's gate is closed.’\nThe dam is old and grey."
    assert [(content, [hop[0] for hop in hops]) for content, hops in claims(text)] == [
        ("Nobody was hurt", ["The office"]),
        ("The port's gate is closed", ["The office"]),
        ("The dam is old and grey", []),
    ]


def test_a_block_quote_announced_in_the_paragraph_before() -> None:
    text = (
        "On the cracks, the office said:\n\nThe wall is 40 metres high. It was built in 1961. […]\n\n"
        "It holds nine lakes of water.\n\nThe town has two banks."
    )
    found = split(text)
    assert [[hop.mode for hop in claim.hops] for claim in found] == [["block_quote"]] * 3 + [[]]
    assert found[0].hops[0].source_text == "the office"


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("The mayor denied that the dam had cracks.", "denial"),
        ("The mayor believes that the dam has cracks.", "belief"),
        ("The study found that the dam has cracks.", "evidence"),
        ("The court ruled that the dam is closed.", "decree"),
        ("The mayor vowed that the dam would be mended.", "intention"),
    ],
)
def test_acts(text: str, act: str) -> None:
    assert [hop.act for claim in split(text) for hop in claim.hops] == [act]


@pytest.mark.parametrize(
    ("text", "presence"),
    [
        ("The dam has cracks.", "author_voice"),
        ("The dam reportedly has cracks.", "vague"),
        ("It is widely believed that the dam has cracks.", "vague"),
        ("Western engineers believe the dam has cracks.", "attributed"),
    ],
)
def test_author_attributed_and_vague_are_told_apart(text: str, presence: str) -> None:
    assert [claim.attribution_presence for claim in split(text)] == [presence]


@pytest.mark.parametrize("text", ["How did the dam fail?", "OFFICE (Letter)", "…", "— * —"])
def test_what_states_nothing_is_no_claim(text: str) -> None:
    assert split(text) == []


def test_hops_point_at_the_words_they_quote() -> None:
    text = "“The dam is safe,” said Orin Vale, according to the\u00a0Tidal Post."
    for claim in split(text):
        for hop in claim.hops:
            assert hop.source_span is not None
            assert hop.cue_span is not None
            assert text[slice(*hop.source_span)] == hop.source_text
            assert text[slice(*hop.cue_span)] == hop.cue_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The town has a port, where ships dock, and works as a market.",
            ["The town has a port", "where ships dock", "works as a market"],
        ),
        (
            "She moved to Orby, where she runs a bakery and works.",
            ["She moved to Orby", "where she runs a bakery and works"],
        ),
        (
            "The bridge was built by Dahl, who died in 1940, and is used by 9,000 cars.",
            ["The bridge was built by Dahl", "who died in 1940", "is used by 9,000 cars"],
        ),
        (
            "The museum, which opened in 1902, was sold and is now a hotel.",
            ["The museum … was sold", "which opened in 1902", "is now a hotel"],
        ),
        (
            "Dahl, who spoke of a “second home,” has sold the house.",
            ["Dahl … has sold the house", "who spoke of a “second home"],
        ),
        ("Her daughter and son were at school.", ["Her daughter and son were at school"]),
    ],
)
def test_a_comma_before_and_ends_a_relative_clause(text: str, expected: list[str]) -> None:
    assert [claim for claim, _ in claims(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The engineer warned of a collapse, and of gas in the tunnels.",
            [
                ("a collapse", [("The engineer", "warned", "indirect")]),
                ("gas in the tunnels", [("The engineer", "warned", "indirect")]),
            ],
        ),
        (
            "He toured the camp and said the wells were dry.",
            [("He toured the camp", []), ("the wells were dry", [("He", "said", "indirect")])],
        ),
        (
            "The club, which was founded in 1902, won and said it would tour Norland.",
            [
                ("The club … won", []),
                ("which was founded in 1902", []),
                ("it would tour Norland", [("The club, which was founded in 1902", "said", "indirect")]),
            ],
        ),
        (
            "The bishop told worshippers that the church was safe.",
            [("the church was safe", [("The bishop", "told", "indirect")])],
        ),
        ("He recalled hearing two shots.", [("hearing two shots", [("He", "recalled", "indirect")])]),
        (
            "The paper, citing two people briefed on the talks, reported that the merger had stalled.",
            [
                (
                    "the merger had stalled",
                    [("two people briefed on the talks", "citing", "indirect"), ("The paper", "reported", "indirect")],
                )
            ],
        ),
        (
            "A man was stabbed, police said, adding that he was in a stable condition.",
            [
                ("A man was stabbed", [("police", "said", "indirect")]),
                ("he was in a stable condition", [("police", "adding", "indirect")]),
            ],
        ),
        (
            "Critics say the plan hurts anglers more.",
            [("the plan hurts anglers more", [("Critics", "say", "indirect")])],
        ),
        (
            "“Nobody buys barley,” grumbled one miller.",
            [("Nobody buys barley", [("one miller", "grumbled", "direct_quote")])],
        ),
        ("The road was icy, and the driver laughed.", [("The road was icy", []), ("the driver laughed", [])]),
        (
            "Divers have long warned that the reef is dying.",
            [("the reef is dying", [("Divers", "warned", "indirect")])],
        ),
        (
            "“I paid the fine,” the skipper told the court, “and I kept the receipt.”",
            [
                ("I paid the fine", [("the skipper", "told", "direct_quote")]),
                ("I kept the receipt", [("the skipper", "told", "direct_quote")]),
            ],
        ),
        (
            "Rudd called the audit “a farce” and said it was drawn up overnight.",
            [
                ("the audit “a farce”", [("Rudd", "called", "partial_quote")]),
                ("it was drawn up overnight", [("Rudd", "said", "indirect")]),
            ],
        ),
        (
            "The governor rejected the offer and told reporters that talks were over.",
            [
                ("The governor rejected the offer", []),
                ("talks were over", [("The governor", "told", "indirect")]),
            ],
        ),
        (
            "The tenant wrote that the lift had failed twice “and nobody came”.",
            [
                ("the lift had failed twice", [("The tenant", "wrote", "indirect")]),
                ("nobody came", [("The tenant", "wrote", "direct_quote")]),
            ],
        ),
    ],
)
def test_a_second_thing_said_and_a_listener(text: str, expected: Expected) -> None:
    assert claims(text) == expected
