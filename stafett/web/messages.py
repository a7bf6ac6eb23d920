"""What the codes of errors and obstacles mean, in bokmål: every code that a rule can give."""

ERRORS = {
    "not-signed-in": "Du må logge inn.",
    "denied": "Du har ikke tilgang til å gjøre dette.",
    "csrf": "Skjemaet er for gammelt. Åpne siden på nytt og prøv igjen.",
    "not-found": "Fant ikke det du ba om.",
    "conflict": "Noen andre har lagret i mellomtiden. Se hva som er nytt, og lagre igjen.",
    "rule-broken": "Dette kan ikke gjøres nå.",
    "invalid": "Noe må rettes før det kan lagres.",
    "key-reused": "Nøkkelen er brukt før, til noe annet.",
    "too-many-attempts": "Det er prøvd for mange ganger. Vent litt og prøv igjen.",
    "busy": "Det lages mange dokumenter akkurat nå. Prøv igjen om litt, eller velg Word.",
    "unavailable": "Vi får ikke lagret akkurat nå. Prøv igjen om litt.",
    "malformed": "Forespørselen kan ikke leses.",
    "method-not-allowed": "Dette kan ikke gjøres på denne adressen.",
    "too-large": "Det som ble sendt, er for stort.",
    "media-type": "Send JSON eller et skjema.",
    "error": "Noe gikk galt hos oss. Det som ble sendt, er ikke lagret.",
}
OBSTACLES: dict[str, str] = {
    "transfer-from-nobody": "Tjenesten er ikke med rundt barnet. Velg en som er med.",
    "transfer-to-same": "Dette er den samme tjenesten. Velg en annen.",
    "transfer-waits": (
        "En ny tjeneste har overtatt allerede. Den gamle er ute når en annen har stafettpinnen."
    ),
    # break-glass
    "log-in-again": (
        "Vis at det er deg. Logg inn på nytt, og send skjemaet innen ti minutter etterpå."
    ),
    "emergency-own-family": (
        "Du er familie til barnet. Ring en kollega eller en leder, som kan åpne det i stedet."
    ),
    "emergency-open-already": "Du har åpnet et barn allerede. Steng det først.",
    "emergency-not-reviewed": (
        "Ingen har sett på forrige gang du brukte nødtilgang. Be lederen eller personvernombudet "
        "gjøre det først."
    ),
    "emergency-too-often": (
        "Du har brukt nødtilgang tre ganger på 30 dager. Ring en annen som kan åpne barnet."
    ),
    "nobody-to-review": ("Kommunen har ingen annen som kan se på det etterpå. Ring lederen din."),
    # team
    "delegate-already": "Det er en stedfortreder disse dagene allerede. Avslutt det først.",
    "delegate-is-self": "Du kan ikke velge deg selv, eller den som er borte. Velg en annen.",
    "delegate-not-staff": "Bare ansatte i kommunen kan være stedfortreder. Velg en som er ansatt.",
    "delegate-of-nobody": "Det er ingen å være stedfortreder for. Finn en fast person først.",
    "coordinator-is-self": "Du kan ikke oppnevne deg selv. Be en annen leder om å gjøre det.",
    "coordinator-already": "Barnet har allerede en koordinator. Avslutt den først.",
    "group-member-already": "Personen er allerede med i ansvarsgruppa.",
    "plan-consent-missing": "Det mangler samtykke til plan for tjenesten. Registrer det først.",
    # concerns
    "concern-decided": (
        "Lederen har svart, så bekymringen kan ikke rettes nå. Skriv et tillegg i stedet."
    ),
    "concern-not-decided": "Lederen har ikke svart ennå. Rett det du har skrevet i stedet.",
    # a log on paper
    "log-on-paper": (
        "Loggen føres på papir, etter ønske. Skriv i mappa. Registrer bare datoene her."
    ),
    "log-not-on-paper": "Loggen føres ikke på papir. Åpne siden på nytt.",
    "paper-needs-consent": (
        "Det må sies ja på nytt før loggen kan føres her. Registrer det nye samtykket først."
    ),
    # papers that are handed on
    "ppt-not-covered": (
        "Det er ikke gitt samtykke til at PPT får vite noe. Snakk med den som bestemmer, og "
        "registrer samtykket først."
    ),
    # two records of one child
    "twin-both-going-on": (
        "Barnet følges i begge: begge har en åpen stafettlogg eller en koordinator. "
        "Be den som har stafettpinnen i den ene, om å avslutte der med dem det gjelder først."
    ),
    "twin-restricted": (
        "Bruken av opplysningene er stanset i en av registreringene. Vent til det er avgjort."
    ),
    "twin-guardian-unverified": (
        "En foresatt som ville fått se den andre registreringen, er ikke kontrollert. "
        "Kontroller den foresatte først."
    ),
    "twin-undo-too-late": "Det er gått mer enn 24 timer. Det kan ikke angres lenger.",
    "twin-used-since": (
        "Noen har registrert et samtykke eller åpnet en logg etterpå. Det kan ikke angres lenger."
    ),
    # what a parent without parental responsibility is told
    "disclosure-not-parent": "Bare en mor, far eller medmor har rett til å spørre etter § 47.",
    "disclosure-has-responsibility": (
        "Den foresatte har foreldreansvar, og kan lese om barnet som foresatt."
    ),
    "disclosure-guardian-ended": "Personen er ikke foresatt lenger.",
    "disclosure-asked-already": "Forelderen har spurt før, og venter på svar på det.",
    "disclosure-blocked": "Forelderen er sperret, og kan ikke få vite noe. Avslå i stedet.",
    "disclosure-protected": (
        "Adressen til barnet er hemmelig, så ingenting gis ut her. Avslå, eller svar på annen måte."
    ),
    # plan
    "goal-left": "Målet som dette sto under, er ikke i utkastet. Hent målet tilbake først.",
    "goal-missing": "Planen har ingen mål. Skriv minst ett mål først.",
    "version-waits": "En versjon venter på svar. Vent til alle har svart, eller trekk den tilbake.",
    "pdf-too-long": "Planen er for lang til å bli PDF. Last den ned som Word.",
    "plan-unchanged": "Utkastet er likt versjonen som gjelder. Endre noe først.",
    "measure-ended": "Tiltaket er avsluttet. Det trengs ikke mer om det.",
    "plan-level": "Individuell plan hører til nivå 3. Endre nivået først.",
    "plan-is-ip": "Barnet har en individuell plan allerede.",
    "plan-not-ip": "Barnet har ingen individuell plan nå.",
    "end-by-missing": "Skriv hvem som har sagt det.",
    "plan-needs-missing": "Skriv mål, ressurser og behov for tjenester.",
    "plan-participants-missing": "Skriv hvem som deltar i arbeidet med planen.",
    "plan-coordinator-missing": "Barnet har ingen koordinator. Koordinerende enhet må oppnevne en.",
    "plan-contributions-missing": (
        "Skriv hva hver deltaker bidrar med. Den planen er for, og de som må si ja til den, skal "
        "også være med."
    ),
    "plan-measures-missing": "Planen har ingen tiltak. Skriv minst ett tiltak.",
    "plan-how-missing": "Skriv hvordan hvert tiltak skal gjennomføres.",
    "plan-cooperation-missing": "Skriv hvem dere trenger samarbeid med, eller at det ikke trengs.",
    "cooperation-both": "Ta bort radene over, eller la være å si at samarbeid ikke trengs.",
    "plan-period-missing": "Fyll ut planperioden og neste gjennomgang.",
    "account-disabled": "Kontoen er stengt. Åpne den først.",
    "administrator-exists": "Kommunen har en administrator fra før.",
    "code-failed": "Brukernavnet og koden hører ikke sammen, eller koden virker ikke lenger.",
    "last-administrator": "Kommunen må ha minst én administrator. Lag en til først.",
    "log-in-failed": "Brukernavn eller passord er feil.",
    "own-account": "Dette kan du ikke gjøre med din egen konto.",
    "consent-missing": (
        "Ingen tjeneste er dekket av et samtykke i dag. Registrer et samtykke først."
    ),
    "consent-not-valid": (
        "Samtykket du valgte, gjelder ikke i dag. Velg et annet, eller registrer et nytt."
    ),
    "database-not-empty": "Databasen har innhold fra før. Bruk en tom database.",
    "handover-pending": (
        "En annen er allerede spurt om å ta over. Vent på svaret, eller trekk spørsmålet tilbake."
    ),
    "holder-already": "Denne personen har stafettpinnen allerede. Velg en annen.",
    "holder-missing": "Ingen har stafettpinnen. Få noen til å ta over den først, på siden Folk.",
    "ip-assessment-missing": (
        "På dette nivået må dere ha vurdert individuell plan og koordinator. Svar på "
        "spørsmålet om det i skjemaet."
    ),
    "ke-must-join": (
        "Barnet kan være registrert fra før. Koordinerende enhet har fått beskjed og må "
        "slå sammen registreringene før loggen kan åpnes."
    ),
    "task-done-elsewhere": "Oppgaven gjøres på sin egen side. Åpne den fra oppgaven.",
    "nobody-to-ask": "Kommunen har ingen som kan gjøre dette. Snakk med en leder.",
    "log-closed": "Stafettloggen er avsluttet. Åpne den igjen før du gjør dette.",
    "log-frozen": (
        "Ingen samtykker gjelder i dag, så ingen kan skrive i loggen. Registrer et nytt "
        "samtykke, så åpner den seg med en gang."
    ),
    "log-missing": "Barnet har ingen stafettlogg. Åpne en først.",
    "log-must-be-reopened": (
        "Barnet har en avsluttet stafettlogg. Åpne den igjen i stedet for å lage en ny."
    ),
    "log-open-already": "Barnet har en åpen stafettlogg. Bruk den som er der.",
    "member-already": (
        "Denne personen er allerede med i loggen. Velg en annen, eller avslutt det gamle "
        "medlemskapet først."
    ),
    "receiver-not-staff": "Bare ansatte i kommunen kan ha stafettpinnen. Velg en som er ansatt.",
    "same-level": "Loggen er på dette nivået allerede. Velg et annet nivå.",
    "service-sees-part": (
        "Det er valgt at tjenesten ikke ser hele loggen eller planen. Da kan ingen derfra ha "
        "stafettpinnen eller være koordinator. Spør om et nytt samtykke."
    ),
    "service-not-covered": (
        "Samtykket dekker ikke tjenesten der personen arbeider. Registrer et nytt samtykke "
        "der tjenesten er med."
    ),
    "specialist-missing": (
        "Ingen i spesialisthelsetjenesten er dekket av samtykket. Registrer et nytt "
        "samtykke der for eksempel BUP er med."
    ),
    "too-few-services": (
        "Samtykket dekker for få tjenester til dette nivået. Registrer et nytt samtykke "
        "der flere tjenester er med."
    ),
    "until-passed": "Datoen er passert. Velg i dag eller en senere dag.",
    "until-too-late": (
        "Datoen er for langt fram. Velg en tidligere dag; under feltet står det hvor lenge "
        "det kan vare."
    ),
    "hiding-not-own": "Bare fagfolk kan skjule noe for en foresatt. Ta bort valget.",
    "visibility-not-own": "Dette kan du ikke velge for det du skriver. Velg noe annet fra lista.",
    "child-not-born": "Barnet er ikke født ennå. Registrer fødselen først.",
    "child-is-born": "Barnet er født.",
    "pregnancy-has-ended": "Det er avsluttet uten fødsel.",
    "consent-from-before-birth": (
        "Samtykket er fra før fødselen. Be om et nytt før noen nye kommer med."
    ),
    "child-too-young-for-account": (
        "Barnet er for ungt til å ha egen konto. Vent til det er gammelt nok."
    ),
    "guardian-missing": (
        "Ingen med foreldreansvar er registrert. Registrer en på siden Om barnet først."
    ),
    "consent-in-future": (
        "Dagen da de sa ja, er ikke kommet ennå. Skriv i dag eller en tidligere dag."
    ),
    "consent-already-expired": (
        "Samtykket har gått ut. Skriv en sluttdato som er i dag eller senere."
    ),
}
FIELDS: dict[str, str] = {
    "baton-to-oneself": "Du kan ikke flytte pinnen til deg selv. Velg en annen.",
    # break-glass
    "child-unknown": "Vi finner ikke barnet, eller det kan ikke åpnes slik. Sjekk nummeret.",
    "reason-too-short": "Skriv minst 30 tegn, så den som ser på det, forstår hvorfor.",
    "duty-own": "Du kan ikke sette opp deg selv. Du har nødtilgang som leder.",
    "duty-too-long": "Velg en dag innen ett år etter den første.",
    # what a text seems to hold
    "text-identity-number": (
        "Teksten ser ut til å ha et fødselsnummer. Ta det bort hvis det ikke må stå der, "
        "eller lagre likevel."
    ),
    "text-telephone": (
        "Teksten ser ut til å ha et telefonnummer. Ta det bort hvis det ikke må stå der, "
        "eller lagre likevel."
    ),
    "text-other-child": (
        "Teksten ser ut til å nevne et annet barn du følger. Se at det er riktig logg, "
        "eller lagre likevel."
    ),
    # who may see an entry
    "named-missing": "Kryss av for minst én som skal lese det, eller velg noe annet fra lista.",
    "named-not-reader": "En av dem du har valgt, kan ikke lese dette. Velg på nytt.",
    "hidden-is-named": "Du har valgt og skjult for samme person. Rett en av dem.",
    "reason-missing": "Velg hvorfor du skjuler det.",
    "measure-missing": "Skriv hva dere gjør, i tjenesten, hjemme eller begge steder.",
    "why-not-missing": "Skriv kort hvorfor ikke, så en annen kan finne ut av det.",
    "review-too-soon": "Velg en dag etter i dag.",
    "review-too-late": "Velg en dag innen 90 dager fra i dag.",
    "review-needs-reason": (
        "Si hvorfor ikke alle kan lese det, eller velg en dag innen 14 dager fra i dag."
    ),
    # guardians
    "information-missing": "Skriv hva forelderen får vite.",
    "refusal-tells-nothing": "La feltet stå tomt når du avslår.",
    "until-over-a-year": "Velg en dag innen et år fra i dag.",
    "account-of-blocked": (
        "Den foresatte er sperret. Sperringen må oppheves før kontoen kan byttes."
    ),
    "evidence-missing": "Velg hva du har sett.",
    "mandate-missing": "Velg minst én ting de kan si ja til.",
    "mandate-not-here": "Bare verge og barnevern kan bestemme i stedet for foreldrene.",
    "service-has-no-account": (
        "Barnevernstjenesten har ingen konto her. Den svarer på papir eller muntlig."
    ),
    "responsibility-missing": "Svar ja eller nei.",
    "words-missing": "Skriv hva du har sett.",
    "refusal-missing": "Skriv hvorfor.",
    # team and plan
    "foreign-part": "Denne delen er ikke din å endre.",
    "name-or-username": "Velg en bruker, eller skriv et navn.",
    "key-twice": "Den samme nøkkelen er brukt to ganger.",
    "key-unknown": "Denne nøkkelen finnes ikke i planen. La den stå tom for noe nytt.",
    "subgoal-unknown": "Delmålet finnes ikke under dette målet.",
    "responsible-left-out": (
        "Den som har ansvaret for tiltaket, ville ikke få se det. Velg en annen, eller la flere se."
    ),
    "measure-leaves-narrow": (
        "Tiltaket står under et mål som ikke alle ser. Velg først hvem som skal se målet."
    ),
    "running-item-left": "Mål og tiltak som er i gang, må først vises som avsluttet i en versjon.",
    "next-due-missing": "Velg når tiltaket skal evalueres neste gang.",
    "next-due-too-early": "Velg en dag etter den da dere så på det.",
    "digital-is-theirs": (
        "Et digitalt ja gir den som bestemmer, selv. La feltet stå tomt, så spør vi på Min side."
    ),
    "day-has-passed": "Dagen er over. Skriv i dag eller en senere dag.",
    "oral-note-missing": "Skriv hvem som sa ja, hvordan og når. Ellers gjelder ikke et muntlig ja.",
    "one-is-not-enough": "Her må alle som har foreldreansvar, si ja.",
    "one-reason-missing": "Skriv hvorfor det er nok at én sier ja.",
    "parents-agree-missing": "Velg et svar.",
    "parents-of-one-of-age": "Den loggen gjelder, er myndig. Foreldrene skal ikke spørres.",
    "family-view-missing": "Fyll ut dette feltet.",
    "child-voice-missing": "Velg hvordan barnet har fått si sin mening, eller at det ikke er hørt.",
    "not-heard-reason-missing": "Skriv hvorfor barnet ikke er hørt.",
    "too-young-for-private": "Barnet er for ungt til at dette kan holdes fra foresatte.",
    "giver-missing": "Velg minst én som har sagt ja.",
    "request-unknown": "Dette kan du ikke be om nå. Velg noe fra lista på siden Be om noe.",
    "method-signed": "Registrer bare svar som er underskrevet på papir.",
    "application-missing": "Velg om det er søkt eller gjort vedtak, eller tøm feltene under.",
    "application-ref-missing": "Skriv vedtakets nummer eller navn.",
    "application-to-missing": "Skriv hvem dere har søkt hos.",
    "date-missing": "Skriv datoen.",
    "citizen-in-service": "En innbygger kan ikke høre til en tjeneste.",
    "coordinating-unit-exists": "Kommunen har en koordinerende enhet fra før.",
    "kind-unknown": "Velg et slag fra lista.",
    "password-differs": "Skriv det samme passordet begge gangene.",
    "password-guessable": "Passordet er for lett å gjette. Bruk for eksempel fire tilfeldige ord.",
    "password-long": "Skriv et kortere passord, høyst 200 tegn.",
    "password-short": "Skriv et lengre passord, minst 15 tegn.",
    "password-username": "Passordet kan ikke være det samme som brukernavnet.",
    "phone-form": (
        "Skriv et nummer med 8 siffer. Er det utenlandsk, begynner det med + og landets nummer."
    ),
    "email-form": "Skriv en hel e-postadresse, for eksempel navn@kommunen.no.",
    "reached-by-nobody": "Bare den som arbeider med barn, har dette. La feltet stå tomt.",
    "reached-first": "Ta først bort telefon og e-post. Bare den som arbeider med barn, har det.",
    "roles-apart": "Denne rollen kan ikke brukes sammen med andre.",
    "roles-ke-staff": "Den som er i koordinerende enhet, må også være ansatt.",
    "roles-missing": "Velg minst én rolle.",
    "service-name-taken": "Det finnes en tjeneste med dette navnet.",
    "token-days": "Velg fra 1 til 365 dager.",
    "username-form": "Bruk 2 til 40 små bokstaver fra a til z, tall, punktum og bindestrek.",
    "username-taken": "Brukernavnet er i bruk.",
    "user-unknown": "Vi finner ingen med dette brukernavnet.",
    "not-a-citizen": "Dette er ikke brukernavnet til en innbygger.",
    "not-staff": "Velg en som er ansatt eller samarbeider med kommunen.",
    "names-a-child": (
        "Her står navnet på et barn du følger opp, eller et fødselsnummer. Skriv det uten."
    ),
    "service-unknown": "Velg en tjeneste fra lista.",
    "guardian-unknown": "Velg en av de foresatte fra lista.",
    "area-unknown": "Velg områder fra lista.",
    "concern-unknown": (
        "Du kan ikke dele denne bekymringen. Velg en fra lista, eller la være å dele."
    ),
    "concern-not-for-family": (
        "Den handler om mistanke om vold eller om barnevernet, og loggen kan bli lest hjemme. "
        "La være å dele den."
    ),
    "talk-or-reason": "Velg dagen dere snakket sammen, eller hvorfor dere ikke kan det.",
    "date-before-version": "Denne versjonen var ikke laget da. Skriv dagen de skrev under på den.",
    "date-in-future": "Datoen er ikke kommet ennå. Velg i dag eller en tidligere dag.",
    "decided-not-on-paper": "Loggen føres ikke på papir nå. La feltet stå tomt.",
    "decided-before-last": (
        "Datoen er før loggen ble åpnet eller fikk det nivået den har nå. Sjekk datoen."
    ),
    "told-before-restriction": "Datoen er før bruken ble stanset. Rett den.",
    "date-too-old": "Datoen er for lenge siden. Sjekk årstallet.",
    "wish-without-holder": (
        "Ønsket lagres sammen med spørsmålet om å ta over. Velg hvem som skal ha stafettpinnen, "
        "eller ta bort teksten."
    ),
    "date-passed": "Datoen er passert. Velg i dag eller en senere dag.",
    "national-id-format": "Skriv 11 siffer uten mellomrom.",
    "national-id-date": "De seks første sifrene er ingen dato. Sjekk nummeret.",
    "national-id-synthetic": (
        "Dette er en testpersons nummer. Skriv et ekte, eller la feltet stå tomt."
    ),
    "national-id-control-digits": "Nummeret stemmer ikke. Sjekk hvert siffer.",
    "national-id-of-unborn": "Et barn som ventes, har ikke noe nummer. La feltet stå tomt.",
    "national-id-birth-date": "Nummeret og fødselsdatoen hører ikke sammen. Rett det som er feil.",
    "birth-date-missing": "Skriv fødselsdatoen.",
    "birth-date-in-future": "Datoen er ikke kommet ennå. Rett den, eller velg at barnet ventes.",
    "birth-date-of-unborn-child": (
        "Et barn som ventes, har ingen fødselsdato. Ta den bort, eller velg at barnet er født."
    ),
    "child-too-old": "Barnet er for gammelt til å bli registrert her. Sjekk fødselsdatoen.",
    "due-date-missing": "Skriv når barnet ventes.",
    "due-date-too-far": "Datoen er mer enn 300 dager fram. Sjekk den.",
    "due-date-passed": (
        "Datoen er for mer enn 30 dager siden. Er barnet født, velger du det i stedet."
    ),
    "due-date-of-born-child": (
        "Et barn som er født, har ingen termin. Ta den bort, eller velg at barnet ventes."
    ),
    "protection-not-stricter": "Adressen er beskyttet minst så mye fra før.",
    "protection-not-milder": "Det ville ikke gjøre beskyttelsen mildere. Velg noe annet.",
    "has-not-asked": "Denne personen har ikke bedt om det, eller har fått svar.",
    "reader-days": "Velg en dag fra i dag til ett år fram.",
    "not-with-strict-protection": (
        "Dette lagres ikke når adressen er strengt fortrolig. La feltet stå tomt."
    ),
    "birth-date-before-pregnancy": (
        "Datoen er for lenge før termin. Rett fødselsdatoen, eller termin først."
    ),
    "nobody-is-pregnant": "Barnet er født. Velg hva den foresatte er for barnet nå.",
    "entry-unknown": "Velg noe fra lista.",
    "only-for-unborn": (
        "Fylles ut bare når barnet ventes. Ta det bort, eller velg at barnet ventes."
    ),
    "account-is-guardians": "Dette er kontoen til en foresatt. Barnet må ha sin egen.",
    "account-is-another-childs": (
        "Denne kontoen kan ikke brukes. Be administratoren lage en til barnet."
    ),
    "until-before-from": "Sluttdatoen er før startdatoen. Rett en av dem.",
    "limit-only-in-log": "Bare i stafettloggen kan dere velge hva en tjeneste ikke skal se.",
    "leader-sees-all": (
        "Den som har stafettpinnen eller er koordinator, må se alt. La noen fra en annen tjeneste "
        "ta over først."
    ),
    "service-not-in-consent": "Tjenesten er ikke med i samtykket. Velg en av dem som står der.",
    "how-missing": "Skriv hvordan det ble sagt, for eksempel på telefon til deg.",
}


def of(code: str) -> str:
    """Return the sentence for a code.

    Raises:
        KeyError: nobody has written it; a test finds such a code first.

    """
    for table in (ERRORS, OBSTACLES, FIELDS):
        if code in table:
            return table[code]
    raise KeyError(code)
