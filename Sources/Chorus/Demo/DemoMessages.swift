extension DemoContent {
    /// What is written into each of ``channels``, in their order; forty in all.
    static let messages: [[String]] = [
        [
            "Mein Vorschlag zur Schichtübergabe wurde erst gehört, als ihn jemand anders wiederholt hat. Das passiert nicht zum ersten Mal.",
            "Seit wir die Teamrunde reihum leiten, kommen alle zu Wort. Das kann bitte so bleiben.",
            "Ich werde regelmäßig zum Übersetzen geholt. Ich mache das gern, aber meine eigene Arbeit bleibt dann liegen.",
            "Ein Bürger wollte nicht von mir beraten werden. Meine Leitung hat sich sofort vor mich gestellt. Danke dafür.",
            "Mein Nachname wird im Verteiler seit zwei Jahren falsch geschrieben, obwohl ich es dreimal gemeldet habe.",
            "Nach einem abfälligen Witz hat eine Kollegin ruhig widersprochen. Danach war das Gespräch besser als vorher.",
            "Der Bescheid zur Wohngeldänderung ist so geschrieben, dass wir ihn am Schalter jedes Mal neu erklären müssen.",
            "Bei uns fehlen zwei Stellen. Wer neu ist, bekommt keine Einarbeitung, weil niemand Zeit dafür hat.",
            "Im Jahresgespräch ging es zum ersten Mal darum, was ich lernen möchte, und nicht nur darum, was fehlt.",
            "Ich bin hier geboren und werde trotzdem jede Woche gefragt, wo ich eigentlich herkomme.",
            "Die Ferienplanung nimmt auf Weihnachten Rücksicht, auf andere Feiertage nur nach Bitten.",
            "Unsere neue Leitung schreibt Aufgaben auf, statt sie nur zuzurufen. Das hilft allen, nicht nur mir.",
            "In E-Mails bin ich Herr Doktor, am Telefon nach drei Sätzen plötzlich du. Ich wünsche mir einen Ton für alle.",
            "Wer Teilzeit arbeitet, erfährt Beschlüsse der Donnerstagsrunde oft erst eine Woche später.",
        ],
        [
            "Bitte vor jedem Auswahlgespräch die Fragen und die Bewertung schriftlich festlegen und den Leitfaden veröffentlichen.",
            "Hospitationen in anderen Ämtern für zwei Tage: so lernt man Stellen kennen, von denen man sonst nie hört.",
            "Ein Sprachkurs für Verwaltungsdeutsch während der Arbeitszeit, offen für alle, die Bescheide schreiben.",
            "Freiwillige Liste, wer welche Sprache spricht, mit Zeitausgleich für das Übersetzen.",
            "Ein ruhiger Raum im Rathaus, der nicht nach einer Religion benannt ist.",
            "Rückmeldung nach einer Absage: zwei Sätze, was gefehlt hat, damit man sich vorbereiten kann.",
            "Mentoring für Beschäftigte im mittleren Dienst, die Führung übernehmen möchten.",
            "Stellenausschreibungen auch im Bauhof aushängen. Dort hat nicht jeder einen Rechner.",
            "Im Fachverfahren müssen Namen mit Sonderzeichen eingegeben werden können, sonst stimmen die Bescheide nicht.",
            "Führungskräfte sollten die Schulung zum AGG alle zwei Jahre auffrischen, nicht nur einmal.",
            "Eine Stelle, die bei der Anerkennung ausländischer Abschlüsse hilft, bevor man sich bewirbt.",
            "Fortbildungen vormittags anbieten. Am späten Nachmittag fehlen immer dieselben Leute.",
            "Die Kantine könnte kennzeichnen, was in den Gerichten ist. Das kostet wenig.",
        ],
        [
            "Im Vorstellungsgespräch wurde ich gefragt, ob mein Mann mit der Stelle einverstanden sei.",
            "Zwei Bewerbungen mit gleichem Abschluss, eingeladen wurde nur die mit dem deutsch klingenden Namen.",
            "Meine Beurteilung wurde mit meinem Akzent begründet. In drei Jahren gab es keine Beschwerde über meine Beratung.",
            "Ein Kollege spricht von „denen“, wenn er Antragsteller meint. Die Leitung hört es und sagt nichts.",
            "Die höhere Vertretung ging wieder an jemanden, der kürzer da ist. Eine Begründung habe ich nicht bekommen.",
            "Auf meine Beschwerde vom Frühjahr habe ich bis heute keine Antwort.",
            "Mein Kopftuch war Thema im Bewerbungsgespräch, meine Zeugnisse nicht.",
            "In einer Chatgruppe des Teams wurden Bilder geteilt, die Menschen herabsetzen. Ich bin ausgetreten und werde jetzt gemieden.",
            "Für die Zulage wurde verlangt, dass ich meinen Abschluss ein zweites Mal bewerten lasse. Andere mussten das nicht.",
            "Nach der Elternzeit wurde mir eine Stelle mit weniger Verantwortung angeboten, angeblich wegen der Sprache.",
            "Bei der Dienstplanung bekomme ich seit meiner Beschwerde fast nur Spätdienste.",
            "Die Stelle war intern ausgeschrieben, das Ergebnis stand vorher fest. Drei Leute können das bestätigen.",
            "Ein Besucher hat mich beleidigt. Der Vorfall wurde aufgenommen, aber niemand hat mich danach gefragt, wie es mir geht.",
        ],
    ]

    /// Where each kind of event takes place and what is said of it.
    static func setting(of kind: EventKind) -> (location: String, description: String) {
        switch kind {
        case .meeting:
            (
                "Rathaus, Frühstücksraum",
                "Ankommen, zuhören, verabreden. Neue sind willkommen; niemand muss sich vorstellen."
            )
        case .empowerment:
            (
                "Haus am Hafen, Saal 2",
                "Ein geschützter Abend. Was erzählt wird, bleibt im Raum. Wer nicht kann, sagt bitte ab: andere warten."
            )
        case .training:
            ("Volkshochschule, Raum 1.07", "Mit Übungen an echten Fällen aus der Verwaltung. Gilt als Arbeitszeit.")
        case .coaching:
            (
                "Stadtwerke, Besprechung 3",
                "Kollegiale Beratung in kleiner Runde: ein Fall, sechs Blickwinkel, eine Stunde."
            )
        case .consultation:
            ("Rathaus, Zimmer 2.14", "Vertrauliche Gespräche von je zwanzig Minuten. Auf Wunsch mit Sprachmittlung.")
        case .hearing:
            (
                "Rathaus, Ratssaal",
                "Wir sammeln Erfahrungen für eine Empfehlung an die Stadt. Auch schriftlich und anonym möglich."
            )
        case .conference:
            (
                "Kulturspeicher, Großer Saal",
                "Vorträge am Vormittag, Arbeitsgruppen am Nachmittag. Kinderbetreuung auf Anfrage."
            )
        case .information:
            (
                "Rathaus, Foyer",
                "Wie eine interne Bewerbung abläuft, welche Fristen gelten und wer hilft. Mit Zeit für Fragen."
            )
        }
    }

    /// What the employer says to the third and the fourth of ``recommendations``.
    static let answers: [Int: (decision: String, text: String)] = [
        2: (
            "partly",
            "Aushang, Intranet und Einarbeitung nennen die Stelle ab sofort. Feste Sprechzeiten brauchen eine zweite Person; darüber sprechen wir mit dem Personalrat."
        ),
        3: (
            "accepted",
            "Wir überarbeiten die zwanzig häufigsten Formulare in vier Gruppen und lassen jede Gruppe von Prüferinnen und Prüfern für Leichte Sprache lesen."
        ),
    ]
}
