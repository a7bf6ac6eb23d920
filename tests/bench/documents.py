"""Measures a plan as a document, alone: ours, its finished XML, two usual ways, and PDF.

The usual ways write the same paragraphs and rows: python-docx a cell at a time, and docxtpl with a
template that loops over them.
"""

import pickle
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from io import BytesIO

import docx
from docxtpl import DocxTemplate

from exports import pdf, word
from exports import plan as whole
from exports.house import Document, Filled, Paragraph
from exports.model import PlanDocument
from tests.bench.limit import Prepared

_PEAK = (  # of a process that does nothing else, in kB; `ru_maxrss` would begin with its parent's
    "import pathlib, pickle, re, sys; from exports import plan, word; "
    "word.write(plan.document(pickle.load(sys.stdin.buffer))); "
    "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
)


def measured(facts: PlanDocument, written: bytes) -> dict:
    """The time of each way in milliseconds, and the peak of memory of ours."""
    limit, document = Prepared(written), whole.document(facts)
    template, now = templated(), datetime.now(UTC)
    ways = {
        "limit": (limit, 60),
        "ours": (lambda: word.write(whole.document(facts)), 60),
        "docxtpl": (lambda: filled(template, document), 5),
        "python-docx": (lambda: a_cell_at_a_time(document), 5),
        "pdf": (lambda: pdf.write(document, now), 9),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(-3, 60):  # before 0 is warm-up
        for name, (act, turns) in ways.items():
            if turn < turns and not (turn < -1 and turns < 60):
                start = time.perf_counter()
                act()
                if turn >= 0:
                    times[name].append((time.perf_counter() - start) * 1000)
    found = {name: summary(all_) for name, all_ in times.items()}
    peak = subprocess.run(
        [sys.executable, "-c", _PEAK], input=pickle.dumps(facts), capture_output=True, check=True
    )
    return {
        **found,
        "x_limit": {
            name: round(found[name]["p50"] / found["limit"]["p50"], 1)
            for name in ("ours", "docxtpl", "python-docx")
        },
        "peak_mb": round(int(peak.stdout) / 1024, 1),
        "bytes": {"ours": len(written), "limit": len(limit())},
        "goal": {"x_limit": 4, "peak_mb": 60, "pdf_ms": 600},
    }


def summary(times: list[float]) -> dict:
    times = sorted(times)
    return {
        "p50": round(statistics.median(times), 2),
        "p95": round(times[int(len(times) * 0.95)], 2),
    }


def texts(row: tuple) -> list[str]:
    """What stands in the cells of a row."""
    return [
        "\n".join(one.text for one in (cell if isinstance(cell, list) else [cell])) for cell in row
    ]


def a_cell_at_a_time(document: Document) -> bytes:
    """Write the document as the manual of python-docx shows it."""
    made = docx.Document()
    for block in document.body:
        if isinstance(block, Paragraph):
            paragraph = made.add_paragraph()
            for run in block.runs:
                paragraph.add_run(run.text).bold = block.style.bold
        elif isinstance(block, Filled):
            rows = [texts(row) for row in block.rows]
            table = made.add_table(len(rows), len(block.table.widths))
            for y, row in enumerate(rows):
                for x, text in enumerate(row):
                    table.cell(y, x).text = text
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def templated() -> bytes:
    """Make a template that loops over paragraphs, rows and cells."""
    made = docx.Document()
    for line in ("{%p for one in body %}", "{%p if one.rows %}"):
        made.add_paragraph(line)
    table = made.add_table(3, 3)
    table.cell(0, 0).text = "{%tr for row in one.rows %}"
    for x, text in enumerate(("{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}")):
        table.cell(1, x).text = text
    table.cell(2, 0).text = "{%tr endfor %}"
    for line in ("{%p else %}", "{{ one.text }}", "{%p endif %}", "{%p endfor %}"):
        made.add_paragraph(line)
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def filled(template: bytes, document: Document) -> bytes:
    """Fill the template with the document."""
    made, file = DocxTemplate(BytesIO(template)), BytesIO()
    body = [
        {"rows": [texts(row) for row in one.rows]}
        if isinstance(one, Filled)
        else {"text": one.text if isinstance(one, Paragraph) else ""}
        for one in document.body
    ]
    made.render({"body": body}, autoescape=True)
    made.save(file)
    return file.getvalue()
