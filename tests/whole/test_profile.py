"""The kommune's rules: the built-in ones load, and a wrong file is refused with every problem."""

from importlib import resources

import pytest

from stafett.profile.load import BUILT_IN, ProfileError, load

STANDARD = resources.files("stafett.profile").joinpath("standard.toml").read_text("utf-8")


@pytest.fixture
def problems(tmp_path):
    """Write a file and return what is wrong with it."""

    def read(content, encoding="utf-8"):
        file = tmp_path / "kommune.toml"
        file.write_text(content, encoding)
        with pytest.raises(ProfileError) as caught:
            load(str(file))
        assert str(caught.value) == "\n".join(caught.value.problems)
        return caught.value.problems

    return read


@pytest.fixture
def own(tmp_path):
    """Write a file and load it."""

    def read(content, encoding="utf-8"):
        file = tmp_path / "kommune.toml"
        file.write_text(content, encoding)
        return load(str(file))

    return read


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_step_takes_for_granted_that_a_family_is_the_one_asked(name):
    steps = [(one.what, one.how, one.who) for one in load(name).steps]
    assert [words for words in steps if "familien" in " ".join(map(str, words)).lower()] == []


def changed(old, new, text=STANDARD):
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_profiles_load(name):
    profile = load(name)
    assert [profile.level(number).number for number in range(4)] == [0, 1, 2, 3]
    assert profile.level(0).decision_deadline_days == 14
    assert profile.consent_age == 16
    assert profile.participation_age == 12
    assert profile.level(3).requires_ip_assessment
    assert {level.evaluation_interval_days for level in profile.levels[1:]} == {42}


def test_what_holtalen_asks_for():
    profile = load("holtalen")
    assert (profile.kommune, profile.max_age) == ("Holtålen kommune", 17)
    asked = [
        (level.label, level.min_services, level.max_services, level.requires_specialist)
        for level in profile.levels
    ]
    assert asked == [
        ("Kartlegging av behov", 0, None, False),
        ("Én til to lokale tjenester", 1, 2, False),
        ("Flere lokale tjenester", 2, None, False),
        ("Lokale tjenester og spesialisthelsetjenesten", 2, None, True),
    ]
    assert "barnekoordinator" in profile.level(3).coordinator_kinds
    assert profile.consent_months == 12  # what it does not say is the standard's


def test_what_tromso_calls_the_log():
    assert load("tromso").log_name == "tverrfaglig plan"
    assert load("tromso").max_age == 23


def test_the_catalogues_have_what_the_demo_kommune_uses():
    profile = load("holtalen")
    kinds = (
        "school kindergarten health_centre ppt child_welfare respite therapy gp bup hospital "
        "specialist_health coordinating_unit administration"
    )
    specialists = {"bup", "hospital", "specialist_health"}
    for code in kinds.split():
        assert profile.service_kind(code).specialist == (code in specialists)
    areas = (
        "fritid hjem laering medisinsk motorikk naervar overgang selvstendighet sosial sovn sprak "
        "trivsel"
    )
    labels = {area.code: area.label for area in profile.development_areas}
    assert all(labels[code] for code in areas.split())


def test_an_own_file_holds_only_what_is_different(own):
    profile = own('based_on = "standard"\nkommune = "Demodalen kommune"\nconsent_age = 15\n')
    assert (profile.kommune, profile.consent_age) == ("Demodalen kommune", 15)
    assert profile.levels == load("standard").levels


def test_an_own_file_may_be_based_on_one_that_is_itself_based_on_another(own):
    profile = own('based_on = "holtalen"\nkommune = "Demodalen kommune"\n')
    assert profile.levels == load("holtalen").levels
    assert profile.service_kinds == load("standard").service_kinds


