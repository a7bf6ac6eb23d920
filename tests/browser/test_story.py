"""One child, from the first concern to an approved plan, as the people who take part see it."""

from datetime import date, timedelta

TODAY = date.today()  # noqa: DTZ011 what people write in a form is their own day
SOON = TODAY + timedelta(days=60)


def child_of(visitor):
    """Return the child's part of the address that is open."""
    return "/".join(visitor.path.split("?")[0].split("#")[0].split("/")[:3])


def consent(visitor, nora, purpose, services):
    """Both parents have signed on paper."""
    visitor.open(f"{nora}/samtykke/nytt").fill(purpose=purpose, method="signed")
    page = visitor.page
    for name in services:
        page.get_by_label(f"Demo-{name}").check()
    for name in ("Mari Demo", "Thomas Demo"):
        page.get_by_label(name).check()
    visitor.fill(guardians_complete="true").press("Lagre samtykket")


def invite(visitor, nora, username, access):
    """The holder takes somebody into the log."""
    visitor.open(f"{nora}/folk").form("/folk/medlem")
    visitor.fill(username=username, access=access, until=str(SOON))
    visitor.press("Ta med").reads(f"{username.title()} Demo")


def register_child(teacher):
    teacher.open("/barn/nytt")
    teacher.fill(kind="child", name="Nora Demo", birth_date=str(TODAY.replace(year=TODAY.year - 9)))
    teacher.press("Registrer barnet").reads("Nora Demo")
    nora = child_of(teacher)
    for name, relation, username in (("Mari Demo", "mor", "mor"), ("Thomas Demo", "far", "far")):
        teacher.open(f"{nora}/om").form("/foresatte")
        teacher.fill(name=name, relation=relation, username=username)
        teacher.fill(parental_responsibility="true", lives_with="true")
        teacher.press("Registrer foresatt")
    return nora


def test_from_the_first_concern_to_level_2(visit):
    teacher = visit("laerer")
    teacher.reads("Du følger ikke opp noen barn")
    nora = register_child(teacher)
    teacher.open(f"{nora}/bekymring/ny")
    teacher.fill(observed="Nora legger hodet på pulten etter storefri.", worry=3)
    teacher.press("Lagre bekymringen").reads("Nora legger hodet på pulten")

    leader = visit("rektor")
    leader.reads("bekymringen fra Laerer Demo").follow("Les og avgjør")
    leader.reads("Nora legger hodet på pulten")
    leader.fill(decision="more_services", reason="Vi trenger helsesykepleier med.")
    leader.press("Lagre avgjørelsen").reads("Vi trenger helsesykepleier med.")

    consent(teacher, nora, "stafettlogg", ["skole", "helse", "ppt", "ke"])
    teacher.open(f"{nora}/stafettlogg/apne").fill(level=1)
    teacher.press("Åpne loggen").reads("Laerer Demo")
    invite(teacher, nora, "helsesykepleier", "write")
    invite(teacher, nora, "ppt", "read")
    teacher.open(f"{nora}/stafettlogg")
    teacher.fill(text="Vi begynner med pauser hver time.", kind="note", visibility="everyone")
    teacher.press("Lagre i loggen").reads("Vi begynner med pauser hver time.")

    nurse = visit("helsesykepleier")
    nurse.open(f"{nora}/stafettlogg").reads("Vi begynner med pauser hver time.")
    nurse.fill(text="Jeg snakker med Nora på torsdag.", kind="contact", visibility="professionals")
    nurse.press("Lagre i loggen").reads("Jeg snakker med Nora på torsdag.")

    reader = visit("ppt")
    reader.open(f"{nora}/stafettlogg").reads("Vi begynner med pauser", "Jeg snakker med Nora")
    assert not reader.page.locator("textarea[name=text]").count()

    mother = visit("mor", phone=True)
    mother.open(f"{nora}/stafettlogg").reads("Vi begynner med pauser")
    assert "Jeg snakker med Nora" not in mother.page.content()
    mother.fill(text="Hun sov godt i natt.", kind="glimpse").press("Lagre i loggen")
    mother.reads("Hun sov godt i natt.")

    teacher.open(f"{nora}/niva").fill(
        level=2,
        reason="Skole og helsesykepleier er med.",
        child_voice__how="talk_before",
        child_voice__text="«Det er greit.»",
        parents_agree="true",
    )
    teacher.press("Endre nivå").reads("Nivå 2")

    stranger = visit("nyansatt")
    stranger.reads("Du følger ikke opp noen barn")
    tails = ("", "/stafettlogg", "/niva", "/folk", "/samtykke", "/om", "/innsyn", "/plan")
    assert {stranger.status(f"{nora}{tail}") for tail in tails} == {404}

    mother.open(f"{nora}/samtykke").form("/trekk").press("Stopp for Demo-ppt")
    assert {reader.status(f"{nora}{tail}") for tail in ("", "/stafettlogg")} == {404}
    assert nurse.status(f"{nora}/stafettlogg") == 200
