import Disclosure

/// What a coordinator reads of each rule, in the reader's language.
struct AdmissionTexts: Sendable {
    private let decision: AdmissionDecision
    private let language: Language

    init(_ decision: AdmissionDecision, in language: Language) {
        self.decision = decision
        self.language = language
    }

    private var facts: AdmissionFacts { decision.facts }
    private var few: Int { facts.parameters.kPop }

    /// Why a rule holds, or why not.
    func detail(_ rule: AdmissionRule) -> String {
        switch rule {
        case .r1: people
        case .r2: units
        case .r3: repetition
        case .r4:
            say(
                "Mit der Öffnung wird festgelegt, wie gezählt wird; danach ändert sich daran nichts mehr.",
                "Beim Öffnen wird festgelegt: So wird gezählt. Danach bleibt es so.",
                "How answers are counted is settled when the round opens, and does not change afterwards."
            )
        case .r5:
            say(
                "Es gelten die Organisationseinheiten, wie sie beim Öffnen sind; spätere Änderungen gelten ab der nächsten Runde.",
                "Es gelten die Bereiche von dem Tag, an dem die Runde öffnet. Ändern sich die Bereiche später? Das gilt erst für die nächste Runde.",
                "The units are those of the moment of opening; later changes count from the next round on."
            )
        case .s2: budget
        }
    }

    private func say(_ german: String, _ simple: String, _ english: String) -> String {
        switch language {
        case .de: german
        case .deSimple: simple
        case .en: english
        }
    }

    private var people: String {
        let (size, floor) = (facts.size, facts.floor)
        guard decision.holds(.r1) else {
            return say(
                "Gefragt würden \(size) Personen; es müssen mindestens \(floor) sein, damit niemand allein steht.",
                "Gefragt werden \(size) Menschen. Das sind zu wenige. Es müssen mindestens \(floor) sein.",
                "\(size) people would be asked; there must be at least \(floor), so that nobody stands alone."
            )
        }
        return say(
            "Gefragt werden \(size) Personen, mindestens \(floor) sind nötig.",
            "Gefragt werden \(size) Menschen. Mindestens \(floor) müssen es sein. Das passt.",
            "\(size) people are asked; at least \(floor) are needed."
        )
    }

    private var units: String {
        guard facts.audience == nil else {
            return say(
                "Gefragt werden Gäste einer Veranstaltung: Zahlen gibt es nur für alle zusammen.",
                "Gefragt werden Gäste von einer Veranstaltung. Zahlen gibt es nur für alle zusammen.",
                "Guests of an event are asked: there are numbers for all of them together only."
            )
        }
        let folded = decision.leaves.filter { !$0.isUsed }.compactMap(\.name).joined(separator: ", ")
        guard !folded.isEmpty else {
            return say(
                "Keine Organisationseinheit muss mit einer anderen zusammengezählt werden.",
                "Kein Bereich ist zu klein.",
                "No unit has to be counted together with another."
            )
        }
        return say(
            "Einheiten mit weniger als \(few) Personen zählen bei der Einheit darüber mit: \(folded).",
            "Diese Bereiche sind klein. Sie haben weniger als \(few) Menschen. Darum zählen sie beim Bereich darüber mit: \(folded).",
            "Units with fewer than \(few) people count in the unit above: \(folded)."
        )
    }

    private var repetition: String {
        guard let breach = decision.breaches.first(where: { $0.rule == .r3 }) else {
            return say(
                "In den letzten 180 Tagen wurde niemand so Ähnliches gefragt, dass sich einzelne Antworten errechnen ließen.",
                "Aus dieser Runde und den Runden davor kann niemand einzelne Antworten ausrechnen.",
                "Nobody was asked anything within the last 180 days from which single answers could be worked out."
            )
        }
        if breach == .askedLately {
            return say(
                "Das ganze Netzwerk wurde vor weniger als 28 Tagen dasselbe gefragt. Bitte später öffnen oder anders fragen.",
                "Alle im Netzwerk wurden schon das Gleiche gefragt. Das ist weniger als 28 Tage her. Bitte warten Sie oder fragen Sie etwas anderes.",
                "The whole network was asked the same less than 28 days before. Open it later, or ask something else."
            )
        }
        return say(
            "Dasselbe wurde in den letzten 180 Tagen einen Kreis gefragt, der sich um weniger als \(few) Personen unterscheidet; "
                + "aus dem Unterschied ließen sich einzelne Antworten errechnen. Bitte anders fragen oder einen anderen Kreis wählen.",
            "Fast die gleichen Menschen wurden schon das Gleiche gefragt. Man könnte einzelne Antworten ausrechnen. "
                + "Bitte fragen Sie etwas anderes oder andere Menschen.",
            "Within the last 180 days the same was asked of people who differ by fewer than \(few); single answers could be worked out "
                + "from the difference. Ask something else, or other people."
        )
    }

    private var budget: String {
        let (year, cap) = (facts.year, PrivacyLedger.yearlyCap)
        guard decision.holds(.s2) else {
            return say(
                "Strenge Runden dürfen im Jahr \(year) zusammen ein Budget von \(cap) verbrauchen; diese Runde ginge darüber.",
                "Es gab im Jahr \(year) schon viele strenge Runden. Noch eine Runde schützt die Menschen nicht mehr gut genug.",
                "Strict rounds may spend a budget of \(cap) together in \(year); this one would pass it."
            )
        }
        return say(
            "Das Budget strenger Runden für \(year) reicht aus.",
            "Im Jahr \(year) ist noch Platz für diese strenge Runde.",
            "The budget of strict rounds for \(year) is large enough."
        )
    }
}
