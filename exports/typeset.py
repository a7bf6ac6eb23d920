"""Makes a PDF of what comes on standard input, as a process of its own; `exports.pdf` starts it.

Typst keeps what it has laid out, for the next time: some 250 MB in a server that stays. Here all
of it is gone with the process, which may also be stopped when it takes too long.
"""

import sys
from pathlib import Path
from typing import cast

import typst

HERE = Path(__file__).parent


def main(made_at: int, families: list[str]) -> None:
    """Read the document, one line of JSON, and the logo, if any; write the PDF.

    `made_at` is in seconds since 1970, UTC.
    """
    document, _, logo = sys.stdin.buffer.read().partition(b"\n")
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"]
    )
    if missing := set(families) - set(fonts.families()):  # else all their letters would be boxes
        sys.exit(f"exports/fonts lacks {', '.join(sorted(missing))}: run make setup")
    compiler = typst.Compiler((HERE / "pdf.typ").read_bytes(), font_paths=fonts)
    try:
        made = compiler.compile(
            format="pdf",
            sys_inputs={"document": document.decode(), "logo": str(list(logo))},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=made_at,
        )
    except typst.TypstError:
        sys.exit("Typst refused a document")  # its own words may quote what somebody has written
    sys.stdout.buffer.write(cast("bytes", made))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
