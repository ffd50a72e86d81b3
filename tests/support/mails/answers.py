"""Made answers: the whole text of each, and what its writer has typed."""

QUOTE = "> Which room is it?\n> Helpdesk"
LONG_QUOTE = "\n".join(f"> line {number}" for number in range(20))
OUTLOOK = "{0}: Helpdesk\n{1}: Monday, March 2, 2026 10:00\n{2}: Ursula\n{3}: Lamp\n\nWhich room is it?"
MINE = "It is H 204."
SIGNED = "helpdesk+1234-abcdefghijklmnopqrstuvwx@example.edu"
DEVICES = {
    "English": "Sent from Outlook for iOS",
    "English, Yahoo": "Sent from Yahoo Mail on Android",
    "German": "Holen Sie sich Outlook für iOS",
    "German, Samsung": "Von meinem/meiner Galaxy gesendet",
    "French": "Télécharger Outlook pour Android",
    "French, iOS": "Envoyé à partir de Outlook pour iOS",
    "Spanish": "Obtener Outlook para iOS",
    "Italian": "Ottieni Outlook per iOS",
    "Portuguese": "Obter o Outlook para iOS",
}
CUT = {
    "quote below": f"{MINE}\n\n{QUOTE}",
    "English": f"{MINE}\n\nOn Mon, Mar 2, 2026 at 10:00 AM Helpdesk <h@example.edu> wrote:\n\n{QUOTE}",
    "English, wrapped": f"{MINE}\n\nOn Mon, Mar 2, 2026 at 10 Helpdesk\n<h@example.edu> wrote:\n{QUOTE}",
    "German": f"{MINE}\n\nAm 02.03.26 um 10:00 schrieb Helpdesk:\n{QUOTE}",
    "French": f"{MINE}\n\nLe lun. 2 mars 2026 à 10:00, Helpdesk <h@example.edu> a écrit :\n\n{QUOTE}",
    "Spanish": f"{MINE}\n\nEl lun, 2 mar 2026 a las 10:00, Helpdesk (<h@example.edu>) escribió:\n{QUOTE}",
    "Italian": f"{MINE}\n\nIl giorno lun 2 mar 2026 alle ore 10:00 Helpdesk <h@e.edu> ha scritto:\n{QUOTE}",
    "Portuguese": f"{MINE}\n\nEm seg., 2 de mar. de 2026 às 10:00, Helpdesk <h@e.edu> escreveu:\n{QUOTE}",
    "Dutch": f"{MINE}\n\nOp ma 2 mrt 2026 om 10:00 schreef Helpdesk <h@e.edu>:\n{QUOTE}",
    "Russian": f"{MINE}\n\nпн, 2 мар. 2026 г. в 10:00, Helpdesk <h@example.edu>:\n{QUOTE}",
    "Japanese": f"{MINE}\n\n2026年3月2日(月) 10:00 Helpdesk <h@example.edu>:\n{QUOTE}",
    "German, on a phone": f"{MINE}\n\nHelpdesk <{SIGNED}> schrieb am Mo., 2. März\n2026, 10:00:\n\n{QUOTE}",
    "Russian, wrapped": f"{MINE}\n\nпн, 2 мар. 2026 г. в 10:00, Helpdesk <\n{SIGNED}>:\n\n{QUOTE}",
    "Chinese, wrapped": f"{MINE}\n\nHelpdesk <{SIGNED}> 于2026年3月2日周一\n10:00写道：\n\n{QUOTE}",
    "no marks": f"{MINE}\n\nOn Monday, March 2, 2026, Helpdesk <h@example.edu> wrote:\n\nWhich room is it?",
    "Outlook": f"{MINE}\n\n{'_' * 32}\n{OUTLOOK.format('From', 'Sent', 'To', 'Subject')}",
    "Outlook, German": f"{MINE}\n\n{OUTLOOK.format('Von', 'Gesendet', 'An', 'Betreff')}",
    "Outlook, French": f"{MINE}\n\n{OUTLOOK.format('De', 'Envoyé', 'À', 'Objet')}",
    "Outlook, bold": f"{MINE}\n\n{OUTLOOK.format('*From', '*Sent', '*To', '*Subject')}",
    "original message": f"{MINE}\n\n-----Original Message-----\nFrom: Helpdesk\n\nWhich room is it?",
    "original message, German": f"{MINE}\n\n-------- Ursprüngliche Nachricht --------\nWelcher Raum?",
    "above": f"On Mon, Mar 2, 2026 Helpdesk <h@example.edu> wrote:\n{LONG_QUOTE}\n\n{MINE}",
    "signature": f"{MINE}\n-- \nUrsula Klein\nRoom 12\n\n{QUOTE}".replace("-- \n", "--\n"),
    "device": f"{MINE}\n\nSent from my iPhone\n\n{QUOTE}",
    "device, German": f"{MINE}\n\nVon meinem iPhone gesendet\n\nAm 2.3.2026 schrieb H <h@e.edu>:\n{QUOTE}",
    **{f"device, {name}": f"{MINE}\n\n{line}\n\n{QUOTE}" for name, line in DEVICES.items()},
    "original message, French": f"{MINE}\n\n-------- Message original --------\nDe : H\n\nQuelle salle ?",
    "quote of a quote": f"{MINE}\n\n> Which?\n>> It flickers\n> > Lamp",
    "blank lines between quotes": f"{MINE}\n\n> Which?\n\n> Helpdesk",
}
KEPT = {
    "sentence that looks like a heading": "On Monday the printer wrote:\nPC LOAD LETTER",
    "line from a display": "The printer says\n\nOn Monday the printer wrote: error",
    "from in a sentence": "From: nowhere came a noise.\nIt stopped.",
    "sentence about what was sent": "The tools are gone.\nSent from room 12 they came.",
    "arrow": "a > b is what it shows",
    "only a quote": QUOTE,
    "only a heading and a quote": f"On Mon, Mar 2, 2026 Helpdesk <h@e.edu> wrote:\n{QUOTE}",
    "only a signature": "--\nUrsula",
    "rule between": "First\n__________\nSecond",
    "nothing": "",
    "between quotes": "> Which room is it?\nH 204\n> Since when?\nMonday",
}
PARTS = {
    "between quotes, with heading": (
        "On Mon, Mar 2, 2026 H <h@e.edu> wrote:\n> Which room?\nH 204\n> Since when?\nMonday\n> Helpdesk",
        "> Which room?\nH 204\n> Since when?\nMonday",
    ),
    "under a long quote": (f"{LONG_QUOTE}\nH 204\n> Since when?\nMonday", "H 204\n> Since when?\nMonday"),
    "signature under the quote": (f"{MINE}\n{QUOTE}\n--\nUrsula", MINE),
}
