"""Makes a PDF of what comes on standard input, as a process of its own; `exports.pdf` starts it.

Typst keeps what it has laid out, for the next time: some 250 MB in a server that stays. Here all
of it is gone with the process, which may also be stopped when it takes too long.
"""

import json
import sys
from pathlib import Path
from typing import cast

import typst

HERE = Path(__file__).parent


def main(made_at: int) -> None:
    """Read the document as JSON and write the PDF; `made_at` is in seconds since 1970, UTC.

    Exits with an error when a font of the document is not there.
    """
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"]
    )
    given = sys.stdin.buffer.read().decode()
    if missing := set(json.loads(given)["fonts"]) - set(fonts.families()):
        sys.exit(f"no {missing}: every letter would be a box")
    compiler = typst.Compiler((HERE / "pdf.typ").read_bytes(), font_paths=fonts)
    made = compiler.compile(
        format="pdf",
        sys_inputs={"document": given},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=made_at,
    )
    sys.stdout.buffer.write(cast("bytes", made))


if __name__ == "__main__":
    main(int(sys.argv[1]))
