"""A contract of several communes: what its dossiers say of them, and what they are refused."""

import json
from dataclasses import replace

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import correction
from grants.domain.dossier.answers import PublicAnswers
from grants.domain.dossier.budget import RequestAnswers, funders_of
from grants.domain.dossier.sent import sent_of
from grants.domain.importing import import_contract, import_programming
from grants.domain.importing.lists import read_zones, write_list
from grants.domain.importing.pasted_people import read_people
from grants.domain.instruction.classification import Classification, reclassify
from grants.domain.instruction.on_behalf import ReceivedDossier, record
from grants.errors import DomainError
from grants.french import today
from grants.models import Commune, HistoryEntry, Kind, Project, RoleGrant, User
from tests import acts
from tests.conftest import both
from tests.domain.importing.real import content, contract_and_envelopes, faults_of, lines, written
from tests.factories import World, complete_draft, two_communes, user, world


def faults_of_public(draft: Project) -> list[str]:
    return [fault.field for fault in dossier.faults(draft) if fault.section == "public"]


def public(draft: Project, w: World, **changes) -> None:
    PublicAnswers.write(replace(PublicAnswers.of(draft), **changes), draft, w.applicant)
    db.session.flush()


@both
def test_a_dossier_names_a_main_commune_and_others_and_keeps_them(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    assert faults_of_public(draft) == []
    metz, woippy = two_communes(w.contract)
    assert faults_of_public(draft) == ["commune_id"]
    public(draft, w, commune_id=woippy.id, zone_ids=tuple(zone.id for zone in w.contract.zones))
    assert faults_of_public(draft) == ["zone_ids"]
    public(draft, w, other_commune_ids=(metz.id, woippy.id))
    assert (faults_of_public(draft), draft.other_communes) == ([], [metz])
    dossier.submit(draft, by=w.applicant)
    sent = sent_of(draft)
    assert sent
    said = {label: text for chapter in sent.chapters for label, text in chapter.answers}
    assert said["Commune principale de l'action"] == "Woippy"
    assert said["Autres communes concernées"] == "Metz"
    assert said["Quartiers concernés"] == "Metz : Caravelle, Woippy : Saint-Éloy"
    copy = correction.begin(draft, by=w.applicant)
    assert (copy.commune_id, copy.other_communes) == (woippy.id, [metz])


def test_a_commune_of_elsewhere_is_refused(app: Flask) -> None:
    w, elsewhere = world(), world()
    draft = complete_draft(w)
    [foreign, _] = two_communes(elsewhere.contract)
    for field, value in (("commune_id", foreign.id), ("other_commune_ids", (foreign.id,))):
        with pytest.raises(DomainError) as refused:
            public(draft, w, **{field: value})
        assert refused.value.field == field


@both
def test_the_coordinator_puts_a_dossier_in_another_commune(app: Flask) -> None:
    w = world()
    deposited = w.project()
    metz, woippy = two_communes(w.contract)
    wanted = Classification(w.campaign.id, deposited.theme_id, Kind.NEW)
    with pytest.raises(DomainError) as refused:
        reclassify(deposited, wanted, by=w.coordinator)
    assert refused.value.field == "commune_id"
    for commune in (metz, woippy):
        reclassify(deposited, replace(wanted, commune_id=commune.id), by=w.coordinator)
    entries = db.session.query(HistoryEntry).filter_by(field="commune_id").order_by(HistoryEntry.id)
    assert [(e.old, e.new) for e in entries] == [("", str(metz.id)), (str(metz.id), str(woippy.id))]


def test_a_dossier_on_paper_has_its_commune(app: Flask) -> None:
    w = world()
    metz, _ = two_communes(w.contract)
    of = ReceivedDossier("Reçu", w.project().theme_id, Kind.NEW, 900, ((w.cget.id, 500),), today(), "Courrier")
    with pytest.raises(DomainError) as refused:
        record(w.campaign, w.bearer, of, by=w.coordinator)
    assert refused.value.field == "commune_id"
    assert record(w.campaign, w.bearer, replace(of, commune_id=metz.id), by=w.coordinator).commune_id == metz.id


@both
def test_a_programming_names_the_commune_by_its_name_or_code(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    rows = lines(many=2)

    def load(*communes: str) -> None:
        told = [row | {"commune": commune} for row, commune in zip(rows, communes, strict=True)]
        import_programming(written(told), contract, by=by)

    assert any("commune" in fault for fault in faults_of(lambda: load("Metz", "")))
    two_communes(contract)
    assert any("écrire l'un de : Metz ; Woippy" in fault for fault in faults_of(lambda: load("Metz", "Nancy")))
    for _ in range(2):
        load("metz", "57751")
    placed = db.session.query(Commune.label).select_from(Project).join(Project.commune).order_by(Project.reference)
    assert [label for (label,) in placed] == ["Metz", "Woippy"]
    assert any("« Woippy » diffère" in fault for fault in faults_of(lambda: load("Woippy", "Woippy")))


@both
def test_a_funder_of_one_commune_is_asked_by_dossiers_that_name_it(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    metz, woippy = two_communes(w.contract)
    w.ville.commune_id = woippy.id
    public(draft, w, commune_id=metz.id)
    [fault] = [fault for fault in dossier.faults(draft) if fault.section == "demandes"]
    assert (fault.field, "ne finance que les actions de Woippy" in fault.message) == (f"funder_{w.ville.id}", True)
    asked = RequestAnswers.of(draft)
    assert w.ville in funders_of(draft)
    asked.write(draft, w.applicant)
    assert RequestAnswers.of(draft) == asked  # nothing is lost before somebody says so
    RequestAnswers(((w.cget.id, 5000),)).write(draft, w.applicant)
    db.session.flush()
    assert w.ville not in funders_of(draft)
    with pytest.raises(DomainError, match="pas dans cette commune"):
        asked.write(draft, w.applicant)
    public(draft, w, other_commune_ids=(woippy.id,))
    asked.write(draft, w.applicant)
    assert [fault for fault in dossier.faults(draft) if fault.section in ("public", "demandes")] == []


def test_nor_does_it_take_up_a_dossier_of_another(app: Flask) -> None:
    w = world()
    deposited = w.project({w.cget: 4000})
    metz, woippy = two_communes(w.contract)
    deposited.commune_id, w.ville.commune_id = metz.id, woippy.id
    db.session.flush()
    with pytest.raises(DomainError, match="ne finance que les actions de Woippy, et ce dossier ne la nomme pas"):
        acts.open_line(deposited, w.ville, "Réorienté", by=w.city_instructor)
    deposited.other_communes = [woippy]
    acts.open_line(deposited, w.ville, "Réorienté", by=w.city_instructor)


def test_a_dossier_that_leaves_a_commune_whose_funder_it_asks_goes_on_naming_it(app: Flask) -> None:
    w = world()
    deposited = w.project()
    metz, woippy = two_communes(w.contract)
    w.ville.commune_id = deposited.commune_id = metz.id
    db.session.flush()
    reclassify(
        deposited, Classification(w.campaign.id, deposited.theme_id, Kind.NEW, commune_id=woippy.id), by=w.coordinator
    )
    assert (deposited.commune, deposited.other_communes) == (woippy, [metz])


def test_the_file_of_a_contract_says_whose_money_is_of_one_commune(app: Flask) -> None:
    doc = json.loads(content("contrat.json"))
    del doc["zones"]
    doc["communes"] = [{"insee": "57463", "libelle": "Metz"}, {"insee": "57751", "libelle": "Woippy"}]
    ville = next(each for each in doc["institutions"] if each["libelle"] == "Ville")["financeurs"][0]
    ville["commune"] = "Nancy"
    load = lambda: import_contract(json.dumps(doc).encode(), by=user())  # noqa: E731
    assert any("« Nancy » n'est pas dans « communes »" in fault for fault in faults_of(load))
    ville["commune"] = "57751"
    contract = load()
    bound = [funder for institution in contract.institutions for funder in institution.funders if funder.commune]
    assert [(funder.code, funder.commune.label) for funder in bound] == [("VILLE", "Woippy")]


def test_zones_go_to_the_communes_that_a_contract_has(app: Flask) -> None:
    w = world()
    metz, woippy = two_communes(w.contract)
    text = "QN05701M;Borny;Metz\nQN05702M;Centre;metz\nQN05703M;Centre;Woippy"
    done = write_list(read_zones, text, w.contract, by=w.administrator)
    assert not done.faults
    placed = [(zone.label, zone.commune_id) for zone in w.contract.zones if zone.code]
    assert placed == [("Borny", metz.id), ("Centre", metz.id), ("Centre", woippy.id)]
    done = write_list(read_zones, "Quartier;Commune\nSainte-Croix;Nancy", w.contract, by=w.administrator)
    assert "Choisissez la commune" in str(done.faults[0])


def test_pasted_people_have_the_commune_that_their_line_names(app: Flask) -> None:
    w = world()
    metz, woippy = two_communes(w.contract)
    text = "Ada;ada@x.fr;chef de projet, Metz\nBo;bo@x.fr;cheffe de projet;woippy\nCy;cy@x.fr;chef de projet"
    for told in ("", "a déjà ce rôle"):
        done = write_list(read_people, text, w.contract, by=w.administrator)
        assert (done.faults, all(told in line.reason for line in done.lines)) == ([], True)
    assert [line.cells[3] for line in done.lines] == ["Metz", "Woippy", ""]
    grants = db.session.query(RoleGrant.commune_id).join(User).filter(User.email.like("%@x.fr")).order_by(User.email)
    assert [commune for (commune,) in grants] == [metz.id, woippy.id, None]
    for wrong in ("chef de projet, Nancy", "chef de projet;Nancy", "chef de projet, Metz et Woippy"):
        done = write_list(read_people, f"Di;di@x.fr;{wrong}", w.contract, by=w.administrator)
        assert "commune inconnue, écrire l'un de : Metz ; Woippy" in str(done.faults[0]), wrong
