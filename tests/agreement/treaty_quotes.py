"""What each rule of the shipped treaties rests on: (what, article, the words of the text that say so).

Written by hand from the texts. *What* is the acts of a rule, or another part of a profile: ``table``, ``cap``,
``marking``, ``access``, ``entry``, ``termination``, ``caveat``, or the name of a term.
"""

from __future__ import annotations

from typing import Final

Quote = tuple[str, str, str]

CH_CZ: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 4", "Es bestehen die folgenden nationalen Klassifizierungsstufen"),
    ("table", "Art. 4, Art. 7(2)", "tschechische klassifizierte Informationen, die mit PŘÍSNĚ TAJNÉ gekennzeichnet sind, "
     "werden in der Schweizerischen Eidgenossenschaft mit GEHEIM/SECRET/SEGRETO gekennzeichnet"),
    ("marking", "Art. 7(2)", "mit einer gleichwertigen Klassifizierungsstufe gekennzeichnet werden"),
    ("provide", "Art. 7(1)", "mit einer angemessenen Klassifizierungsstufe gekennzeichnet werden"),
    ("receive", "Art. 7(2)", "Die empfangende Partei"),
    ("carry bag", "Art. 10(1)", "im Rahmen von diplomatischen oder militärischen Kanälen"),
    ("wire", "Art. 10(2)", "gemäss den Sicherheitsverfahren, die von den Nationalen Sicherheitsbehörden genehmigt wurden, "
     "mit Hilfe von elektronischen Mitteln"),
    ("read access", "Art. 5", "ausschliesslich auf Personen beschränkt, die entsprechend den innerstaatlichen Gesetzen "
     "und sonstigen Vorschriften der betreffenden Vertragspartei ordnungsgemäss ermächtigt sind"),
    ("pass-on", "Art. 6(1)", "nicht ohne vorgängige schriftliche Einwilligung der bereitstellenden Partei an Dritte"),
    ("change-level", "Art. 7(2)", "ohne schriftliche Einwilligung der bereitstellenden Partei weder die Klassifizierung "
     "aufgehoben noch die Klassifizierungsstufe geändert wird"),
    ("copy translate", "Art. 11(3)", "der Klassifizierungsstufe GEHEIM oder einer höheren Klassifizierungsstufe dürfen nur "
     "mit einer vorgängigen schriftlichen Einwilligung der bereitstellenden Partei übersetzt oder vervielfältigt werden"),
    ("copy", "Art. 11(1)", "auf das notwendige Minimum beschränkt"),
    ("translate", "Art. 11(1), Art. 11(2)", "einen Vermerk in der Sprache der Übersetzung"),
    ("destroy return", "Art. 11(4)", "werden sie nicht zerstört, sondern der bereitstellenden Partei"),
    ("destroy", "Art. 11(5)", "VERTRAULICH oder einer tieferen Klassifizierungsstufe werden gemäss den innerstaatlichen "
     "Gesetzen und sonstigen Vorschriften so vernichtet"),
    ("report-loss incident.notify", "Art. 13(1)", "setzen sich gegenseitig umgehend schriftlich"),
    ("clearance", "Art. 4, Art. 8(3)", "Artikel 4 des vorliegenden Abkommens gelangt dementsprechend zur Anwendung"),
    ("clearance", "Art. 8(3)", "Auf Ersuchen der betreffenden Nationalen Sicherheitsbehörde kann eine schweizerische "
     "Sicherheitsbescheinigung"),
    ("clearance.notify", "Art. 8(4)", "setzen sich gegenseitig unverzüglich über Änderungen"),
    ("visit.lead", "Art. 12(2)", "mindestens 20 Tage vor dem Besuch einzureichen"),
    ("visit.asks.born", "Art. 12(3)", "Geburtsdatum, Geburtsort"),
    ("visit.asks.document", "Art. 12(3)", "Nummer des Passes/der Identitätskarte"),
    ("visit.asks.post visit.asks.employer", "Art. 12(3)", "Stellung des Besuchers und spezifische Angaben zur Einrichtung"),
    ("visit.asks.address visit.asks.phone visit.asks.contact", "Art. 12(3)", "Name, Adresse, Telefon-/Faxnummer, E-Mail-Adresse"),
    ("entry", "Art. 16(1)", "die letzte der Mitteilungen zwischen den Vertragsparteien eingegangen ist"),
    ("termination", "Art. 16(3)", "sechs Monate nach dem Tag, an dem die andere Vertragspartei die schriftliche Kündigung "
     "erhalten hat"),
)

