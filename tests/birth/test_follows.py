"""What was written before the birth is the pregnant person's: who comes later reads none of it."""

import pytest

from tests.birth.scene import agree, born, expected, father, invite, passing, reads, write


@pytest.fixture
def late(town):
    """A birth, with something written before and after; `ppt` was there, `far` and others came."""
    expected(town)
    assert invite(town, "ppt").status_code == 201
    town.early = write(town, "laerer", "Hun gruer seg")
    town.own = write(town, "mor", "Jeg sover dårlig")
    with passing(town, minutes=1):
        assert born(town).status_code == 200
    with passing(town, minutes=2):
        father(town)
        town.after = write(town, "laerer", "Barnet legger på seg")
        agree(town, "skole", "helse", "ppt", given_by=[town.mor, town.far])
        assert invite(town, "helsesykepleier").status_code == 201
        yield town


def test_who_read_before_reads_on_and_who_comes_later_does_not(late):
    everything = ["Barnet legger på seg", "Jeg sover dårlig", "Hun gruer seg"]
    for who in ("mor", "laerer", "ppt"):
        assert reads(late, who) == everything, who
    for who in ("far", "helsesykepleier"):
        assert reads(late, who) == everything[:1], who
        for path in (f"/entries/{late.early}/versions", f"/entries/{late.own}/visibility"):
            assert late.api(who).get(path).status_code == 404
