"""Shapes of a consent on the wire."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load, validate

from stafett.access.policy import Area, Purpose
from stafett.children.rules import VoiceHow
from stafett.consents.commands import AddYes, Record, Withdraw
from stafett.consents.rules import CHILD, ONE_IS_ENOUGH, Basis, Heard, Method
from stafett.dates import oslo_date
from stafett.web.forms import OneOf, Text

ON_PAPER = [Method.SIGNED.value, Method.ORAL.value]
"""How staff may register a yes; a digital one is the family's own to give."""
GIVERS = {"type": "array", "items": {"type": "string"}}
"""How the description says a list of guardians' ids, or `child`."""


class GiverField(fields.Field[Any]):
    """A guardian's id, or `child`."""

    def __init__(self, **options: Any) -> None:
        """Say in the description what it takes."""
        super().__init__(metadata={"type": "string", "description": self.__doc__}, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> UUID | str:
        if value == CHILD:
            return CHILD
        try:
            return UUID(value)
        except (ValueError, TypeError, AttributeError) as error:
            msg = "Velg en av de foresatte fra lista."
            raise ValidationError(msg) from error


class HeardSchema(Schema):
    """How the child was heard, and what it said; `private`: not for its guardians."""

    how = fields.Enum(VoiceHow, by_value=fields.String, required=True)
    text = Text(4000, allow_none=True)
    private = fields.Boolean(load_default=False)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Heard:
        return Heard(**data)


class RecordSchema(Schema):
    """A wish to register a consent, or to ask for a digital one, which nobody has given yet.

    `guardians_complete` is the registrar's own word. `without_log`, `without_plan`: those of the
    services that are not to see the log, or the tiltaksplan; stafettlogg only.
    """

    purpose = fields.Enum(Purpose, by_value=fields.String, required=True)
    services = fields.List(
        fields.UUID(),
        required=True,
        error_messages={"required": "Velg minst én tjeneste."},
        validate=validate.Length(1, 50, error="Velg minst én tjeneste."),
    )
    without_log = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 50))
    without_plan = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 50))
    given_by = fields.List(
        GiverField(), load_default=list, validate=validate.Length(0, 20, error="Velg fra lista.")
    )
    guardians_complete = fields.Boolean(
        required=True,
        error_messages={"required": "Du må ha sjekket at alle med foreldreansvar er registrert."},
        validate=validate.Equal(
            comparable=True, error="Du må ha sjekket at alle med foreldreansvar er registrert."
        ),
    )
    method = OneOf([method.value for method in Method], required=True)
    given_on = fields.Date(required=True)
    expires_on = fields.Date(allow_none=True)
    note = Text(2000, allow_none=True)
    one_is_enough = OneOf(sorted(ONE_IS_ENOUGH), allow_none=True)
    one_reason = Text(2000, allow_none=True)
    child_voice = fields.Nested(HeardSchema, attribute="heard", allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Record:
        del data["guardians_complete"]
        if case := data.get("one_is_enough"):
            data["one_is_enough"] = Basis(case)
        return Record(**{**data, "method": Method(data["method"])})


class AddYesSchema(Schema):
    """A wish to register one more yes."""

    given_by = GiverField(required=True)
    method = OneOf(ON_PAPER, required=True)
    given_on = fields.Date(required=True)
    note = Text(2000, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> AddYes:
        return AddYes(**{**data, "method": Method(data["method"])})


class ReplySchema(Schema):
    """Somebody's own answer, to what is asked or to what staff have written."""

    answer = OneOf(["yes", "no"], required=True)


class WithdrawSchema(Schema):
    """A wish to withdraw, for some services or for all."""

    services = fields.List(
        fields.UUID(), validate=validate.Length(1, 50, error="Velg minst én tjeneste.")
    )
    reason = Text(2000, allow_none=True)
    on_behalf_of = GiverField(allow_none=True)
    how = Text(500, allow_none=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Withdraw:
        return Withdraw(**data)


class ConsentedSchema(Schema):
    """One service of a consent."""

    id = fields.UUID()
    name = fields.String()
    without = fields.Function(
        lambda one: sorted(one.left_out),
        metadata={
            "type": "array",
            "items": {"type": "string", "enum": sorted(Area)},
            "description": "What of the stafettlogg it may not see",
        },
    )
    ended_on = fields.Function(
        lambda one: one.ended_at and oslo_date(one.ended_at).isoformat(),
        metadata={
            "type": ["string", "null"],
            "format": "date",
            "description": "Local date on which it was withdrawn or replaced",
        },
    )
    replaced = fields.Boolean()


class HeardAnswerSchema(Schema):
    """How the child was heard; the words are left out where the reader may not have them."""

    how = fields.String()
    text = fields.String(allow_none=True)


class ConsentSchema(Schema):
    """A consent as it stands."""

    id = fields.UUID()
    purpose = fields.String()
    services = fields.List(fields.Nested(ConsentedSchema))
    given_by = fields.Function(
        lambda view: [str(giver.guardian_id or CHILD) for giver in view.givers], metadata=GIVERS
    )
    confirmed_by = fields.Function(
        lambda view: [str(giver.guardian_id or CHILD) for giver in view.givers if giver.confirmed],
        metadata=GIVERS,
    )
    waits_for = fields.Function(
        lambda view: [str(who) for who, _ in view.waits_for], metadata=GIVERS
    )
    method = fields.String()
    given_on = fields.Date()
    expires_on = fields.Date()
    note = fields.String(allow_none=True)
    basis = fields.String(
        allow_none=True,
        metadata={"description": "Why the yes of those is enough; null in older ones"},
    )
    basis_reason = fields.String(allow_none=True)
    child_voice = fields.Nested(HeardAnswerSchema, attribute="heard", allow_none=True)
    state = fields.String()
    version = fields.Integer()


class ConsentListSchema(Schema):
    """A child's consents, newest first."""

    items = fields.List(fields.Nested(ConsentSchema))
    next = fields.String(allow_none=True)