CH_DK: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 1(2)", "werden die Klassifizierungsstufen und deren Entsprechungen in den beiden Ländern "
     "beschränkt auf"),
    ("marking", "Art. 4(2)", "mit der entsprechenden Klassifizierungsstufe in Übereinstimmung mit Paragraph 1.2"),
    ("provide", "Art. 4(1)", "die Klassifizierungsstufe der Information und alle Bedingungen"),
    ("receive", "Art. 4(2)", "denselben Schutz gewährleisten"),
    ("carry bag", "Art. 6(1)", "auf offiziellen Kanälen weitergeleitet"),
    ("wire", "Art. 6(1)", "Sofern jedoch von beiden Vertragsparteien akzeptiert, können auch andere Abmachungen, wie zum "
     "Beispiel persönliche Überbringung, sichere Datenübertragung (verschlüsselt)"),
    ("read", "Art. 3(1), Art. 5", "zum Zwecke und innerhalb der durch die Übermittelnde Partei"),
    ("pass-on", "Art. 3(2)", "Ohne vorherige Absprache mit der Übermittelnden Partei"),
    ("change-level", "Art. 4(2)", "nicht ohne schriftliche Genehmigung der Übermittelnden Partei"),
    ("report-loss incident.notify", "Art. 10(1)", "informiert die NSA/DSA der Empfangenden Partei unverzüglich"),
    ("access", "Art. 5", "FORTROLIGT oder VERTRAULICH/CONFIDENTIEL/CONFIDENZIALE oder höher klassifizierten Informationen "
     "ist beschränkt auf Personen"),
    ("visit.lead", "Art. 7(4)", "Schweiz 10 Arbeitstage/Dänemark 7 Arbeitstage"),
    ("visit.recurring", "Art. 7(5)", "für eine anfängliche Dauer von höchstens 12 Monaten"),
    ("visit.renewal visit.renewals", "Art. 7(5)", "für eine weitere Zeitspanne (höchstens 12 Monate) verlängert werden"),
    ("contract.copies", "Art. 8(3)", "zwei Kopien der betreffenden Teile des klassifizierten Auftrages"),
    ("agreement.review", "Art. 14(2)", "spätestens zehn Jahre nach dessen Inkraftsetzung gemeinsam überarbeiten"),
    ("visit.asks.born", "Art. 7(2)", "Datum und Geburtsort"),
    ("visit.asks.document", "Art. 7(2)", "Pass-/Identitätskartennummer"),
    ("visit.asks.post visit.asks.employer", "Art. 7(2)", "offizielle Funktion des Besuchers"),
    ("visit.asks.address", "Art. 7(2)", "Name und Adresse der Dienststelle"),
    ("entry", "Art. 14(1)", "am Tag der letzten Unterschrift durch die Vertragsparteien in Kraft"),
    ("termination", "Art. 14(1)", "unter Einhaltung einer sechsmonatigen Kündigungsfrist"),
)

