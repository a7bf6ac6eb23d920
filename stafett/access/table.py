"""The access matrix as Markdown, for `docs/access.md` and `stafett access-table`."""

from stafett.access.policy import MATRIX, NOT_YET_BUILT


def as_markdown() -> str:
    """Return the whole matrix; an action that is not yet built is marked."""
    columns = [name for name in next(iter(MATRIX.values())) if name != "condition"]
    lines = [
        "| action | " + " | ".join(columns) + " | condition |",
        "|" + "---|" * (len(columns) + 2),
    ]
    for action, row in MATRIX.items():
        name = f"{action} (not yet built)" if action in NOT_YET_BUILT else action
        cells = " | ".join(row[column] for column in columns)
        lines.append(f"| {name} | {cells} | {row['condition']} |")
    return "\n".join(lines) + "\n"
