"""Pages of questions that name no child."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from stafett.access.policy import Action
from stafett.questions import commands, queries
from stafett.questions.commands import Ask
from stafett.questions.guards import on_answer, on_question
from stafett.questions.models import Question
from stafett.questions.schemas import AnswerQuestionSchema, AskQuestionSchema
from stafett.unsaved.guards import kept
from stafett.unsaved.queries import Place
from stafett.unsaved.rules import UnsavedOf
from stafett.web.guard import Context, GuardedBlueprint, for_signed_in
from stafett.web.render import page

questions = GuardedBlueprint("questions", __name__)


@questions.page("/sporsmal", for_signed_in(Action.QUESTION_ASK))
def listed(context: Context[None]) -> ResponseReturnValue:
    """Show what one has asked, and what one's service has been asked."""
    found = queries.listed(context.work)
    return page(context, "questions/listed.html", questions=found, now=context.now)


@questions.page("/sporsmal/nytt", for_signed_in(Action.QUESTION_ASK))
def new(context: Context[None]) -> ResponseReturnValue:
    """Show the form."""
    return page(context, "questions/new.html", services=queries.services(context.work))


@questions.action(
    "/sporsmal/nytt", for_signed_in(Action.QUESTION_ASK), AskQuestionSchema, again=new
)
def ask(context: Context[None], wish: Ask) -> ResponseReturnValue:
    """Ask, and show the question."""
    made = commands.ask(context.work, wish)
    return redirect(url_for("questions.show", question_id=made.id), code=303)


@questions.page("/sporsmal/<uuid:question_id>", on_question())
def show(context: Context[Question]) -> ResponseReturnValue:
    """Show a question with its answer, or the form for it to the service that was asked."""
    answers = queries.answerable(context.actor, context.record)
    return page(
        context,
        "questions/show.html",
        question=queries.row(context.work, context.record.id),
        answers=answers,
        now=context.now,
        **kept(context, Action.REQUEST_DRAFT, Place(UnsavedOf.QUESTION, context.record.id)),
    )


@questions.action("/sporsmal/<uuid:question_id>", on_answer(), AnswerQuestionSchema, again=show)
def answer(context: Context[Question], wish: dict[str, Any]) -> ResponseReturnValue:
    """Answer, and show it."""
    commands.answer(context.work, context.record, **wish)
    return redirect(url_for("questions.show", question_id=context.record.id), code=303)