CH_FR: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 5(1)", "die Entsprechungen gemäss untenstehender Tabelle"),
    ("table cap", "Art. 5(2)", "gleich wie geschützte, aber nicht klassifizierte und mit dem Vermerk «DIFFUSION "
     "RESTREINTE» markierte Informationen"),
    ("table cap", "Art. 5(3)", "welche für Informationen mit dem Vermerk «AMTSINTERN/DIENSTLICH» gelten"),
    ("marking receive", "Art. 4(2)", "eine nationale Klassifizierungskategorie wie in Artikel 5.1 definiert"),
    ("caveat", "Art. 5(4)", "«SPECIAL FRANCE – SUISSE»"),
    ("provide", "Art. 2", "für den Austausch von klassifizierten Informationen zwischen den Parteien"),
    ("carry bag", "Art. 9(1)", "auf diplomatischem Weg übermittelt"),
    ("wire", "Art. 9(5)", "nur in verschlüsselter Form, unter Verwendung der von den NSA oder DSA gegenseitig gebilligten"),
    ("receipt", "Art. 9(3)", "der Erhalt der klassifizierten Informationen wird umgehend schriftlich bestätigt"),
    ("read", "Art. 4(3), Art. 4(6)", "dürfen nur für den Zweck verwendet werden"),
    ("pass-on", "Art. 7(1)", "ohne vorgängige schriftliche Einwilligung der NSA oder DSA der Übermittelnden Partei nicht an "
     "Dritte"),
    ("change-level", "Art. 4(4)", "ohne vorgängige schriftliche Zustimmung der Übermittelnden Partei klassifizierte "
     "Informationen weder herabstufen noch deklassifizieren"),
    ("copy translate", "Art. 8(2)", "SECRET DEFENSE sind nur mit schriftlichem Einverständnis der NSA oder DSA"),
    ("copy translate", "Art. 8(1)", "die Kennzeichnung von Kopien und Übersetzungen dieselbe ist wie bei den Originalen"),
    ("destroy", "Art. 8(3)", "deren gesamte oder auch nur teilweise Wiederherstellung unmöglich ist"),
    ("report-loss incident.notify", "Art. 13(1)", "unverzüglich schriftlich informiert"),
    ("provide receive carry bag wire receipt read pass-on change-level copy translate extract destroy return register "
     "crisis-destroy report-loss", "Art. 5(2)", "entsprechend seinen nationalen Gesetzen und Vorschriften"),
    ("provide receive carry bag wire receipt read pass-on change-level copy translate extract destroy return register "
     "crisis-destroy report-loss", "Art. 5(3)", "gemäss den geltenden Gesetzen und Vorschriften"),
    ("access", "Art. 4(3), Art. 6(1)", "nur Staatsangehörigen der Parteien gestattet, welche vorgängig eine "
     "Sicherheitsbescheinigung der entsprechenden Stufe erhalten haben"),
    ("clearance", "Art. 5(1), Art. 6(3)", "anerkennen gegenseitig die für ihre Bürger ausgestellten "
     "Sicherheitsbescheinigungen"),
    ("visit.lead", "Art. 11(4)", "mindestens drei (3) Wochen vor dem für den Besuch vorgesehenen Datum"),
    ("visit.third-state", "Art. 11(2)", "bedürfen der vorgängigen schriftlichen Genehmigung der NSA oder DSA beider "
     "Parteien"),
    ("visit.recurring", "Art. 11(5), Art. 12(1)", "Diese Listen gelten zunächst für zwölf (12) Monate"),
    ("visit.renewal", "Art. 12(1)", "um weitere Perioden von jeweils höchstens zwölf (12) Monaten"),
    ("visit.renewal-ask", "Art. 11(5)", "mindestens drei (3) Wochen vor Ablauf der geltenden Bewilligung"),
    ("entry", "Art. 16(2)", "nach Erhalt der letzten Notifikation in Kraft"),
    ("termination", "Art. 16(6)", "mit einer Kündigungsfrist von sechs (6) Monaten"),
)

CH_KR: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 3(1)", "folgende zweckentsprechende Klassifizierungsstufen zugewiesen"),
    ("table cap", "Art. 3(6)", "Die höchste Klassifizierungsstufe"),
    ("marking receive", "Art. 3(2)", "mit einer gleichwertigen nationalen Klassifizierungsstufe"),
    ("provide", "Art. 6(1)", "stellt sicher, dass alle herausgegebenen klassifizierten militärischen Informationen"),
    ("carry bag", "Art. 7(1)", "auf militärischem oder diplomatischem Weg übermittelt"),
    ("wire", "Art. 7(2)", "in beiderseitigem Einvernehmen bestimmten Sicherheitsverfahren"),
    ("read", "Art. 5(1)", "ist beschränkt auf Personen"),
    ("pass-on", "Art. 6(3)", "ohne vorliegende schriftliche Zustimmung der übermittelnden Partei an eine Drittpartei"),
    ("change-level", "Art. 3(4)", "nur nach vorheriger Einholung der schriftlichen Zustimmung der übermittelnden Partei"),
    ("copy extract", "Art. 3(3)", "Vervielfältigungen von oder Auszüge aus klassifizierten militärischen Informationen"),
    ("report-loss incident.notify", "Art. 11", "informiert die empfangende Partei die übermittelnde Partei umgehend"),
    ("access", "Art. 5(1)", "über ihre Pflichten zum Schutz von klassifizierten militärischen Informationen"),
    ("visit.lead", "Art. 9(3)", "mindestens zwanzig (20) Tage vor Besuchsbeginn"),
    ("visit.lead-urgent", "Art. 9(5)", "bis mindestens fünf (5) Tage vor Besuchsbeginn"),
    ("visit.recurring", "Art. 9(6)", "für eine Zeitspanne von höchstens zwölf (12) Monaten"),
    ("amendment.answer", "Art. 14(2)", "innert dreissig (30) Tagen nach Erhalt des Antrags"),
    ("agreement.duration", "Art. 15(2)", "ist fünf (5) Jahre gültig"),
    ("agreement.extension", "Art. 15(2)", "um ein (1) weiteres Jahr verlängert"),
    ("agreement.lapse-notice", "Art. 15(2)", "von mindestens sechs (6) Monaten vor Ablauf des Abkommens"),
    ("visit.asks.born", "Art. 9(2)", "Geburtsdatum und –ort"),
    ("visit.asks.document", "Art. 9(2)", "Reisepass oder ID-Kartennummer"),
    ("visit.asks.post visit.asks.employer", "Art. 9(2)", "offizielle Funktion mit dem Namen der Einrichtung"),
    ("visit.asks.initiative", "Art. 9(2)", "auf Regierungs- oder Wirtschaftsinitiative"),
    ("visit.asks.address", "Art. 9(2)", "Name und Adresse der zu besuchenden Einrichtung"),
    ("visit.asks.contact", "Art. 9(2)", "der zu besuchenden Personen"),
    ("entry", "Art. 15(1)", "mit dem Datum des Empfangs der letzten Note in Kraft"),
)

