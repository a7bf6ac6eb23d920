"""One child, from the first concern to an approved plan, as the people who take part see it."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

from docx import Document

from stafett.dates import oslo_date

TODAY = oslo_date(datetime.now(UTC))
SOON = TODAY + timedelta(days=60)


def child_of(visitor):
    """Return the child's part of the address that is open."""
    return "/".join(visitor.path.split("?")[0].split("#")[0].split("/")[:3])


def consent(visitor, nora, purpose, services):
    """Both parents have signed on paper."""
    visitor.open(f"{nora}/samtykke/nytt").fill(purpose=purpose, method="signed")
    page = visitor.page
    for name in services:
        page.get_by_role("checkbox", name=f"Demo-{name}").check()
    for name in ("Mari Demo", "Thomas Demo"):
        page.get_by_label(name).check()
    visitor.fill(guardians_complete="true").press("Lagre samtykket")


def invite(visitor, nora, username, access):
    """The holder takes somebody into the log."""
    visitor.open(f"{nora}/folk").form("/folk/medlem")
    visitor.fill(username=username, access=access, until=str(SOON))
    visitor.press("Ta med").reads(f"{username.title()} Demo")


def change_level(visitor, nora, level, **more):
    """The holder moves the log, with the child's words."""
    visitor.open(f"{nora}/niva").fill(
        level=level,
        reason="Vi trenger flere sammen.",
        child_voice__how="talk_before",
        child_voice__text="«Det er greit.»",
        parents_agree="true",
        **more,
    )
    visitor.press("Endre nivå").reads(f"Nivå {level}")


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
    nurse.fill(
        text="Jeg snakker med Nora på torsdag.",
        kind="contact",
        visibility="professionals",
        visibility_reason="our_work",
    )
    nurse.press("Lagre i loggen").reads("Jeg snakker med Nora på torsdag.")

    reader = visit("ppt")
    reader.open(f"{nora}/stafettlogg").reads("Vi begynner med pauser", "Jeg snakker med Nora")
    assert not reader.page.locator("textarea[name=text]").count()

    mother = visit("mor", phone=True)
    mother.open(f"{nora}/stafettlogg").reads("Vi begynner med pauser")
    assert "Jeg snakker med Nora" not in mother.page.content()
    mother.fill(text="Hun sov godt i natt.", kind="glimpse").press("Lagre i loggen")
    mother.reads("Hun sov godt i natt.")

    change_level(teacher, nora, 2)

    stranger = visit("nyansatt")
    stranger.reads("Du følger ikke opp noen barn")
    tails = ("", "/stafettlogg", "/niva", "/folk", "/samtykke", "/om", "/innsyn", "/plan")
    assert {stranger.status(f"{nora}{tail}") for tail in tails} == {404}

    mother.open(f"{nora}/samtykke")
    mother.page.get_by_text("Si stopp for Demo-ppt").click()
    mother.press("Stopp for Demo-ppt")
    assert {reader.status(f"{nora}{tail}") for tail in ("", "/stafettlogg")} == {404}
    assert nurse.status(f"{nora}/stafettlogg") == 200


def test_from_level_2_to_an_approved_plan(visit):
    teacher = visit("laerer")
    nora = register_child(teacher)
    services = ["skole", "helse", "ppt", "ke", "bup"]
    consent(teacher, nora, "stafettlogg", services)
    teacher.open(f"{nora}/stafettlogg/apne").fill(level=2).press("Åpne loggen")
    invite(teacher, nora, "bup", "read")
    change_level(teacher, nora, 3, ip_assessment__answer="wanted")

    unit = visit("ke.leder")
    unit.reads("Individuell plan og koordinator er vurdert")
    unit.open(f"{nora}/folk").form("/koordinator")
    unit.fill(username="koordinator", kind="barnekoordinator").press("Oppnevn")
    unit.reads("Koordinator Demo")

    teacher.open(f"{nora}/folk/stafettpinne").fill(to="koordinator", message="Vil du ta over?")
    teacher.press("Spør om å ta over")
    coordinator = visit("koordinator")
    coordinator.follow("Svar").reads("Vil du ta over?").form("/ja").press("Ta imot stafettpinnen")
    coordinator.reads("Koordinator Demo")
    assert teacher.status(f"{nora}/stafettlogg") == 200

    consent(coordinator, nora, "plan", services)
    coordinator.open(f"{nora}/plan/utkast/tekst").fill(
        about_me="Jeg liker å klatre.",
        resources="Nora sier tydelig hva hun vil.",
        needs="Voksne som kan det samme alle steder.",
        period_from=str(TODAY),
        period_until=str(TODAY + timedelta(days=365)),
        next_revision_on=str(TODAY + timedelta(days=180)),
    )
    coordinator.press("Lagre i utkastet")
    coordinator.open(f"{nora}/plan/utkast/deltakere").fill(  # she and her parents stand there
        participants__0__contribution="Sier fra når hun vil ha pause.",
        participants__1__contribution="Snakker om dagen hver kveld.",
        participants__2__contribution="Kjører til klatring.",
        participants__3__name="Laerer Demo",
        participants__3__role="kontaktlærer",
        participants__3__contribution="Møter Nora i døra.",
    )
    coordinator.press("Lagre i utkastet")
    coordinator.open(f"{nora}/plan/utkast/samarbeid").fill(cooperation__0__agency="NAV")
    coordinator.press("Lagre i utkastet")
    coordinator.open(f"{nora}/plan/utkast/mal").fill(
        text="Jeg vil bestemme selv når jeg trenger pause.", whose="child"
    )
    coordinator.press("Lagre i utkastet").reads("Jeg vil bestemme selv")
    coordinator.open(f"{nora}/plan/utkast/mal/g1/tiltak").fill(
        what="Blått kort og stille plass",
        how="Nora går når hun vil.",
        responsible="laerer",
        evaluate_on=str(SOON),
    )
    coordinator.press("Lagre i utkastet").reads("Blått kort og stille plass")
    coordinator.open(f"{nora}/plan/utkast").form("/versjon")
    coordinator.fill(summary="Nora styrer pausene selv.").press("Send til godkjenning")

    coordinator.open(f"{nora}/plan").form("/svar")
    coordinator.page.get_by_label("Thomas Demo").check()
    coordinator.fill(answer="approve").press("Lagre svaret")
    mother = visit("mor", phone=True)
    mother.reads("Vi venter på svar fra deg").follow("Les og svar")
    mother.reads("Blått kort og stille plass").fill(answer="approve").press("Send svaret")
    mother.reads("Gjelder")

    coordinator.open(f"{nora}/plan").reads("Jeg vil bestemme selv når jeg trenger pause.")
    answer = coordinator.context.request.get(f"{coordinator.site}{nora}/plan.docx")
    assert answer.status == 200
    texts = [one.text for one in Document(BytesIO(answer.body())).paragraphs]
    assert "Individuell plan" in " ".join(texts)
    assert any("Jeg vil bestemme selv når jeg trenger pause." in text for text in texts)

    stranger = visit("nyansatt")
    tails = ("/plan", "/plan.docx", "/plan/utkast", "/plan/versjoner/1", "/innsyn")
    assert {stranger.status(f"{nora}{tail}") for tail in tails} == {404}
    mother.open(f"{nora}/innsyn").reads("Koordinator Demo", "leste planen")
