import time

import pytest

from tickets.triage import classify, load_shipped_model
from tickets.triage.signature import find_signature

LAMP = "The light outside does not work."
OFFICES = {
    "English": "Kind regards\nJohn Miller\nIT Department, Network and Accounts",
    "with a name": "Best regards, John Miller\nIT Support | Software, Servers, Printers",
    "thanks": "Thanks!\nJohn\nIT Service Desk, phone 12-34",
    "German": "Mit freundlichen Grüßen\nKarl Meier\nRechenzentrum, Netzwerk und Software",
    "short": "MfG\nK. Meier, IT-Support",
    "French": "Cordialement,\nAnne Petit\nService informatique, réseau et logiciels",
    "Spanish": "Saludos cordiales\nJuan\nServicio de informática, red y correo",
    "Italian": "Cordiali saluti,\nLuca\nServizi informatici, rete e posta elettronica",
    "mail program": "-- \nJohn Miller\nComputer Centre\nhttps://it.example.edu\nwifi@example.edu",
}


@pytest.mark.parametrize("signature", OFFICES.values(), ids=OFFICES.keys())
def test_office_of_who_writes_changes_nothing(signature):
    model = load_shipped_model()
    signed = classify(f"{LAMP}\n\n{signature}\n", model)
    assert signed == classify(LAMP, model)
    assert signed.category == "facility"


def test_office_of_facility_makes_no_lamp_of_the_wifi():
    signed = "The wifi in H-204 is down.\n\nBest regards\nAnna\nFacility Management, Heating and Lighting"
    verdict = classify(signed, load_shipped_model())
    assert (verdict.category, verdict.needs_review) == ("it", False)


@pytest.mark.parametrize(
    "text",
    [
        "Hello\nThanks\nThe wifi in the library does not reach the second floor.",
        "Kind regards\nJohn\nPS the printer in 2.1 is out of toner",
        "Thanks\nfor repairing the heating but it is cold again in all of the rooms",
        "Thanks, the printer is broken",
        "Two regards\nJohn",
        "",
    ],
)
def test_report_is_no_signature(text):
    assert find_signature(text) == len(text)


def test_text_that_is_nothing_but_a_signature_is_read_as_it_stands():
    assert classify("Kind regards\nWifi", load_shipped_model()).category == "it"


@pytest.mark.parametrize("text", ["--" + " " * 19_000 + "x", "mfg\n" * 5_000, "\n" * 20_000, "Dank " * 4_000])
def test_no_text_takes_long(text):
    start = time.process_time()
    find_signature(text)
    assert time.process_time() - start < 0.05
