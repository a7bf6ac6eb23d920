"""What the children of a synthetic kommune share: chance, names, services, rows to be stored."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert

from stafett.db import Base
from stafett.demo.numbers import synthetic
from stafett.people.models import User
from stafett.people.rules import COORDINATING_UNIT
from stafett.profile.model import Profile

Row = dict[str, Any]
OPENS, CLOSES = 7, 14  # hours (UTC) in which everything happens: the same date in Oslo
GIRLS = (
    *("Ada", "Aisha", "Amina", "Astrid", "Ebba", "Elea", "Frida", "Hanna", "Iben", "Ingrid"),
    *("Jenny", "Lea", "Linnea", "Live", "Máret", "Mira", "Oda", "Selma", "Signe", "Zofia"),
)
BOYS = (
    *("Adam", "Ailo", "Ali", "Aron", "Birk", "Elias", "Filip", "Georg", "Håkon", "Isak"),
    *("Jakub", "Kasper", "Ludvig", "Magnus", "Nils", "Olav", "Peder", "Samuel", "Theo", "Yusuf"),
)
SURNAMES = (
    *("Bakke", "Berg", "Bråten", "Dal", "Eide", "Eng", "Fjell", "Foss", "Haug", "Holm", "Kvam"),
    *("Lie", "Lund", "Moe", "Myhre", "Nes", "Nygård", "Rud", "Sand", "Skog", "Solli", "Strand"),
    *("Sund", "Tangen", "Tveit", "Vik", "Voll", "Ås"),
)
SENTENCES = (
    "Vi prøver kortere økter, med en pause i midten.",
    "Ringte hjem og fortalte hvordan dagen hadde vært.",
    "Det gikk lettere da vi gikk inn den andre døra.",
    "Foreldrene kjenner det igjen hjemmefra.",
    "Vi avtalte å se på det igjen om to uker.",
    "Dagsplanen med bilder er på plass.",
    "Tok lang tid i garderoben, men kom fornøyd ut i friminuttet.",
    "Ville helst sitte ved vinduet, og fikk det.",
    "Samme voksne tok imot hele uka.",
    "Leste høyt for de andre uten å bli bedt om det.",
    "Sov lite i natt, så vi tok det med ro før matpausen.",
    "Helsesykepleier er med på neste møte.",
    "Leksene er gjort ferdig på skolen denne uka.",
    "Spurte om hjelp to ganger, helt av seg selv.",
    "Turdagen var dagens beste, også på bussen hjem.",
    "Vi har gjort rommet stillere, med filt under stolene.",
    "Mor har sendt et skjema som vi fyller ut sammen.",
    "Svømmingen flyttes til siste time.",
    "Rådgiveren svarte at vi kan fortsette slik.",
    "Han som har vikartimen, vet hva kortet betyr.",
    "Tegnet hvordan friminuttet er, og forklarte tegningen.",
    "Far hentet, og de gikk en runde rundt vannet.",
    "Spiste sammen med gruppa for første gang denne måneden.",
    "Vi trenger ikke flere tiltak nå, bare de samme litt lenger.",
)


@dataclass(frozen=True)
class Worker:
    """Somebody in a service."""

    id: UUID
    service_id: UUID
    external: bool


@dataclass(frozen=True)
class Place:
    """A service with who leads it and who works there."""

    id: UUID
    kind: str
    leader: Worker
    workers: list[Worker]


class Rows:
    """What is to be stored, by table, in the order in which it was added."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows: dict[Table, list[Row]] = defaultdict(list)

    def add(self, model: type[Base], **values: Any) -> Row:
        """Keep a row; what is changed in it before it is stored, is stored."""
        self._rows[Base.metadata.tables[model.__tablename__]].append(values)
        return values

    def store(self, connection: Connection) -> None:
        """Insert everything, what is referred to first."""
        for table in Base.metadata.sorted_tables:
            if rows := self._rows.pop(table, None):
                connection.execute(insert(table), rows)


@dataclass
class World:
    """What all the children of a kommune share."""

    rng: Random
    rows: Rows
    profile: Profile
    today: date
    places: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    serials: Counter[date] = field(default_factory=Counter)

    def new_id(self) -> UUID:
        """Return an id that the seed decides."""
        return UUID(int=self.rng.getrandbits(128))

    def share(self, of_a_thousand: int) -> bool:
        """Say yes so many times of a thousand."""
        return self.rng.randrange(1000) < of_a_thousand

    def moment(self, days_ago: int, hour: int | None = None) -> datetime:
        """Return some moment of a day, or of an hour of it (UTC)."""
        begins = datetime.combine(self.today, time(), UTC) - timedelta(days=days_ago)
        at = self.rng.randrange(OPENS, CLOSES) if hour is None else hour
        return begins + timedelta(hours=at, seconds=self.rng.randrange(3600))

    @property
    def unit(self) -> Place:
        """Koordinerende enhet."""
        return self.places[COORDINATING_UNIT][0]

    def number(self, born: date, sex: str) -> str:
        """Return an identity number that nobody else here has."""
        number = synthetic(born, sex, self.serials[born])
        self.serials[born] = int(number[6:9]) + 1
        return number

    def place(self, kind: str) -> Place:
        """Return some service of a kind."""
        return self.rng.choice(self.places[kind])

    def person(self, given: tuple[str, ...] = GIRLS + BOYS) -> str:
        """Return a name that is plainly nobody's."""
        return f"{self.rng.choice(given)} Demo-{self.rng.choice(SURNAMES)}"

    def text(self) -> str:
        """Return some sentences."""
        return " ".join(self.rng.sample(SENTENCES, self.rng.randint(1, 5)))

    def user(self, username: str, name: str, roles: str, service_id: UUID | None = None) -> UUID:
        """Make an account without a password."""
        row = self.rows.add(
            User,
            id=self.new_id(),
            username=username,
            name=name,
            title="",
            roles=roles,
            service_id=service_id,
            password_hash=None,
            created_at=self.moment(2 * 365),
        )
        made: UUID = row["id"]
        return made