CH_LU: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 3(1)", "die nachfolgend aufgeführten Entsprechungen"),
    ("table", "Art. 3(3)", "TRÈS SECRET LUX klassifizierten Informationen auf Einzelfallbasis"),
    ("marking", "Art. 5(9)", "kennzeichnet, falls zweckmässig"),
    ("provide receive", "Art. 5(1)", "derselbe Schutzgrad gewährleistet"),
    ("carry bag", "Art. 6(1)", "durch militärische oder diplomatische Kuriere"),
    ("wire", "Art. 6(3)", "zwischen den nationalen Sicherheitsbehörden vereinbarten zertifizierten "
     "Verschlüsselungsverfahren"),
    ("register", "Art. 6(2)", "der Stufe CONFIDENTIEL LUX oder höher werden registriert"),
    ("receipt", "Art. 6(4)", "bestätigt die empfangende Partei deren Erhalt schriftlich"),
    ("read", "Art. 5(3)", "die das Kriterium «Kenntnis nur wenn nötig» erfüllen"),
    ("pass-on change-level", "Art. 5(9)", "nicht ohne vorherige schriftliche Zustimmung der übermittelnden Partei"),
    ("copy translate", "Art. 7(1)", "nur nach vorheriger schriftlicher Zustimmung der übermittelnden Partei vervielfältigt "
     "oder übersetzt"),
    ("copy translate", "Art. 7(2), Art. 7(3)", "in der Zielsprache klar anzugeben"),
    ("return destroy", "Art. 8(2)", "zurückzugeben oder dürfen lediglich nach schriftlicher Zustimmung der übermittelnden "
     "Partei vernichtet werden"),
    ("destroy", "Art. 8(1)", "deren gesamte oder teilweise Wiederherstellung unmöglich ist"),
    ("crisis-destroy", "Art. 8(3)", "sind die klassifizierten Informationen umgehend zu zerstören"),
    ("report-loss incident.notify", "Art. 12(1)", "umgehend über den Verdacht oder die Entdeckung einer Verletzung"),
    ("access", "Art. 5(3), Art. 5(4)", "über eine Personensicherheitsbescheinigung verfügen oder aufgrund ihrer Funktion "
     "ordnungsgemäss zugangsberechtigt sein"),
    ("clearance", "Art. 3(1), Art. 5(5)", "anerkennt jede Vertragspartei die von der anderen Vertragspartei ausgestellten "
     "Personensicherheitsbescheinigungen"),
    ("clearance.notify", "Art. 5(8)", "informieren die nationalen Sicherheitsbehörden einander unverzüglich"),
    ("visit.lead", "Art. 10(3)", "mindestens drei (3) Wochen vor dem Besuch"),
    ("visit.lead-urgent", "Art. 10(4)", "mindestens drei (3) Tage vor dem Besuch"),
    ("visit.asks.born", "Art. 10(3)", "Geburtsdatum und -ort"),
    ("visit.asks.document", "Art. 10(3)", "Passnummer oder ID-Kartennummer"),
    ("visit.asks.post visit.asks.employer", "Art. 10(3)", "Funktion jeder Besucherin"),
    ("visit.asks.programme", "Art. 10(3)", "vorgesehenes Arbeitsprogramm"),
    ("entry", "Art. 15(1)", "nach Empfang der letzten Note in Kraft"),
    ("recall", "Art. 15(4)", "auf Anfrage der übermittelnden Partei zurückzugeben"),
    ("termination", "Art. 15(3)", "sechs (6) Monate nach dem Empfang der Note durch die andere Vertragspartei"),
)

