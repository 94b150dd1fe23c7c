/// What the public page says by itself.
struct PublicRecordWords: Sendable {
    let title: String
    let duty: String
    let owed: String
    let overdue: String
    let delay: String
    let list: String
    let none: String
    let note: String
    let more: String
    let number: String
    let late: String
    let published: String
    let due: String
    let measure: String
    let evidence: String
    let evidenceHead: [String]
    let support: String
    let supportHead: [String]
    let answer: String
    let noAnswer: String
    let doneBy: String
    let outcomes: String
    let outcomesHead: [String]
    private let statuses: [String: String]
    private let decisions: [String: String]
    private let isGerman: Bool

    /// The name of a state of a recommendation or of an outcome.
    func status(_ name: String) -> String { statuses[name] ?? "" }

    /// The name of what the employer decided.
    func decision(_ name: String) -> String { decisions[name] ?? "" }

    /// A share in whole percent.
    func share(_ share: Double) -> String { "\(Int((share * 100).rounded()))\(isGerman ? "\u{A0}" : "")%" }

    /// A day as people write it.
    func day(_ day: String) -> String {
        let shown = isGerman ? day.split(separator: "-").reversed().joined(separator: ".") : day
        return "<time datetime=\"\(day)\">\(shown)</time>"
    }

    static let german = PublicRecordWords(
        title: "Handlungsempfehlungen und Antworten",
        duty: "Offene Antworten",
        owed: "Empfehlungen ohne Antwort",
        overdue: "davon überfällig",
        delay: "längste Verspätung in Tagen",
        list: "Empfehlungen",
        none: "Es gibt noch keine Empfehlungen.",
        note:
            "Alle Zahlen sind veröffentlichte, gerundete Gruppenwerte; eine fehlende Zahl sagt nichts. Niemand ist daran zu erkennen.",
        more: "Weitere Empfehlungen",
        number: "Nr.",
        late: "Antwort überfällig",
        published: "veröffentlicht am",
        due: "Antwort fällig am",
        measure: "Vorgeschlagene Maßnahme",
        evidence: "Worauf sie sich stützt",
        evidenceHead: [
            "Veröffentlichung", "Frage und Bereich", "Antworten (mindestens)", "negativ", "neutral", "positiv",
        ],
        support: "Unterstützung im Netzwerk",
        supportHead: ["Stimmen (mindestens)", "ja", "nein", "Enthaltung"],
        answer: "Stellungnahme des Arbeitgebers",
        noAnswer: "Noch keine.",
        doneBy: "umzusetzen bis",
        outcomes: "Was daraus wurde",
        outcomesHead: ["Tag", "Stand", "Was geschah"],
        statuses: [
            "published": "wartet auf Antwort", "answered": "beantwortet", "overdue": "Antwort überfällig",
            "planned": "geplant", "underway": "in Arbeit", "done": "erledigt", "stopped": "eingestellt",
        ],
        decisions: ["accepted": "angenommen", "partly": "teilweise angenommen", "declined": "abgelehnt"],
        isGerman: true
    )

    static let english = PublicRecordWords(
        title: "Recommendations and answers",
        duty: "Answers that are owed",
        owed: "recommendations without an answer",
        overdue: "of these overdue",
        delay: "longest delay in days",
        list: "Recommendations",
        none: "There are no recommendations yet.",
        note:
            "All numbers are released, rounded figures of groups; a missing number says nothing. Nobody can be recognised by them.",
        more: "More recommendations",
        number: "No.",
        late: "answer overdue",
        published: "published on",
        due: "answer due on",
        measure: "Proposed measure",
        evidence: "What it rests on",
        evidenceHead: ["Release", "Question and unit", "Answers (at least)", "negative", "neutral", "positive"],
        support: "Support in the network",
        supportHead: ["Votes (at least)", "yes", "no", "abstained"],
        answer: "The employer's answer",
        noAnswer: "None yet.",
        doneBy: "to be done by",
        outcomes: "What came of it",
        outcomesHead: ["Day", "State", "What happened"],
        statuses: [
            "published": "waits for an answer", "answered": "answered", "overdue": "answer overdue",
            "planned": "planned", "underway": "under way", "done": "done", "stopped": "stopped",
        ],
        decisions: ["accepted": "accepted", "partly": "accepted in part", "declined": "declined"],
        isGerman: false
    )
}
