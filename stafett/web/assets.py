"""Copies what pages and documents load from node_modules; run when the house is set up.

Nothing here is imported by the application, and only the standard library is used, so that it
can run before anything is installed: `python stafett/web/assets.py`.
"""

import re
import shutil
from pathlib import Path

NODE_MODULES = Path("node_modules")
VENDOR = Path(__file__).parent / "static" / "vendor"
FONTS = Path("exports/fonts")
HTMX = "htmx.org/dist/htmx.min.js"
DESIGN = "@digdir/designsystemet-css/dist/src"
LAYERS = "@layer ds.theme, ds.base, ds.components;\n"
BASE = ("base", "paragraph", "heading", "label", "validation-message")
COMPONENTS = (  # what the pages use; all of it would be three times as much to load
    "link",
    "data-size-workaround",
    "list",
    "button",
    "input",
    "field",
    "fieldset",
    "error-summary",
    "skip-link",
    "tag",
)
INTER = "@fontsource-variable/inter"
ALPHABETS = ("latin-ext", "latin")  # bokmål, nynorsk, Sámi, English; others use the system's font
GOOGLE = "@expo-google-fonts"
DOCUMENTS = {  # the fonts of PDF: letters with those of the Sámi languages, Arabic, Tigrinya, emoji
    "carlito": ("400Regular", "700Bold"),
    "vazirmatn": ("400Regular", "700Bold"),
    "noto-sans-ethiopic": ("400Regular", "700Bold"),
    "noto-emoji": ("400Regular",),
}
SOURCE_MAP = re.compile(r"\n//# sourceMappingURL=.*\s*\Z")


def copy(node_modules: Path, vendor: Path) -> None:
    """Fill `vendor` anew from `node_modules`. Raises `OSError` when a package is not installed."""
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    css = LAYERS
    for layer, parts in (("base", BASE), ("components", COMPONENTS)):
        for part in parts:
            text = (node_modules / DESIGN / f"{part}.css").read_text(encoding="utf-8")
            css += f"@layer ds.{layer} {{{text}}}\n"
    (vendor / "designsystemet.css").write_text(css, encoding="utf-8")
    # A browser's tools would ask for the map, and be told 404.
    htmx = SOURCE_MAP.sub("\n", (node_modules / HTMX).read_text(encoding="utf-8"))
    (vendor / "htmx.min.js").write_text(htmx, encoding="utf-8")
    faces = (node_modules / INTER / "wght.css").read_text(encoding="utf-8").split("\n\n")
    kept = [
        face
        for face in faces
        if any(f"/inter-{alphabet}-wght-normal.woff2" in face for alphabet in ALPHABETS)
    ]
    inter = "\n\n".join(kept).replace("./files/", "")
    (vendor / "inter.css").write_text(f"{inter}\n", encoding="utf-8")
    for alphabet in ALPHABETS:
        font = f"inter-{alphabet}-wght-normal.woff2"
        shutil.copyfile(node_modules / INTER / "files" / font, vendor / font)


def copy_fonts(node_modules: Path, fonts: Path) -> None:
    """Put the fonts of documents beside the one that is our own. Raises `OSError` as above."""
    for family, weights in DOCUMENTS.items():
        for weight in weights:
            (font,) = (node_modules / GOOGLE / family / weight).glob("*.ttf")
            shutil.copyfile(font, fonts / font.name)


if __name__ == "__main__":
    copy(NODE_MODULES, VENDOR)
    copy_fonts(NODE_MODULES, FONTS)