CH_PL: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 2(4)", "vereinbaren die Gleichwertigkeit der folgenden Klassifizierungskategorien"),
    ("table", "Art. 2(5)", "im Einzelfall Sonderregelungen getroffen"),
    ("marking receive", "Art. 2(1)", "gleichwertige Klassifizierungskategorien gewährt werden"),
    ("provide carry bag", "Art. 6(1)", "auf diplomatischem Weg übermittelt"),
    ("wire", "Art. 6(3)", "gesicherte Kommunikationssysteme und ‑netze übermittelt werden, die gemäss dem nationalen Recht "
     "der Vertragsparteien zur Nutzung zugelassen sind"),
    ("receipt", "Art. 6(4)", "erfordert eine schriftliche Bestätigung des Empfängers"),
    ("read access", "Art. 4(5)", "gemäss nationalem Recht der empfangenden Partei zum Zugang berechtigt sind"),
    ("pass-on", "Art. 4(4)", "Ohne vorherige schriftliche Zustimmung der übermittelnden Partei, die die Einstufung "
     "veranlasst hat"),
    ("change-level", "Art. 2(3)", "ausschliesslich von der übermittelnden Partei, die die Einstufung veranlasst hat, "
     "geändert oder aufgehoben werden"),
    ("copy translate", "Art. 7(2)", "dürfen nur nach vorheriger Einholung der schriftlichen Zustimmung"),
    ("copy translate", "Art. 7(1)", "wird in der Zielsprache darauf hingewiesen"),
    ("destroy return", "Art. 8(1)", "dürfen nicht vernichtet werden, sondern sind der übermittelnden Partei zurückzugeben"),
    ("destroy", "Art. 8(2)", "gemäss dem nationalen Recht der empfangenden Partei so zu vernichten"),
    ("report-loss", "Art. 10(2)", "informieren einander umgehend"),
    ("access", "Art. 1(10), Art. 4(5)", "zum Zugang zu VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE / POUFNE / CONFIDENTIAL "
     "oder höher klassifizierten Informationen berechtigt"),
    ("incident.notify", "Art. 10(2), Art. 10(5)", "informieren einander umgehend"),
    ("clearance", "Art. 2(4), Art. 13(1)", "ausgestellten Personensicherheitsermächtigungen und "
     "Betriebssicherheitserklärungen"),
    ("incident.provider-acts", "Art. 10(3)", "trifft die Vertragspartei, die die klassifizierten Informationen weitergegeben "
     "oder übermittelt hat, die in den Absätzen 1 und 2 genannten Massnahmen"),
    ("clearance.notify", "Art. 13(2)", "informieren sich gegenseitig umgehend über Änderungen"),
    ("visit.lead", "Art. 9(2)", "spätestens 20 (zwanzig) Tage vor dem geplanten Besuch"),
    ("visit.asks.born", "Art. 9", "Geburtsdatum und ‑ort"),
    ("visit.asks.document", "Art. 9", "Reisepass- oder ID-Kartennummer"),
    ("visit.asks.post visit.asks.employer", "Art. 9", "Funktion mit dem Namen der Einrichtung"),
    ("visit.asks.programme", "Art. 9", "Besuchszweck, ‑datum und ‑programm"),
    ("visit.asks.address", "Art. 9", "Name und Adresse der zu besuchenden Dienststelle"),
    ("visit.asks.contact", "Art. 9", "Nachname und Funktion des Gastgebers"),
    ("entry", "Art. 15(1), Art. 15(2)", "auf den Empfang der letzten Note folgt, in Kraft"),
    ("termination", "Art. 15(3)", "sechs Monate nach Erhalt der Kündigung"),
)

