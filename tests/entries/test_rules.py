"""Who an entry is for, and what stands in the way of writing one."""

from itertools import product

import pytest

from stafett.access.policy import FAMILY, Relation
from stafett.entries.rules import WRITTEN, Kind, Visibility, obstacles_to_writing, readable_by

STAFF = set(Relation) - FAMILY


@pytest.mark.parametrize("relation", sorted(FAMILY))
def test_the_family_reads_what_is_for_everyone(relation):
    assert readable_by([relation]) == {Visibility.EVERYONE}


@pytest.mark.parametrize("relation", sorted(STAFF))
def test_professionals_read_all(relation):
    assert readable_by([relation]) == set(Visibility)


def test_who_is_both_reads_as_both():
    assert readable_by([Relation.PF, Relation.MW]) == set(Visibility)
    assert readable_by([Relation.PF, Relation.C12]) == {Visibility.EVERYONE}


def test_nobody_reads_nothing_more_than_the_family():
    assert readable_by([]) == {Visibility.EVERYONE}


def test_what_stands_in_the_way_of_writing():
    state_says = {
        "none": ["log-missing"],
        "open": [],
        "frozen": ["log-frozen"],
        "closed": ["log-closed"],
    }
    for (state, said), visibility, author in product(
        state_says.items(), Visibility, (Relation.SH, Relation.PF)
    ):
        hidden_from_oneself = visibility is Visibility.PROFESSIONALS and author is Relation.PF
        expected = said + (["visibility-not-own"] if hidden_from_oneself else [])
        assert obstacles_to_writing(visibility, [author], state) == expected


def test_nobody_writes_a_concern_as_an_entry():
    assert set(WRITTEN) == set(Kind) - {Kind.CONCERN}
