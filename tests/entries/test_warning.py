"""Before a text is saved its author is warned once of what seldom belongs in a log."""

import pytest

from stafett.entries.models import Entry

NUMBER = "Ring 912 34 567."
BOTH = f"{NUMBER} Ella var med."


def write(town, who="laerer", text=NUMBER, **more):
    note = {"kind": "note", "text": text, "visibility": "everyone", **more}
    return town.browser(who).send(f"/barn/{town.child}/stafettlogg", note)


def test_one_more_press_saves_and_nothing_is_lost(town):
    warned = write(town)
    assert warned.status_code == 422
    assert NUMBER in warned.text
    assert "ser ut til å ha et telefonnummer" in warned.text
    assert "Lagre likevel" in warned.text
    assert 'name="anyway" value="text-telephone"' in warned.text
    assert town.count(Entry) == 0
    assert write(town, anyway="text-telephone").status_code == 303
    assert town.count(Entry) == 1


def test_what_is_new_in_the_text_is_warned_of_again_and_what_was_seen_is_not(town):
    town.family("Ella Demo")
    again = write(town, text=BOTH, anyway="text-telephone")
    assert again.status_code == 422
    assert "et annet barn" in again.text
    signs = ["text-telephone", "text-other-child"]
    assert all(f'value="{one}"' in again.text for one in signs)
    assert write(town, text=BOTH, anyway=signs).status_code == 303


@pytest.mark.parametrize(("who", "warned"), [("laerer", True), ("ppt", False), ("mor", False)])
def test_only_children_on_ones_own_list_are_known(town, who, warned):
    """`laerer` follows Ella, `ppt` may not know of her, and a mother writes of her own."""
    town.family("Ella Demo")
    assert write(town, who, "Ella var med.").status_code == (422 if warned else 303)


def test_a_correction_and_the_json_call_warn_too(town):
    api = town.api("laerer")
    note = {"kind": "note", "text": NUMBER, "visibility": "everyone"}
    refused = api.post(f"/children/{town.child}/entries", note)
    assert (refused.status_code, [*refused.json["error"]["fields"]]) == (422, ["text"])
    made = api.post(f"/children/{town.child}/entries", {**note, "anyway": ["text-telephone"]})
    assert made.status_code == 201
    wish = {"text": f"{NUMBER} Ja.", "reason": "Mer", "seen_version": 1}
    page = f"/oppforing/{made.json['id']}"
    warned = town.browser("laerer").send(page, wish)
    assert (warned.status_code, "Lagre likevel" in warned.text) == (422, True)
    sent = town.browser("laerer").send(page, {**wish, "anyway": "text-telephone"})
    assert sent.status_code == 303