NL_DE: Final[tuple[Quote, ...]] = (
    ("table cap", "Art. 1(2)", "dat de volgende rubriceringen vergelijkbaar zijn"),
    ("marking", "Art. 5(1)", "van het ontvangende land bovendien voorzien van een aanduiding van de overeenkomende "
     "nationale rubricering"),
    ("provide receive", "Art. 2(1)", "ten minste dezelfde graad van beveiliging"),
    ("carry bag", "Art. 6(1)", "per diplomatieke of militaire koerier"),
    ("carry bag post", "Art. 6(5)", "per post worden verzonden"),
    ("receipt", "Art. 6(1)", "De bevoegde instantie bevestigt de ontvangst van het gerubriceerde gegeven"),
    ("read", "Art. 2(3)", "slechts die personen toegang worden verleend tot gerubriceerde gegevens die daarvan uit hoofde "
     "van hun functie noodzakelijkerwijs kennis dienen te nemen"),
    ("pass-on", "Art. 2(2)", "niet zonder de voorafgaande toestemming van de instantie die tot de rubricering heeft "
     "besloten, toegankelijk maken voor derde landen"),
    ("change-level", "Art. 5(4)", "uitsluitend plaats op verzoek van de bevoegde instantie van het land van oorsprong"),
    ("copy", "Art. 5(2)", "dan wel voor gerubriceerde gegevens die daarbij worden gereproduceerd"),
    ("report-loss incident.notify", "Art. 8(1)", "moeten onverwijld aan de andere Verdragsluitende Partij"),
    ("access", "Art. 2(3)", "Voor als VS-VERTRAULICH/Stg. CONFIDENTIEEL en hoger gerubriceerde gegevens dient in elk geval "
     "een veiligheidsonderzoek te worden verricht"),
    ("level.notice", "Art. 5(4)", "zes weken van tevoren"),
    ("entry", "Art. 13(1)", "Doorslaggevend is de datum van de ontvangst van de kennisgeving"),
    ("termination", "Art. 13(5)", "met inachtneming van een termijn van zes maanden"),
)

EU11: Final[tuple[Quote, ...]] = (
    ("table cap", "Annex", "TRES SECRET UE/EU TOP SECRET"),
    ("provide", "Art. 1", "teneinde te worden verstrekt aan of uitgewisseld tussen de Partijen in het belang van de Europese "
     "Unie en gemarkeerd zijn om aan te geven dat zij onder deze overeenkomst vallen"),
    ("receive", "Art. 3(1)", "gelijkwaardig is aan de beveiliging die door de beveiligingsregelgeving van de Raad"),
    ("carry bag", "Art. 6", "adequaat beschermd wordt, overeenkomstig artikel 3, lid 1"),
    ("wire", "Art. 7", "die door communicatie- en informatiesystemen wordt verwerkt, opgeslagen of verzonden"),
    ("read", "Art. 5(1)", "„noodzaak van kennisname”"),
    ("pass-on", "Art. 4(1)", "zonder voorafgaande schriftelijke toestemming van de opsteller en zonder een passende "
     "overeenkomst of regeling"),
    ("change-level", "Art. 4(1)", "geen lagere rubriceringsgraad krijgt of gederubriceerd wordt zonder voorafgaande "
     "schriftelijke toestemming van de opsteller"),
    ("report-loss incident.notify", "Art. 9(2)", "daarvan onmiddellijk via de passende kanalen in kennis"),
    ("access", "Art. 5(2), Art. 5(3)", "alleen wordt verleend aan personen die over een passende veiligheidsmachtiging "
     "beschikken of anderszins uit hoofde van hun functie naar behoren zijn gemachtigd"),
    ("access", "Art. 5(3)", "op de hoogte zijn van hun verantwoordelijkheid"),
    ("entry", "Art. 13(1), Art. 13(2)", "waarin de laatste Partij de secretaris-generaal van de Raad"),
)

QUOTES: Final[dict[str, tuple[Quote, ...]]] = {
    "ch-cz-2011": CH_CZ, "ch-dk-2012": CH_DK, "ch-fr-2006": CH_FR, "ch-kr-2022": CH_KR, "ch-lu-2024": CH_LU,
    "ch-pl-2022": CH_PL, "nl-de-2001": NL_DE, "eu-member-states-2011": EU11,
}
