"""The accounts of the demo kommune, as `stafett demo` prints them: who can show what."""

PASSWORD = "stafett-demo-2026"  # noqa: S105 it is printed at start, and opens nothing but the demo
ACCOUNTS = [
    ("koordinator", "Berit Demo-Sund", "barnekoordinator for Nora og Mikkel, har Noras planutkast"),
    ("laerer", "Kari Demo-Nygård", "lærer, har fem logger og to tiltak hos Oskar over fristen"),
    ("rektor", "Gunnar Demo-Ås", "leder skolen, skal avgjøre en bekymring for Iver"),
    ("helsesykepleier", "Siri Demo-Bakken", "har stafettpinnen for fem, også et ventet barn"),
    ("barnehagelaerer", "Eirik Demo-Tangen", "har tilbudt pinnen for Aksel, er bekymret for Sara"),
    ("styrer", "Marit Demo-Hegge", "leder barnehagen, skal avgjøre bekymringen for Sara"),
    ("ppt", "Anders Demo-Krogh", "PP-rådgiver, leser loggene til Nora og Layan"),
    ("bup", "Ingvild Demo-Falk", "BUP, skriver hos Nora og Ida, sitter i ansvarsgruppa til Nora"),
    ("habilitering", "Ragnhild Demo-Moen", "habiliteringstjenesten, leser loggen til Mikkel"),
    ("ke.leder", "Kirsten Demo-Haug", "leder koordinerende enhet, ser barna på nivå 3"),
    ("ke.saksbehandler", "Håkon Demo-Lie", "koordinerende enhet, har registrert Emil"),
    ("mor", "Mari Demo", "mor til Nora, har godkjent planen tre ganger"),
    ("far", "Thomas Demo", "far til Nora, har godkjent planen tre ganger"),
    ("mor2", "Lene Demo-Berg", "mor til Ella og Aksel"),
    ("mor3", "Hanne Demo-Vik", "mor til Ask, velger hva som følger med fra før fødselen"),
    ("far3", "Kristian Demo-Vik", "far til Ask, ser det som er skrevet etter fødselen"),
    ("far.uten", "Stian Demo-Myhre", "far uten foreldreansvar, ser ingen barn"),
    ("ungdom", "Ida Demo-Nes", "16 år, har samtykket selv og skriver i sin egen logg"),
    ("barn13", "Jonas Demo-Li", "13 år, ser sin egen logg"),
    ("nyansatt", "Noah Demo-Wik", "ny på skolen, har ingen barn ennå"),
    ("personvernombud", "Ragnhild Demo-Tveit", "personvernombud, ser ingen barn"),
    ("admin", "Asta Demo-Brekke", "administrator, styrer kontoer og tjenester, ser ingen barn"),
]
"""Username, name, and what the account shows."""
