"""Claims and chains in other languages than English, on sentences of our own; places and papers are invented."""

from __future__ import annotations

import pytest

from claims.splitting.splitters import SPLITTERS, Block, SplitClaim

# language | sentence | source | cue | claims
CASES = """
es | El conductor dormía, según informó la policía. | la policía | según informó | El conductor dormía
de | Laut Bericht der „Woche“ wusste die Stadt davon. | Bericht der „Woche“ | Laut | wusste die Stadt davon
it | Secondo quanto scritto dal giornale, il ponte è chiuso. | giornale | Secondo quanto scritto dal | il ponte è chiuso
de | Dem Bericht zufolge fehlen zwölf Millionen Euro. | Dem Bericht | zufolge | fehlen zwölf Millionen Euro
de | Der Minister sagte: „Das Gesetz kommt im Herbst.“ | Der Minister | sagte | Das Gesetz kommt im Herbst
fr | Le maire a expliqué que le pont resterait fermé. | Le maire | a expliqué | le pont resterait fermé
fr | « Nous n’étions pas au courant », a-t-elle déclaré. | elle | a-t-elle déclaré | Nous n’étions pas au courant
fr | D’après la police, trois hommes ont été interpellés. | la police | D’après | trois hommes ont été interpellés
fr | Le pont a été fermé, selon les autorités locales. | les autorités locales | selon | Le pont a été fermé
es | «No sabíamos nada», afirmó la ministra. | la ministra | afirmó | No sabíamos nada
es | Según fuentes policiales, el sospechoso huyó en coche. | fuentes policiales | Según | el sospechoso huyó en coche
es | La empresa negó que hubiera vertido residuos al río. | La empresa | negó | hubiera vertido residuos al río
it | Il sindaco ha spiegato che il ponte resterà chiuso. | Il sindaco | ha spiegato | il ponte resterà chiuso
it | Secondo la polizia, tre uomini sono fuggiti. | la polizia | Secondo | tre uomini sono fuggiti
it | Il ponte, ha detto il sindaco, resterà chiuso. | il sindaco | ha detto | Il ponte … resterà chiuso
it | Stando al rapporto, mancano due milioni di euro. | rapporto | Stando al | mancano due milioni di euro
pt | O prefeito afirmou que a ponte ficará fechada. | O prefeito | afirmou | a ponte ficará fechada
pt | “Não sabíamos de nada”, disse a ministra. | a ministra | disse | Não sabíamos de nada
pt | De acordo com a polícia, três homens fugiram. | a polícia | De acordo com | três homens fugiram
pt | A ponte ficará fechada, segundo o prefeito. | o prefeito | segundo | A ponte ficará fechada
nl | De burgemeester zei dat de brug dicht blijft. | De burgemeester | zei | de brug dicht blijft
nl | “We wisten van niets”, zei de minister. | de minister | zei | We wisten van niets
nl | De brug blijft dicht, aldus de burgemeester. | de burgemeester | aldus | De brug blijft dicht
pl | Burmistrz powiedział, że most pozostanie zamknięty. | Burmistrz | powiedział | most pozostanie zamknięty
pl | „Nic nie wiedzieliśmy” – powiedziała minister. | minister | powiedziała | Nic nie wiedzieliśmy
pl | Jak podaje policja, trzech mężczyzn uciekło. | policja | Jak podaje | trzech mężczyzn uciekło
pl | Zdaniem ekspertów ceny wzrosną w maju. | ekspertów | Zdaniem | ceny wzrosną w maju
ru | Мэр заявил, что мост останется закрытым. | Мэр | заявил | мост останется закрытым
ru | «Мы ничего не знали», — сказала министр. | министр | сказала | Мы ничего не знали
ru | По данным полиции, трое мужчин скрылись. | полиции | По данным | трое мужчин скрылись
ru | Мост останется закрытым, сообщил мэр города. | мэр города | сообщил | Мост останется закрытым
ru | Компания отрицает, что сливала отходы в реку. | Компания | отрицает | сливала отходы в реку
uk | Мер заявив, що міст залишиться закритим. | Мер | заявив | міст залишиться закритим
uk | «Ми нічого не знали», — сказала міністерка. | міністерка | сказала | Ми нічого не знали
tr | Bakanlığa göre üç kişi gözaltına alındı. | Bakanlığa | göre | üç kişi gözaltına alındı
tr | Sözcü, üç kişinin yaralandığını açıkladı. | Sözcü | açıkladı | üç kişinin yaralandığını
el | Ο δήμαρχος δήλωσε ότι η γέφυρα θα παραμείνει κλειστή. | Ο δήμαρχος | δήλωσε | η γέφυρα θα παραμείνει κλειστή
el | «Δεν γνωρίζαμε τίποτα», είπε η υπουργός. | η υπουργός | είπε | Δεν γνωρίζαμε τίποτα
el | Η γέφυρα θα μείνει κλειστή, σύμφωνα με τον δήμαρχο. | τον δήμαρχο | σύμφωνα με | Η γέφυρα θα μείνει κλειστή
el | Όπως ανακοίνωσε η αστυνομία, τρεις άνδρες διέφυγαν. | η αστυνομία | Όπως ανακοίνωσε | τρεις άνδρες διέφυγαν
ar | وأضاف الوزير أن الجسر سيبقى مغلقا. | الوزير | وأضاف | الجسر سيبقى مغلقا
ar | وفقا للشرطة، فر ثلاثة رجال. | لشرطة | وفقا ل | فر ثلاثة رجال
ar | أعلنت وزارة الصحة أن عدد الوفيات ارتفع إلى 40. | وزارة الصحة | أعلنت | عدد الوفيات ارتفع إلى 40
ar | وقالت الوزيرة: "لم نكن نعرف شيئا". | الوزيرة | وقالت | لم نكن نعرف شيئا
zh | 市长表示，大桥将继续关闭。 | 市长 | 表示 | 大桥将继续关闭
zh | 据警方通报，三名男子逃跑。 | 警方 | 据 | 三名男子逃跑
zh | “我们什么都不知道，”部长说。 | 部长 | 说 | 我们什么都不知道
zh | 卫生部宣布死亡人数升至40人。 | 卫生部 | 宣布 | 死亡人数升至40人
hy | Քաղաքապետն ասաց, որ կամուրջը փակ կմնա։ | Քաղաքապետն | ասաց | կամուրջը փակ կմնա
hy | Ըստ ոստիկանության՝ երեք տղամարդ փախել է։ | ոստիկանության | Ըստ | երեք տղամարդ փախել է
hy | «Մենք ոչինչ չգիտեինք»,- ասել է նախարարը։ | նախարարը | ասել է | Մենք ոչինչ չգիտեինք
sv | Enligt polisen greps tre män. | polisen | Enligt | greps tre män
sv | Ministern säger att bron förblir stängd. | Ministern | säger | bron förblir stängd
ro | Potrivit poliției, trei bărbați au fugit. | poliției | Potrivit | trei bărbați au fugit
ro | Ministrul a declarat că podul rămâne închis. | Ministrul | a declarat | podul rămâne închis
cs | Podle policie utekli tři muži. | policie | Podle | utekli tři muži
cs | Starosta uvedl, že most zůstane zavřený. | Starosta | uvedl | most zůstane zavřený
"""