def test_an_own_file_may_stand_alone_and_begin_with_a_byte_order_mark(own):
    assert own(STANDARD, "utf-8-sig") == load("standard")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('kommune = ""', "kommune: må være en tekst på én linje"),
        ('kommune = "  "', "kommune: må være en tekst på én linje"),
        (r'kommune = "a\u0000b"', "kommune: må være en tekst på én linje"),
        ("kommune = 7", "kommune: må være en tekst på én linje"),
        ("consent_age = 14", "consent_age: må være et helt tall fra 15 til 16"),
        ("consent_age = 17", "consent_age: må være et helt tall fra 15 til 16"),
        ("consent_age = 15.0", "consent_age: må være et helt tall fra 15 til 16"),
        ("inactivity_days = true", "inactivity_days: må være et helt tall fra 1 til 366"),
        ("coordinating_unit_counts = 1", "coordinating_unit_counts: må være true eller false"),
        ("consent_aeg = 15", "consent_aeg: ukjent nøkkel"),
        ("levels = 3", "levels: må være en liste av tabeller, [[levels]]"),
        ("levels = [3]", "levels: må være en liste av tabeller, [[levels]]"),
        ("levels = []", "levels: må være nivå 0, 1, 2 og 3, én gang hver og i den rekkefølgen"),
        ("development_areas = []", "development_areas: må ha minst ett område"),
        (
            'development_areas = [{code = "Språk", label = "Språk"}]',
            "development_areas[0].code: må være en kode av små bokstaver a-z, tall og _",
        ),
        (
            'development_areas = [{code = "a", label = "A"}, {code = "a", label = "B"}]',
            "development_areas: a står mer enn én gang",
        ),
        (
            'service_kinds = [{code = "school", label = "Skole", specialist = false}]',
            "service_kinds: mangler coordinating_unit; alle kommuner skal ha en slik enhet",
        ),
        (
            'development_areas = [{code = "a", label = "A", x = 1}]',
            "development_areas[0].x: ukjent nøkkel",
        ),
    ],
)
def test_each_kind_of_problem(problems, line, problem):
    assert problems(f'based_on = "standard"\n{line}\n') == [problem]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kommune = "Kommunen"\n', "", "kommune: mangler"),
        (
            "number = 3\n",
            "number = 2\n",
            "levels: må være nivå 0, 1, 2 og 3, én gang hver og i den rekkefølgen",
        ),
        ('colour = "info"', 'colour = "danger"', "levels[1].colour: må være en av neutral"),
        ("requires_stafettlogg = ", "requires_log = ", "levels[0].requires_stafettlogg: mangler"),
        (
            'requires_stafettlogg = "no"',
            'requires_stafettlogg = "yes"',
            "levels[0].requires_stafettlogg: må være no på nivå 0",
        ),
        (
            "requires_holder = false",
            "requires_holder = true",
            "levels[0].requires_holder: må være false på nivå 0",
        ),
        (
            "min_services = 0",
            "min_services = 1",
            "levels[0].min_services: må være 0 på nivå 0",
        ),
        (
            "decision_deadline_days = 14\n",
            "",
            "levels[0].decision_deadline_days: mangler på nivå 0",
        ),
        (
            "min_services = 1",
            "min_services = 0",
            "levels[1].min_services: må være minst 1 fra nivå 1",
        ),
        (
            "min_services = 1",
            "min_services = 2",
            "levels[1].max_services: er lavere enn min_services",
        ),
        (
            "requires_holder = true",
            "requires_holder = false",
            "levels[1].requires_holder: må være true fra nivå 1",
        ),
        (
            "evaluation_interval_days = 42\n",
            "",
            "levels[1].evaluation_interval_days: mangler fra nivå 1",
        ),
        (
            'coordinator_kinds = ["koordinator"]',
            'coordinator_kinds = ["leder"]',
            "levels[1].coordinator_kinds: må være en liste av koordinator",
        ),
    ],
)
def test_each_kind_of_problem_with_a_level(problems, old, new, problem):
    assert problems(changed(old, new))[0].startswith(problem)


def test_keys_that_nobody_knows_and_codes_that_are_repeated(problems):
    text = changed("max_services = 1\n", "maks_services = 1\n")
    text = changed('label = "Skole"', 'label = "Skole"\nleader = "rektor"', text)
    assert problems(text) == [
        "levels[1].maks_services: ukjent nøkkel",
        "service_kinds[0].leader: ukjent nøkkel",
    ]
    assert problems(changed('code = "kindergarten"', 'code = "school"')) == [
        "service_kinds: school står mer enn én gang"
    ]


def test_a_level_that_asks_for_a_specialist_needs_one_in_the_catalogue(problems):
    none = STANDARD.replace("specialist = true", "specialist = false")
    assert load("standard").level(3).requires_specialist is False
    assert problems(changed("requires_specialist = false", "requires_specialist = true", none)) == [
        "service_kinds: et nivå krever spesialisthelsetjenesten, men ingen hører til den"
    ]


def test_every_problem_is_listed_at_once(problems):
    text = changed('kommune = "Kommunen"', "kommune = 7\ncolor = 1")
    text = changed("max_age = 18", "max_age = 3", text)
    text = changed("min_services = 1\n", "", text)  # level 1: misses one, so nothing more is said
    text = changed("max_services = 1\n", "max_services = 0\n", text)
    text = changed("min_services = 2\n", "min_services = 0\n", text)  # level 2: read, but wrong
    text = changed('code = "sprak"', 'code = "motorikk"', text)
    assert problems(text) == [
        "kommune: må være en tekst på én linje",
        "max_age: må være et helt tall fra 17 til 25",
        "levels[1].min_services: mangler",
        "levels[1].max_services: må være et helt tall fra 1 til 20",
        "color: ukjent nøkkel",
        "levels[2].min_services: må være minst 1 fra nivå 1",
        "development_areas: motorikk står mer enn én gang",
    ]


