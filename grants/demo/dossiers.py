"""The fictitious dossiers of the open call: one of each state and outcome (25 in all).

A script is what happens to a dossier after it is written, a step a word:
`submit`, `admit`, `refuse`, `pieces`, `withdraw`, `propose CODE EUROS`, `accept CODE EUROS`,
`reject CODE`, `defer CODE`, `cancel CODE`, `notify CODE`; after the committee (`LATER`) also
`revise CODE EUROS`. A fourth word, `typed`: by the coordinator, on behalf of the institution.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ENVELOPES = {"CGET": 65_500, "VILLE": 45_000, "DEPT": 40_000, "REGION": 10_000}

RIGHTS = ("Cohésion sociale", "Accès aux droits")
EDUCATION = ("Cohésion sociale", "Éducation")
HEALTH = ("Cohésion sociale", "Santé")
JOBS = ("Emploi et développement économique",)
PLACES = ("Cadre de vie et renouvellement urbain", "Cadre de vie")


@dataclass(frozen=True)
class Dossier:
    bearer: str
    title: str
    path: tuple[str, ...]
    orientation: int
    cost: int
    asked: dict[str, int]
    script: tuple[str, ...] = ()
    predecessor: str = ""
    public: tuple[int, int] = (60, 45)
    zones: tuple[str, ...] = field(default=("Caravelle",))


DOSSIERS = (
    # Drafts
    Dossier("ADABE", "Accompagnement à la scolarité", EDUCATION, 2, 18_000,
            {"CGET": 4_500, "VILLE": 3_500, "DEPT": 5_000},
            predecessor="Accompagnement à la scolarité", public=(75, 60)),
    Dossier("MJC", "Ciné-débats au pied des tours", PLACES, 2, 9_600, {"CGET": 3_000}),
    Dossier("PROXITE", "Parrainage de lycéens", EDUCATION, 4, 14_000, {"VILLE": 4_000}),
    # Deposited, to be checked
    Dossier("MJC", "Accompagnement à la scolarité", EDUCATION, 1, 15_200,
            {"CGET": 5_500, "VILLE": 5_000}, ("submit",),
            predecessor="Accompagnement à la scolarité", public=(90, 80)),
    Dossier("LECTURES NOMADES", "Bibliothèque de rue", EDUCATION, 1, 11_800,
            {"CGET": 4_000, "DEPT": 3_000}, ("submit",), zones=("Quartiers Sud",)),
    Dossier("AA92", "Permanences d'écrivain public", RIGHTS, 2, 21_000,
            {"VILLE": 6_000, "DEPT": 7_000}, ("submit",), public=(320, 250)),
    # Pieces asked for
    Dossier("MJC", "Café des parents", EDUCATION, 2, 7_400, {"CGET": 2_500, "VILLE": 1_500},
            ("submit", "pieces"), public=(40, 40)),
    Dossier("OPPELIA", "Prévention des écrans", HEALTH, 3, 12_500, {"CGET": 5_000, "DEPT": 3_500},
            ("submit", "pieces"), public=(150, 110)),
    # Inadmissible, withdrawn
    Dossier("1000 BATTEURS POUR LA PAIX", "Grand concert d'été", PLACES, 2, 38_000,
            {"VILLE": 20_000}, ("submit", "refuse"), public=(900, 300)),
    Dossier("FASE", "Ferme pédagogique itinérante", PLACES, 3, 26_000,
            {"CGET": 8_000, "VILLE": 6_000}, ("submit", "admit", "withdraw"), public=(200, 160)),
    # Admissible, nothing said yet
    Dossier("NUBIAN SOUL", "Voyage chorégraphique", EDUCATION, 3, 24_000,
            {"CGET": 8_000, "VILLE": 4_000, "DEPT": 6_000}, ("submit", "admit"),
            predecessor="Voyage chorégraphique", public=(45, 38)),
    Dossier("GENERATION UNIS", "Conseil des jeunes", EDUCATION, 4, 8_900,
            {"CGET": 3_000, "REGION": 2_000}, ("submit", "admit"), public=(30, 28)),
    # Proposed; the Département's proposals exceed its envelope
    Dossier("AVG", "On joue au volley", EDUCATION, 3, 31_000,
            {"CGET": 7_500, "VILLE": 5_500, "DEPT": 9_000},
            ("submit", "admit", "propose VILLE 5000", "propose DEPT 9000"),
            predecessor="On joue au volley", public=(120, 90)),
    Dossier("LES PETITS DEBROUILLARDS", "Éducation aux sciences et techniques", EDUCATION, 3,
            42_000, {"CGET": 12_500, "VILLE": 9_000, "DEPT": 12_000},
            ("submit", "admit", "propose VILLE 8000", "propose DEPT 11000"),
            predecessor="Éducation aux sciences et techniques", public=(260, 210)),
    Dossier("CROIX ROUGE", "Promotion de la santé globale", HEALTH, 1, 36_000,
            {"CGET": 14_000, "DEPT": 8_000},
            ("submit", "admit", "propose CGET 12000", "propose DEPT 8000"),
            predecessor="Promotion de la santé globale", public=(400, 310)),
    Dossier("POLE S", "Accompagnement des jeunes diplômés", JOBS, 3, 27_500,
            {"CGET": 9_000, "DEPT": 6_000},
            ("submit", "admit", "propose DEPT 6000"), public=(35, 30)),
    # Partly decided
    Dossier("MISSION LOCALE", "Rallye des métiers", JOBS, 2, 22_000,
            {"CGET": 9_000, "VILLE": 4_000, "DEPT": 6_500},
            ("submit", "admit", "accept CGET 9000", "propose DEPT 6500"), public=(80, 65)),
    Dossier("ADIE", "Créer son activité", JOBS, 4, 33_000,
            {"CGET": 12_000, "VILLE": 7_000, "DEPT": 9_000},
            ("submit", "admit", "accept CGET 10500", "accept VILLE 7000", "propose DEPT 9000"),
            public=(60, 48)),
    Dossier("MAVIE", "Marche exploratoire des femmes", PLACES, 3, 9_400,
            {"CGET": 4_000, "VILLE": 2_500},
            ("submit", "admit", "accept CGET 4000", "defer VILLE"), public=(25, 25)),
    # Refused by one, accepted by another
    Dossier("ADABE", "Atelier FLE Mathématique", RIGHTS, 1, 30_500,
            {"CGET": 6_000, "VILLE": 9_000, "DEPT": 7_000},
            ("submit", "admit", "accept CGET 6000", "reject VILLE", "accept DEPT 6500",
             "notify CGET", "notify VILLE"),
            predecessor="Atelier FLE Mathématique", public=(85, 85)),
    Dossier("PLUR'ART", "Fresque du centre-ville", EDUCATION, 4, 17_200,
            {"CGET": 5_000, "VILLE": 6_000},
            ("submit", "admit", "reject CGET", "accept VILLE 6000", "notify VILLE"),
            zones=("Centre-ville",)),
    # Accepted by all and notified; with an amount typed for the Région
    Dossier("ESPACE NELLY ROUSSEL", "Convivialité et lien social", PLACES, 2, 48_000,
            {"CGET": 14_000, "VILLE": 9_000, "REGION": 5_000},
            ("submit", "admit", "accept CGET 14000", "accept VILLE 9000", "accept REGION 4000",
             "notify CGET", "notify VILLE"),
            predecessor="Convivialité et lien social", public=(210, 190)),
    Dossier("CCAS", "Coordination des partenaires de l'ASV", HEALTH, 1, 29_000,
            {"CGET": 15_000, "VILLE": 8_000},
            ("submit", "admit", "accept CGET 15000", "accept VILLE 8000", "notify CGET"),
            predecessor="Coordination des partenaires de l'ASV", public=(45, 45)),
    # Refused by all; accepted then given up
    Dossier("EPA", "Mini-entreprise au collège", JOBS, 3, 19_800, {"CGET": 5_000, "DEPT": 4_000},
            ("submit", "admit", "reject CGET", "reject DEPT", "notify CGET"), public=(24, 20)),
    Dossier("L'ESCALE", "Permanence pour les femmes victimes de violences", RIGHTS, 3, 16_400,
            {"CGET": 5_500, "VILLE": 4_000},
            ("submit", "admit", "accept CGET 5500", "accept VILLE 4000", "cancel VILLE"),
            public=(70, 55)),
)  # fmt: skip

# Of the year before, and not taken up again yet.
READY = Dossier("ADABE", "Accompagnement à la parentalité", EDUCATION, 2, 24_000,
                {"CGET": 8_000, "VILLE": 5_500, "DEPT": 4_000}, ("submit",),
                predecessor="Accompagnement à la parentalité", public=(60, 50))  # fmt: skip

# What happened since the technical committee froze the programming: by title of the action.
LATER = {
    "On joue au volley": ("propose CGET 6000",),
    "Accompagnement des jeunes diplômés": ("propose CGET 7500", "propose DEPT 5000"),
    "Rallye des métiers": ("propose VILLE 3500", "accept DEPT 6000 typed"),
    "Créer son activité": ("revise VILLE 6000",),
    "Voyage chorégraphique": ("propose DEPT 5000 typed",),
}