def split(text: str, language: str) -> list[SplitClaim]:
    return SPLITTERS["rules"](text, language, [Block(0, len(text), "body")])


@pytest.mark.parametrize("line", CASES.strip().split("\n"))
def test_it_works_in_every_language_with_cue_words(line: str) -> None:
    language, text, source, cue, claims = line.split(" | ")
    found = split(text, language)
    assert [" … ".join(text[start:end] for start, end in claim.pieces) for claim in found] == claims.split(" / ")
    assert {(claim.hops[0].source_text, claim.hops[0].cue_text) for claim in found} == {(source, cue)}
    assert {claim.attribution_presence for claim in found} == {"attributed"}


@pytest.mark.parametrize(
    ("language", "text", "mode", "act"),
    [
        ("de", "„Wir haben nichts gewusst“, sagte die Ministerin dem „Tagblatt Nord“.", "direct_quote", "statement"),
        ("es", "La empresa negó que hubiera vertido residuos al río.", "indirect", "denial"),
        ("fr", "Le ministre a assuré mardi que « tout sera fait » pour aider.", "partial_quote", "statement"),
        ("ru", "Компания отрицает, что сливала отходы в реку.", "indirect", "denial"),
        ("pl", "Ekspert uważa, że most jest bezpieczny.", "indirect", "belief"),
    ],
)
def test_mode_and_act(language: str, text: str, mode: str, act: str) -> None:
    assert [(hop.mode, hop.act) for claim in split(text, language) for hop in claim.hops] == [(mode, act)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "« Le pont est mort, dit Tove Lind. Rien n’y vit. Il part. »"),
        ("fr", "« Le pont est mort. Rien n’y vit, dit Tove Lind. Il part. »"),
        ("fr", "« Le pont est mort », dit Tove Lind. « Rien n’y vit. Il part. »"),
        ("it", "«Il ponte è morto – dice Tove Lind –. Nulla ci vive. Va via». Poi partì."),
        ("es", "«El puente está muerto —dijo Tove Lind—. Nada vive allí. Se va»."),
        ("ru", "«Река мертва, — сказала Туве Линд. — Там ничего не живёт. Рыбы нет»."),
        ("de", "„Der Fluss ist tot“, sagte Tove Lind. „Nichts lebt dort. Er geht.“"),
        ("de", "»Der Fluss ist tot«, sagte Tove Lind. »Nichts lebt dort. Er geht.«"),
        ("sv", "”Floden är död”, säger Tove Lind. ”Inget lever där. Den är borta.”"),
        ("pl", "„Rzeka jest martwa” – powiedziała Tove Lind. „Nic tam nie żyje. Ryb nie ma.”"),
        ("zh", "“河流死了，”部长说。“那里没有任何生物。鱼都不见了。”"),
        ("en", "“The river is dead,” said Tove Lind. “Nothing lives there. The fish are gone.”"),
        ("en", "Tove Lind said: “The river is dead. Nothing lives there.\n\n“The fish are gone.”"),
    ],
)
def test_every_sentence_of_a_quotation_is_quoted_as_directly_as_the_first(language: str, text: str) -> None:
    found = [claim for claim in split(text, language) if claim.hops]
    assert [[hop.mode for hop in claim.hops] for claim in found] == [["direct_quote"]] * 3
    assert len({claim.hops[0].source_text for claim in found}) == 1
    assert not any(text[at] in "«»„“”" for claim in found for start, end in claim.pieces for at in (start, end - 1))


