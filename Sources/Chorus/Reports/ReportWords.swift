/// What a report says of its own, in the language of its readers.
struct ReportWords: Sendable {
    enum Word: Sendable {
        case title, network, employer, period, asOf, source, overview, nothing, recommendations, byStatus, byDecision
        case status, count, all, decision, overdue, number, subject, dueOn, measure, publishedOn, support, answer,
            reason
        case responsible, until, outcome, evidence, item, unit, release, atLeast, negative, neutral, positive, allItems
        case allUnits
    }

    let language: ReportLanguage

    subscript(word: Word) -> String { language == .de ? Self.german(word) : Self.english(word) }

    func period(_ from: String?, _ to: String?) -> String {
        switch (language, from, to) {
        case (.de, nil, nil): "gesamte Zeit"
        case (.en, nil, nil): "all of the time"
        case (.de, let from?, nil): "seit \(from)"
        case (.en, let from?, nil): "since \(from)"
        case (.de, nil, let to?): "bis \(to)"
        case (.en, nil, let to?): "until \(to)"
        case (.de, let from?, let to?): "\(from) bis \(to)"
        case (.en, let from?, let to?): "\(from) to \(to)"
        }
    }

    func share(_ share: Double) -> String { "\(Int((share * 100).rounded()))\u{A0}%" }

    func support(_ support: RecommendationAnswer.Support) -> String {
        let (yes, no, abstain) = (share(support.yes), share(support.no), share(support.abstain))
        return switch language {
        case .de: "mindestens \(support.atLeast) Mitglieder; dafür \(yes), dagegen \(no), enthalten \(abstain)"
        case .en: "at least \(support.atLeast) members; yes \(yes), no \(no), abstained \(abstain)"
        }
    }

    func status(_ name: String) -> String {
        let (german, english) =
            switch RecommendationStatus(rawValue: name) {
            case .published: ("veröffentlicht, noch nicht beantwortet", "published, not yet answered")
            case .answered: ("beantwortet", "answered")
            case .overdue: ("Antwort überfällig", "answer overdue")
            case .planned: ("geplant", "planned")
            case .underway: ("in Umsetzung", "under way")
            case .done: ("umgesetzt", "done")
            case .stopped: ("eingestellt", "stopped")
            case nil: (name, name)
            }
        return language == .de ? german : english
    }

    func decision(_ name: String) -> String {
        let (german, english) =
            switch AnswerDecision(rawValue: name) {
            case .accepted: ("angenommen", "accepted")
            case .partly: ("teilweise angenommen", "partly accepted")
            case .declined: ("abgelehnt", "declined")
            case nil: (name, name)
            }
        return language == .de ? german : english
    }

    private static func german(_ word: Word) -> String {
        switch word {
        case .title: "Sachstandsbericht zu den Handlungsempfehlungen"
        case .network: "Netzwerk"
        case .employer: "Dienststelle"
        case .period: "Zeitraum der Veröffentlichung"
        case .asOf: "Stand"
        case .source:
            "Alle Zahlen sind veröffentlicht: gerundete Summen von Gruppen. Niemand darf versuchen, aus ihnen auf Einzelne zu schließen."
        case .overview: "Überblick"
        case .nothing: "In diesem Zeitraum wurde keine Empfehlung veröffentlicht."
        case .recommendations: "Die Empfehlungen"
        case .byStatus: "Nach Stand"
        case .byDecision: "Nach Antwort"
        case .status: "Stand der Empfehlung"
        case .count: "Anzahl"
        case .all: "Zusammen"
        case .decision: "Antwort"
        case .overdue: "Überfällige Antworten"
        case .number: "Nr."
        case .subject: "Empfehlung"
        case .dueOn: "Antwort fällig am"
        case .measure: "Maßnahme"
        case .publishedOn: "Veröffentlicht am"
        case .support: "Zustimmung der Mitglieder"
        case .answer: "Antwort"
        case .reason: "Begründung"
        case .responsible: "Verantwortlich"
        case .until: "Umzusetzen bis"
        case .outcome: "Ergebnis"
        case .evidence: "Belege, wie veröffentlicht"
        case .item: "Frage oder Thema"
        case .unit: "Einheit"
        case .release: "Veröffentlichung Nr."
        case .atLeast: "mindestens"
        case .negative: "negativ"
        case .neutral: "neutral"
        case .positive: "positiv"
        case .allItems: "alle"
        case .allUnits: "alle"
        }
    }

    private static func english(_ word: Word) -> String {
        switch word {
        case .title: "Status report on the recommendations"
        case .network: "Network"
        case .employer: "Employer"
        case .period: "Time of publication"
        case .asOf: "As of"
        case .source:
            "All numbers are released: rounded sums of groups. Nobody may try to conclude from them about a person."
        case .overview: "Overview"
        case .nothing: "No recommendation was published in this time."
        case .recommendations: "The recommendations"
        case .byStatus: "By status"
        case .byDecision: "By answer"
        case .status: "Status"
        case .count: "Count"
        case .all: "Together"
        case .decision: "Answer"
        case .overdue: "Overdue answers"
        case .number: "No."
        case .subject: "Recommendation"
        case .dueOn: "Answer due on"
        case .measure: "Measure"
        case .publishedOn: "Published on"
        case .support: "Support among members"
        case .answer: "Answer"
        case .reason: "Reason"
        case .responsible: "Responsible"
        case .until: "To be done by"
        case .outcome: "Outcome"
        case .evidence: "Evidence as released"
        case .item: "Item or theme"
        case .unit: "Unit"
        case .release: "Release no."
        case .atLeast: "at least"
        case .negative: "negative"
        case .neutral: "neutral"
        case .positive: "positive"
        case .allItems: "all"
        case .allUnits: "all"
        }
    }
}
