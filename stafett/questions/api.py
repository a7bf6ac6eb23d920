"""JSON calls about questions that name no child."""

from typing import Any

from stafett.access.policy import Action
from stafett.questions import commands, queries
from stafett.questions.commands import Ask
from stafett.questions.guards import on_answer, on_answering, on_question
from stafett.questions.models import Question
from stafett.questions.queries import QuestionRow
from stafett.questions.schemas import (
    AnswerQuestionSchema,
    AskQuestionSchema,
    NamelessQuestionListSchema,
    NamelessQuestionSchema,
)
from stafett.unsaved import queries as unsaved
from stafett.unsaved.commands import Keep, keep
from stafett.unsaved.queries import Place, Written
from stafett.unsaved.schemas import KeepFormSchema, KeptFormSchema
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in

questions_api = GuardedBlueprint("questions_api", __name__, url_prefix="/api/v1")


@questions_api.json(
    "/questions", for_signed_in(Action.QUESTION_ASK), returns=NamelessQuestionListSchema
)
def listed(context: Context[None]) -> dict[str, Any]:
    """List what one has asked, and what one's service has been asked."""
    return {"items": queries.listed(context.work), "next": None}


@questions_api.json(
    "/questions",
    for_signed_in(Action.QUESTION_ASK),
    accepts=AskQuestionSchema,
    returns=NamelessQuestionSchema,
    location=lambda question, _child: f"/api/v1/questions/{question.id}",
)
def ask(context: Context[None], wish: Ask) -> QuestionRow:
    """Ask a service about a child whom nothing names."""
    return queries.row(context.work, commands.ask(context.work, wish).id)


@questions_api.json("/questions/<uuid:question_id>", on_question(), returns=NamelessQuestionSchema)
def show(context: Context[Question]) -> QuestionRow:
    """Show a question."""
    return queries.row(context.work, context.record.id)


@questions_api.json(
    "/questions/<uuid:question_id>/answer",
    on_answer(),
    accepts=AnswerQuestionSchema,
    returns=NamelessQuestionSchema,
)
def answer(context: Context[Question], wish: dict[str, Any]) -> QuestionRow:
    """Answer a question."""
    commands.answer(context.work, context.record, **wish)
    return queries.row(context.work, context.record.id)


@questions_api.json("/questions/<uuid:question_id>/unsaved", on_answering(), returns=KeptFormSchema)
def written(context: Context[Place]) -> Written:
    """Show the answer that the caller has begun to write; version 0 is nothing."""
    return unsaved.written(context.work, context.record)


@questions_api.json(
    "/questions/<uuid:question_id>/unsaved",
    on_answering(),
    accepts=KeepFormSchema,
    returns=KeptFormSchema,
    method="PUT",
)
def keep_written(context: Context[Place], wish: Keep) -> Written:
    """Keep an answer while it is written, for the caller alone."""
    return keep(context.work, context.record, wish)