def test_a_file_that_cannot_be_read(tmp_path, problems):
    with pytest.raises(ProfileError, match=r"finnes\.toml: kan ikke leses .* standard, holtalen"):
        load(str(tmp_path / "finnes.toml"))
    with pytest.raises(ProfileError, match="kan ikke leses"):
        load(str(tmp_path))
    assert "er ikke TOML" in problems("kommune = ")[0]
    assert "er ikke TOML" in problems('kommune = "Holtålen"', "latin-1")[0]


@pytest.mark.parametrize("base", ['"finnes-ikke"', "3", '"kommune.toml"'])
def test_a_file_based_on_what_is_not_built_in(problems, base):
    assert problems(f"based_on = {base}") == ["based_on: må være en av standard, holtalen, tromso"]


def test_whom_to_call_is_the_kommunes_own(own, problems):
    base = 'based_on = "standard"\n'
    mine = '[[safety_contacts]]\nname = "Barnevernet"\nphone = "12345678"\nwhen = "På dagtid."\n'
    (contact,) = own(base + mine).safety_contacts
    assert (contact.name, contact.phone) == ("Barnevernet", "12345678")
    wrong = problems(base + changed("12345678", "ring oss", mine))
    assert wrong == ["safety_contacts[0].phone: må være et telefonnummer med 3 til 8 siffer"]
    assert problems(base + "safety_contacts = []\n") == [
        "safety_contacts: må ha minst én å ringe til ved mistanke om vold eller overgrep"
    ]


def test_transitions_are_the_kommunes_own(own, problems):
    base = 'based_on = "standard"\n'
    mine = """[[transitions]]
code = "school"
name = "fra barnehage til skole"
age = 6
month = 8
ahead_months = 10
meeting_months = 4
how = "Ring skolen."
"""
    (school,) = own(base + mine).transitions
    assert (school.age, school.month, school.how) == (6, 8, "Ring skolen.")
    wrong = problems(base + mine.replace("meeting_months = 4", "meeting_months = 10") + mine)
    assert wrong == [
        "transitions: school står mer enn én gang",
        "transitions[0].meeting_months: må være mindre enn ahead_months",
    ]
    assert own(base + "transitions = []\n").transitions == ()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_level_has_its_steps_in_every_arena(name):
    profile = load(name)
    for level in range(4):
        for arena in ("kindergarten", "school", "health_centre"):
            steps = profile.steps_at(level, arena)
            assert len(steps) >= 4
            assert len({step.code for step in steps}) == len(steps)
    # Who works in no arena is not told what to look for in one.
    assert {step.arenas for step in profile.steps_at(0, "ppt")} == {()}
    assert profile.steps_at(0, "school")[0].how != profile.steps_at(0, "kindergarten")[0].how


STEP = """
[[steps]]
level = 1
code = "ring"
what = "Ring"
how = "Med en gang."
who = "Du"
"""


def test_a_kommunes_own_steps_are_checked(own, problems):
    each = "".join(STEP.replace("level = 1", f"level = {number}") for number in range(4))
    base = 'based_on = "standard"\n'
    assert [one.level for one in own(base + each).steps] == [0, 1, 2, 3]
    assert problems(base + STEP) == [f"steps: mangler nivå {number}" for number in (0, 2, 3)]
    assert problems(base + each + STEP) == [
        "steps[1].code: står mer enn én gang på nivået for de samme",
        "steps[4].code: står mer enn én gang på nivået for de samme",
    ]
    assert problems(base + each + 'done_by = "written"\narenas = ["romfart"]\n') == [
        "steps[3].arenas: må være en liste av kindergarten, school, health_centre",
    ]
    assert problems(base + each + 'done_by = "written"\n') == [
        "steps[3].done_by: written skjer ikke på nivå 3",
    ]
    assert problems(base + each + "tools = [1]\n") == [
        "steps[3].tools: må være en liste av tekster"
    ]


def test_a_sign_has_its_points_once(problems):
    again = '[[review_signs]]\ncode = "refused"\npoints = 1\n'
    assert problems(f"{STANDARD}\n{again}") == ["review_signs: refused står mer enn én gang"]