@pytest.mark.parametrize(
    ("language", "text", "claims"),
    [
        ("fr", "La rivière monte, dit le maire, et personne ne vient.", ["La rivière monte", "personne ne vient"]),
        ("de", "Der Fluss steigt, sagte der Bürgermeister, aber niemand geht.", ["Der Fluss steigt", "niemand geht"]),
        ("de", "Der Dienst warnte am Montag vor Sturmböen.", ["Sturmböen"]),
        ("nl", "Het bureau waarschuwt voor gladheid.", ["gladheid"]),
        ("it", "Il ministro nega di aver firmato.", ["aver firmato"]),
        ("fr", "« Personne ne répond », s'indigne une habitante.", ["Personne ne répond"]),
    ],
)
def test_what_is_said_goes_on_or_has_no_verb_of_its_own(language: str, text: str, claims: list[str]) -> None:
    found = split(text, language)
    assert [text[slice(*claim.pieces[0])] for claim in found] == claims
    assert all(claim.attribution_presence == "attributed" for claim in found)


def test_a_language_without_a_file_gets_whole_sentences() -> None:
    text = "Ang tulay ay sarado na. Walang nakakaalam kung bakit."
    assert [text[slice(*claim.pieces[0])] for claim in split(text, "tl")] == [
        "Ang tulay ay sarado na",
        "Walang nakakaalam kung bakit",
    ]


def test_turkish_verb_at_the_end_without_a_comma_names_no_source() -> None:
    text = "Belediye başkanı köprünün kapalı kalacağını söyledi."
    [claim] = split(text, "tr")
    assert [(hop.source_span, hop.cue_text) for hop in claim.hops] == [(None, "söyledi")]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "de",
            "Das Amt prüfte die Zahlen und erklärte, sie seien richtig.",
            [("Das Amt prüfte die Zahlen", None), ("sie seien richtig", ("Das Amt", "erklärte"))],
        ),
        (
            "fr",
            "La préfète a visité le port et a assuré que les grues étaient neuves.",
            [("La préfète a visité le port", None), ("les grues étaient neuves", ("La préfète", "a assuré"))],
        ),
        (
            "es",
            "Marta Ruiz dimitió el lunes y dijo que estaba cansada.",
            [("Marta Ruiz dimitió el lunes", None), ("estaba cansada", ("Marta Ruiz", "dijo"))],
        ),
        (
            "ru",
            "Порт закрыл два причала и сообщил, что третий работает.",
            [("Порт закрыл два причала", None), ("третий работает", ("Порт", "сообщил"))],
        ),
        (
            "de",
            "Die Ministerin sagte, der Damm halte, und betonte, dass niemand fliehen müsse.",
            [
                ("der Damm halte", ("Die Ministerin", "sagte")),
                ("niemand fliehen müsse", ("Die Ministerin", "betonte")),
            ],
        ),
        (
            "de",
            "Feuerwehr und Polizei erklärten, es sei ruhig.",
            [("es sei ruhig", ("Feuerwehr und Polizei", "erklärten"))],
        ),
    ],
)
def test_who_did_one_thing_says_another(
    language: str, text: str, expected: list[tuple[str, tuple[str, str] | None]]
) -> None:
    found = [
        (text[slice(*one.pieces[0])], (one.hops[0].source_text, one.hops[0].cue_text) if one.hops else None)
        for one in SPLITTERS["rules"](text, language, [Block(0, len(text), "body")])
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“渡轮还在港口。”船长说。", [("渡轮还在港口", "船长")]),
        ("“渡轮还在港口。我们在等。”她告诉记者。雨停了。", [("渡轮还在港口", "她"), ("我们在等", "她")]),
        ("船长说：“渡轮还在港口。”他们不同意这种说法。", [("渡轮还在港口", "船长"), ("他们不同意这种说法", "")]),
    ],
)
def test_who_speaks_after_a_quotation_that_keeps_its_full_stop(text: str, expected: list[tuple[str, str]]) -> None:
    found = SPLITTERS["rules"](text, "zh", [Block(0, len(text), "body")])
    assert [(text[slice(*one.pieces[0])], one.hops[0].source_text if one.hops else "") for one in found] == expected
