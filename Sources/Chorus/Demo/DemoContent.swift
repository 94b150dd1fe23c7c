/// What the made-up town says; no real place, person or event.
enum DemoContent {
    static let units = [
        "Bürgerdienste", "Jugend und Soziales", "Stadtwerke", "Bauen und Verkehr", "Kultur und Bildung",
        "Zentrale Dienste",
    ]

    static let firstNames = [
        "Amina", "Bartosz", "Cem", "Dilara", "Elif", "Farid", "Gordana", "Hoang", "Ines", "Jovan", "Kofi", "Leyla",
        "Mehmet",
        "Nadia", "Oksana", "Paolo", "Rana", "Samir", "Tijana", "Umut", "Valentina", "Wassim", "Xenia", "Yusuf", "Zofia",
    ]
    static let lastNames = [
        "Aydın", "Brandão", "Chaudhry", "Demir", "Eze", "Ferrari", "Georgiou", "Haddad", "Ivanova", "Jankowski", "Kaya",
        "Lê",
        "Mensah", "Novak", "Osmani", "Petrović", "Rahimi", "Şahin", "Tran", "Yılmaz",
    ]

    /// Title, kind, days from today, seats.
    static let events: [(title: String, kind: EventKind, days: Int, capacity: Int?)] = [
        ("Netzwerktreffen im Frühstücksraum", .meeting, 3, nil),
        ("Empowerment-Abend: Grenzen setzen im Amt", .empowerment, 6, 12),
        ("Schulung: Beschwerden nach dem AGG", .training, 9, 20),
        ("Kollegiales Coaching für neue Führungskräfte", .coaching, 12, 8),
        ("Sprechstunde mit der Antidiskriminierungsstelle", .consultation, 15, 6),
        ("Anhörung: Anerkennung ausländischer Abschlüsse", .hearing, 18, nil),
        ("Fachtag Vielfalt in der Verwaltung", .conference, 26, 150),
        ("Infoveranstaltung: Interne Stellenausschreibung", .information, 5, nil),
        ("Mehrsprachige Mittagspause", .meeting, 10, 25),
        ("Schreibwerkstatt Leichte Sprache", .training, 21, 10),
        ("Runder Tisch mit dem Personalrat", .consultation, 30, 16),
        ("Rückblick auf das erste Halbjahr", .meeting, -14, nil),
    ]

    /// Name, description, policy, themes, kind.
    static let channels: [(name: String, description: String, policy: String, themes: [String], kind: ChannelKind)] = [
        (
            "Alltag im Amt", "Was gut läuft und was nicht.",
            "Zwei Moderatorinnen lesen mit. Namen von Dritten werden vor einer Veröffentlichung entfernt.",
            ["Ton im Team", "Sprache und Formulare", "Arbeitsbelastung"], .feedback
        ),
        (
            "Ideenkasten", "Vorschläge für Auswahlverfahren, Fortbildung und Räume.",
            "Jeder Vorschlag bekommt eine Antwort. Abgelehnt wird nur, was jemanden verletzt.",
            ["Auswahl und Aufstieg", "Fortbildung", "Räume und Technik"], .suggestion
        ),
        (
            "Hinweise auf Benachteiligung", "Vertraulich; eine Antwort kommt in sieben Tagen.",
            "Wir prüfen jeden Hinweis und sagen, was daraus folgt. In Notfällen hilft die 110, nicht dieser Kanal.",
            ["Bewerbung", "Beförderung", "Äußerungen"], .report
        ),
    ]

    static let items = [
        "Ich werde in meinem Team mit Respekt behandelt.", "Auswahlverfahren sind für mich nachvollziehbar.",
        "Ich kenne jemanden, an den ich mich bei Benachteiligung wenden kann.",
        "Meine Sprachkenntnisse werden als Stärke gesehen.",
        "Ich sehe für mich Möglichkeiten zum Aufstieg.", "Unsere Formulare sind verständlich.",
    ]

    /// Title, text, measure.
    static let recommendations: [(title: String, text: String, measure: String)] = [
        (
            "Auswahlgespräche mit Leitfaden und gemischtem Gremium",
            "Viele von uns erleben Auswahlverfahren als undurchsichtig. Ein veröffentlichter Leitfaden und ein gemischtes Gremium machen sie prüfbar.",
            "Ab dem nächsten Quartal werden alle Verfahren ab E 9 mit Leitfaden geführt und dokumentiert."
        ),
        (
            "Mehrsprachigkeit als Anforderung anerkennen",
            "Wer am Schalter in mehreren Sprachen berät, trägt Verantwortung, die in keiner Stellenbeschreibung steht.",
            "Sprachkenntnisse werden in Stellenbeschreibungen aufgenommen und bei der Eingruppierung geprüft."
        ),
        (
            "Beschwerdestelle bekannt machen",
            "Zu wenige wissen, an wen sie sich wenden können.",
            "Aushang, Intranet und Einarbeitung nennen die Beschwerdestelle nach § 13 AGG mit Sprechzeiten."
        ),
        (
            "Formulare in Leichter Sprache",
            "Verständliche Formulare helfen allen, den Leuten am Schalter zuerst.",
            "Die zwanzig häufigsten Formulare werden überarbeitet und mit Betroffenen geprüft."
        ),
    ]
}
